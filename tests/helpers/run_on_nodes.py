"""One study on a Ray cluster of several nodes on this machine, as a program: `run_on_nodes.py CASE FOLDER`.

Prints as JSON how many nodes had a trial at work at some time, and how many trials were at work at once; before, where
a case has options that must be refused, with which words they were and which runs had begun by then.
"""

import json
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from ray.cluster_utils import Cluster

from acai_ray.common.errors import UserError
from acai_ray.sweep.ray_cluster import Options
from acai_ray.sweep.study import run
from tests.helpers.processes import name_of
from tests.helpers.small_poses import small_poses
from tests.helpers.small_studies import GRID, space_of

LONGER = {**GRID, "trial": {**GRID["trial"], "epochs": 6, "steps_per_epoch": 60}}
WIDE = {**LONGER, "points": [{"latent_dim": size, "lambda": 0.1} for size in (4, 5, 6, 7, 8)], "baseline": False}
CHECKPOINTS = "study/checkpoints"
TRAINS = "ray::ResourceTrainable.train"
"""What a process is called while its trial trains; between two calls it is named otherwise."""
RAYLET = "raylet"
"""The process of a Ray node that starts the workers."""


class Case(NamedTuple):
    """A space, the options it runs with, and options with which it must be refused."""

    space: dict[str, Any]
    options: dict[str, Any]
    refused: dict[str, Any] | None = None


CASES = {
    "left-alone": Case(LONGER, {"max_concurrent": 1}),
    "node-leaves": Case(LONGER, {"storage": CHECKPOINTS}, refused={}),
    "quarter-gpus": Case(WIDE, {"gpus_per_trial": 0.25, "cpus_per_trial": 0.25}, refused={"gpus_per_trial": 2}),
}


class Watch(threading.Thread):
    """Which raylets have a trial's process, while a study runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.nodes: set[int] = set()
        self.most = 0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.1):
            at_work = [process for process in psutil.Process().children(recursive=True) if TRAINS in name_of(process)]
            self.most = max(self.most, len(at_work))
            for process in at_work:
                with suppress(psutil.NoSuchProcess):  # it ended meanwhile
                    above = process.parent()
                    if above and RAYLET in name_of(above):  # one whose node has just left has another parent
                        self.nodes.add(above.pid)


def nodes_of(case: str) -> Cluster:
    head = {"num_cpus": 1, "include_dashboard": False}
    if "gpu" in case:
        return Cluster(initialize_head=True, head_node_args={**head, "num_cpus": 4, "num_gpus": 1})
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(2 if case == "node-leaves" else 0):
        cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    return cluster


def leave(cluster: Cluster, study: Path, watch: Watch) -> None:
    """Take a node away in the midst of the training, once all nodes train and there is a checkpoint."""
    deadline = time.monotonic() + 120
    while not (watch.most == 3 and list(study.rglob("state.json"))) and time.monotonic() < deadline:
        time.sleep(0.05)
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)


def error_of(case: Case, options: dict[str, Any], cluster: Cluster, folder: Path) -> str:
    """Run a case's study with these options; what the user is told if it is refused, or nothing."""
    storage = {"storage": str(folder / options["storage"])} if "storage" in options else {}
    try:
        chosen = Options(folder / "study", address=cluster.address, **(options | storage))
        run(space_of(case.space, folder), small_poses(), chosen)
    except UserError as error:
        return str(error)
    return ""


def main(name: str, folder: Path) -> None:
    case, cluster, watch = CASES[name], nodes_of(name), Watch()
    facts: dict[str, Any] = {}
    if case.refused is not None:
        facts["refused"] = error_of(case, case.refused, cluster, folder)
        facts["begun"] = [str(path) for path in folder.glob("study/runs/*")]
    watch.start()
    if name == "node-leaves":
        threading.Thread(target=leave, args=(cluster, folder / "study", watch), daemon=True).start()
    facts["error"] = error_of(case, case.options, cluster, folder)
    watch.over.set()
    watch.join()
    facts |= {"left": len(cluster.list_all_nodes()), "nodes": len(watch.nodes), "most": watch.most}
    print(json.dumps(facts))
    cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

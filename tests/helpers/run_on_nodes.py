"""One study on a Ray cluster of several nodes on this machine, as a program: `run_on_nodes.py CASE FOLDER`.

Prints as JSON how many nodes had a trial at work at some time, and how many trials were at work at once.
"""

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
from ray.cluster_utils import Cluster

from acai_ray.common.errors import UserError
from acai_ray.sweep.ray_cluster import Options
from acai_ray.sweep.study import run
from tests.helpers.small_poses import small_poses
from tests.helpers.small_studies import GRID, space_of

LONGER = {**GRID, "trial": {**GRID["trial"], "epochs": 6, "steps_per_epoch": 60}}
WIDE = {**LONGER, "points": [{"latent_dim": size, "lambda": 0.1} for size in (4, 5, 6, 7, 8, 9)], "baseline": False}
CASES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "three-nodes": (LONGER, {}),
    "node-leaves": (LONGER, {}),
    "no-storage": (LONGER, {}),
    "quarter-gpus": (WIDE, {"gpus_per_trial": 0.25, "cpus_per_trial": 0.25}),
    "too-much-gpu": (WIDE, {"gpus_per_trial": 2}),
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
            at_work = list(trials_at_work())
            self.nodes |= {process.ppid() for process in at_work if process.is_running()}
            self.most = max(self.most, len(at_work))


def trials_at_work() -> list[psutil.Process]:
    """The processes that train now; idle actors are named otherwise."""
    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            if any(word.startswith("ray::ResourceTrainable.train") for word in process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def nodes_of(case: str) -> Cluster:
    head = {"num_cpus": 1, "include_dashboard": False}
    if "gpu" in case:
        return Cluster(initialize_head=True, head_node_args={**head, "num_cpus": 4, "num_gpus": 1})
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(2):
        cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    return cluster


def leave(cluster: Cluster, study: Path) -> None:
    """Take a node away in the midst of the training, once there is a checkpoint."""
    deadline = time.monotonic() + 120
    while not list(study.rglob("state.json")) and time.monotonic() < deadline:
        time.sleep(0.05)
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)


def main(case: str, folder: Path) -> None:
    content, more = CASES[case]
    cluster, watch, study = nodes_of(case), Watch(), folder / "study"
    storage = None if case in ("no-storage", "quarter-gpus", "too-much-gpu") else str(study / "checkpoints")
    watch.start()
    if case == "node-leaves":
        threading.Thread(target=leave, args=(cluster, study), daemon=True).start()
    started = time.monotonic()
    try:
        options = Options(study, address=cluster.address, storage=storage, **more)
        run(space_of(content, folder), small_poses(), options)
        found: dict[str, Any] = {"error": ""}
    except UserError as error:
        found = {"error": str(error)}
    watch.over.set()
    watch.join()
    found |= {"left": len(cluster.list_all_nodes()), "nodes": len(watch.nodes), "most": watch.most}
    found["seconds"] = time.monotonic() - started
    print(json.dumps(found))
    cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

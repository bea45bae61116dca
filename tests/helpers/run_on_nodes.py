"""One study on a Ray cluster of several nodes on this machine, as a program: `run_on_nodes.py CASE FOLDER`.

Prints as JSON how many nodes had a trial at work at some time, and how many trials were at work at once; before, where
a case has options that must be refused, with which words they were and which runs had begun by then. A trial is held
in its epoch until as many are at work as should be, for on a busy machine the first may end before the last begins.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import psutil
from ray.cluster_utils import Cluster

from acai_ray.common.errors import UserError
from acai_ray.sweep.private_ray import patiently
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
PATIENCE_S = 1800.0
"""Longer than all trials take to begin, even on a busy machine."""


class Case(NamedTuple):
    """A space, the options it runs with, how many of its trials should be at work at once, and refused options."""

    space: dict[str, Any]
    options: dict[str, Any]
    at_once: int = 1
    refused: dict[str, Any] | None = None


CASES = {
    "left-alone": Case(LONGER, {"max_concurrent": 1}),
    "node-leaves": Case(LONGER, {"storage": CHECKPOINTS}, at_once=3, refused={}),
    "quarter-gpus": Case(
        WIDE, {"gpus_per_trial": 0.25, "cpus_per_trial": 0.25}, at_once=4, refused={"gpus_per_trial": 2}
    ),
}


class Watch(threading.Thread):
    """Which raylets have a trial's process while a study runs, and how many such processes there are at once.

    Once there is a checkpoint, each is suspended in its training until all are at work that should be.

    Args:
        study: the study's folder, with its checkpoints.
        at_once: how many should be at work at once.
        then: what to do when they are, before they go on.
    """

    def __init__(self, study: Path, at_once: int, then: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.study, self.at_once, self.then = study, at_once, then
        self.nodes: set[int] = set()
        self.most = 0
        self.over = threading.Event()
        self.held: set[psutil.Process] = set()
        self.until = time.monotonic() + PATIENCE_S

    def run(self) -> None:
        holding = self.at_once > 1
        while not self.over.wait(0.1):
            self.look()
            if holding and list(self.study.rglob("state.json")):
                holding = not self.all_held()

    def look(self) -> None:
        at_work = self.at_work()
        self.most = max(self.most, len(at_work))
        for process in at_work:
            with suppress(psutil.NoSuchProcess):  # it ended meanwhile
                above = process.parent()
                if above and RAYLET in name_of(above):  # one whose node has just left has another parent
                    self.nodes.add(above.pid)

    def at_work(self) -> list[psutil.Process]:
        return [process for process in psutil.Process().children(recursive=True) if TRAINS in name_of(process)]

    def all_held(self) -> bool:
        """Suspend what is at work; let all go on once it is enough, or it takes too long."""
        for process in set(self.at_work()) - self.held:
            self.hold(process)
        enough = len(self.held) >= self.at_once
        if enough:
            self.look()
            self.then()
        if enough or time.monotonic() > self.until:
            for process in self.held:
                with suppress(psutil.NoSuchProcess):  # its node has left
                    process.resume()
        return enough or time.monotonic() > self.until

    def hold(self, process: psutil.Process) -> None:
        with suppress(psutil.NoSuchProcess):
            process.suspend()
            if TRAINS in name_of(process):
                self.held.add(process)
            else:  # its epoch ended meanwhile
                process.resume()


def nodes_of(case: str) -> Cluster:
    head = {"num_cpus": 1, "include_dashboard": False, "wait": False}
    if "gpu" in case:
        head |= {"num_cpus": 4, "num_gpus": 1}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    for _ in range(2 if case == "node-leaves" else 0):
        cluster.add_node(num_cpus=1, wait=False)
    cluster.wait_for_nodes(PATIENCE_S)
    return cluster


def leave(cluster: Cluster) -> None:
    """Take a node away without a word."""
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
    case, cluster = CASES[name], patiently(lambda: nodes_of(name))
    facts: dict[str, Any] = {}
    if case.refused is not None:
        facts["refused"] = error_of(case, case.refused, cluster, folder)
        facts["begun"] = [str(path) for path in folder.glob("study/runs/*")]
    then = partial(leave, cluster) if name == "node-leaves" else lambda: None
    watch = Watch(folder / "study", case.at_once, then)
    watch.start()
    facts["error"] = error_of(case, case.options, cluster, folder)
    watch.over.set()
    watch.join()
    facts |= {"left": len(cluster.list_all_nodes()), "nodes": len(watch.nodes), "most": watch.most}
    print(json.dumps(facts))
    cluster.shutdown()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))

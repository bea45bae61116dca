"""Ray for a study, there already or started for it, and what a trial takes of its resources."""

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from acai_ray.common.command_line import doing
from acai_ray.common.errors import UserError, one_line
from acai_ray.sweep.private_ray import start
from acai_ray.training.compiled import Wanted

QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_WARN_INSUFFICENT_RESOURCE_THRESHOLD_S": "1000000",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}
"""Environment variables that keep Ray and Tune quiet and their signal handlers off; what the user has set stays."""


@dataclass(frozen=True)
class Options:
    """How a study is executed; none of it changes a number beyond rounding.

    Attributes:
        study_dir: `results/<study>`.
        cpus_per_trial: CPUs of a trial; whole ones are its threads.
        gpus_per_trial: share of a GPU; none means 0.25 where the cluster has GPUs and 0 elsewhere.
        max_concurrent: most trials at once; none means as many as the resources carry.
        time_budget_s: seconds this session may take.
        storage: where checkpoints go; none means the study's own folder.
        address: the Ray cluster; none means a private local one.
        compiling: whether training steps are compiled.
        trackers: names of experiment trackers that are told of the runs.
    """

    study_dir: Path
    cpus_per_trial: float = 1.0
    gpus_per_trial: float | None = None
    max_concurrent: int | None = None
    time_budget_s: float | None = None
    storage: str | None = None
    address: str | None = None
    compiling: Wanted = "auto"
    trackers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Resources:
    """What a trial takes, and how many run at once."""

    cpu: float
    gpu: float
    concurrent: int


@contextmanager
def cluster(options: Options, modules: Sequence[str] = ()) -> Iterator[Resources]:
    """Ray for a block, connected or started, and what a trial gets of it; a Ray that was there before is left running.

    Args:
        options: where, and what a trial takes.
        modules: paths of modules that all nodes are given.

    Raises:
        UserError: the cluster cannot be reached, or lacks what a trial needs.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
    logging.getLogger("ray").setLevel(logging.ERROR)
    logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
    ours = not ray.is_initialized()
    if ours:
        doing("starting Ray on this machine" if options.address is None else f"connecting to Ray at {options.address}")
        _connect(options.address, modules)
    try:
        yield fit_resources(options, ray.nodes())
    finally:
        if ours:
            ray.shutdown()


def _connect(address: str | None, modules: Sequence[str]) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if modules:
        quiet["runtime_env"] = {"py_modules": list(modules)}
    before = signal.getsignal(signal.SIGTERM)
    try:
        _init(address, quiet)
    finally:  # Ray installs a handler that aborts the process
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


def _init(address: str | None, quiet: dict[str, Any]) -> None:
    if address is None:
        start(**quiet)
        return
    try:
        _refuse_silent(address)
        with _muted():
            ray.init(address=address, **quiet)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise UserError(
            f"there must be a Ray cluster at the address {address}, but connecting failed "
            f"({one_line(error)}); {_connecting_remedy(error)}"
        ) from None


def _connecting_remedy(error: Exception) -> str:
    if "Version mismatch" in str(error):
        return "install the same versions of Python and Ray here as there"
    return "start it, check RAY_AUTH_MODE and the token, or leave the address out for a private local Ray"


@contextmanager
def _muted() -> Iterator[None]:
    """Discard what Ray's C++ part writes to stderr past Python: a line a second while a token is refused."""
    sys.stderr.flush()
    kept = os.dup(2)
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _refuse_silent(address: str) -> None:
    """Raise `OSError` within seconds where nothing listens at the address; Ray itself would try for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host, int(port)), timeout=10).close()


def fit_resources(options: Options, nodes: list[dict[str, Any]]) -> Resources:
    """What a trial takes of the living nodes, and how many trials they carry at once.

    Raises:
        UserError: no node can carry a trial, or several nodes have no storage in common.
    """
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    if len(alive) > 1 and options.storage is None:
        raise UserError(
            f"on several nodes checkpoints must go where all of them reach, but this cluster has {len(alive)} "
            "nodes and no --storage; give a shared folder or a URI such as s3://bucket/folder"
        )
    has_gpu = any(node.get("GPU", 0) > 0 for node in alive)
    gpu = (0.25 if has_gpu else 0.0) if options.gpus_per_trial is None else options.gpus_per_trial
    cpu = options.cpus_per_trial
    if gpu > 1 and gpu != int(gpu):
        raise UserError(
            f"a trial takes a share of one GPU or whole GPUs, but --gpus-per-trial is {gpu:g}; give 0.5 or 2"
        )
    slots = sum(_slots(node, cpu, gpu) for node in alive)
    grows = options.address is not None and options.max_concurrent is not None and options.storage is not None
    if not slots and grows:  # the cluster's autoscaler brings nodes when trials ask for them
        return Resources(cpu, gpu, options.max_concurrent or 1)
    if not slots:
        most = [max((node.get(kind, 0.0) for node in alive), default=0.0) for kind in ("CPU", "GPU")]
        raise UserError(
            f"a trial must fit on one node, but it asks for {cpu:g} CPUs and {gpu:g} GPUs and the largest node has "
            f"{most[0]:g} and {most[1]:g}; lower --cpus-per-trial or --gpus-per-trial, or, on a cluster that grows, "
            "give --address, --storage, --gpus-per-trial and --max-concurrent"
        )
    return Resources(cpu, gpu, min(slots, options.max_concurrent or slots))


def _slots(node: dict[str, float], cpu: float, gpu: float) -> int:
    by_cpu = int(node.get("CPU", 0.0) / cpu + 1e-9)
    if gpu == 0:
        return by_cpu
    gpus = node.get("GPU", 0.0)
    by_gpu = int(gpus) * int(1 / gpu + 1e-9) if gpu <= 1 else int(gpus / gpu)
    return min(by_cpu, by_gpu)

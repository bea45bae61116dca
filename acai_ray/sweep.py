"""A study from its search space to its finished tables: a Tune run over whatever the store lacks."""

import difflib
import logging
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
import ray
from ray import tune as ray_tune

from acai_ray import study_file
from acai_ray.checkpoint import Place
from acai_ray.errors import UserError
from acai_ray.evaluate import metric_names, refuse_small_splits
from acai_ray.plan import Plan, from_runs
from acai_ray.planner import Objectives, Planner
from acai_ray.poses import PoseSet
from acai_ray.recording_callback import RecordingCallback
from acai_ray.records import Recorder
from acai_ray.space import Space
from acai_ray.store import Results, load, lock, replacing
from acai_ray.trainable import PoseTrial

PROCESS_FAILURES = 3
"""How often a trial goes on after its process or node was lost."""

QUIET = {
    "RAY_AIR_NEW_OUTPUT": "0",
    "RAY_TRAIN_ENABLE_V2_MIGRATION_WARNINGS": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",
    "TUNE_WARN_INSUFFICENT_RESOURCE_THRESHOLD_S": "1000000",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
}


@dataclass(frozen=True)
class Options:
    """How a study is executed; none of it changes a number.

    Attributes:
        study_dir: `results/<study>`.
        cpus_per_trial: CPUs of a trial; whole ones are its threads.
        gpus_per_trial: share of a GPU; none means 0.25 where the cluster has GPUs and 0 elsewhere.
        max_concurrent: most trials at once; none means as many as the resources carry.
        time_budget_s: seconds this session may take.
        storage: where checkpoints go; none means the study's own folder.
        address: the Ray cluster; none means a private local one.
    """

    study_dir: Path
    cpus_per_trial: float = 1.0
    gpus_per_trial: float | None = None
    max_concurrent: int | None = None
    time_budget_s: float | None = None
    storage: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class Resources:
    """What a trial takes, and how many run at once."""

    cpu: float
    gpu: float
    concurrent: int


@dataclass(frozen=True)
class Outcome:
    """How a session of a study ended."""

    trials: int
    unfinished: int
    bad_runs: int
    out_of_time: bool


def run(space: Space, poses: PoseSet, options: Options) -> Outcome:
    """Run a study, or what is left of it.

    Args:
        space: the resolved search space.
        poses: the data.
        options: where and on what.

    Raises:
        UserError: another space, trial or data already has this study's name; resources or storage do not suffice.
    """
    study_dir = options.study_dir
    check(space, poses)
    with lock(study_dir):
        before = study_file.begin(study_dir, space.model_dump(mode="json"), poses)
        with cluster(options) as resources:
            planner, callback = _prepare(space, poses, options, before)
            status = "interrupted"
            try:
                _fit(space, poses, options, resources, planner, callback)
                callback.check()
                status = "finished" if not _unfinished(planner) else "interrupted"
            finally:
                callback.status.close()
                study_file.end(study_dir, status)
                write_history(planner.study, study_dir / "optuna.db")
    runs = load(study_dir).runs
    return Outcome(
        trials=runs["trial_id"].nunique(),
        unfinished=_unfinished(planner),
        bad_runs=int(runs["status"].isin(["failed", "diverged"]).sum()),
        out_of_time=planner.out_of_time,
    )


def check(space: Space, poses: PoseSet) -> None:
    """Refuse at once what would fail only at the end of the first trial.

    Raises:
        UserError: an objective is no metric, a search has no validation people, or a split is too small.
    """
    refuse_small_splits(poses, space.evaluation)
    if space.search is None:
        return
    if "valid" not in poses.splits:
        raise UserError(
            f"a search is judged on validation people, but {poses.name} has only {', '.join(poses.splits)}; "
            "give it a valid split, or run a grid"
        )
    known = {name for name in metric_names(poses, space.evaluation) if not name.startswith("test_")}
    for name in space.objectives:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=0.3)
            raise UserError(f"an objective is the name of a metric, but there is no {name}; near are {', '.join(near)}")


def _prepare(space: Space, poses: PoseSet, options: Options, before: Results) -> tuple[Planner, RecordingCallback]:
    plan = Plan(space, {trial.trial_id: trial for trial in from_runs(before.runs)})
    recorder = Recorder(options.study_dir, poses.fingerprint, Place.at(storage_of(options)))
    planner = Planner(plan, finished_trials(before, list(space.objectives)), recorder.created, options.time_budget_s)
    return planner, RecordingCallback(recorder, planner)


def storage_of(options: Options) -> str:
    """Where the study's checkpoints go."""
    if options.storage is None:
        return str((options.study_dir / "checkpoints").resolve())
    return f"{options.storage.rstrip('/')}/{options.study_dir.name}"


def finished_trials(results: Results, names: list[str]) -> dict[str, Objectives | None]:
    """The objectives (means over seeds) of the trials that ended; none where a run failed or diverged."""
    ended: dict[str, Objectives | None] = {}
    for trial_id, runs in results.summary().groupby("trial_id"):
        if (runs["status"] == "running").any():
            continue
        found = runs.reindex(columns=names)
        whole = (runs["status"] == "done").all() and not found.isna().any().any()
        # The same sum in the same order as in the trial, so that a resumed search sees the same bits.
        means = {name: sum(found[name].tolist()) / len(found) for name in names}
        ended[str(trial_id)] = means if whole else None
    return ended


def _unfinished(planner: Planner) -> int:
    return sum(trial_id not in planner.finished for trial_id in planner.plan.trials) + planner.missing


def _fit(
    space: Space,
    poses: PoseSet,
    options: Options,
    resources: Resources,
    planner: Planner,
    callback: RecordingCallback,
) -> None:
    trainable = ray_tune.with_parameters(
        PoseTrial,
        poses=poses,
        evaluation=space.evaluation,
        storage=storage_of(options),
        objectives=tuple(space.objectives),
    )
    trainable = ray_tune.with_resources(trainable, {"cpu": resources.cpu, "gpu": resources.gpu})
    scratch = Path(tempfile.mkdtemp(prefix="acai-ray-tune-"))
    try:
        ray_tune.Tuner(
            trainable,
            tune_config=ray_tune.TuneConfig(
                search_alg=planner,
                num_samples=-1,
                max_concurrent_trials=resources.concurrent,
                reuse_actors=True,
                trial_name_creator=lambda trial: trial.config["trial_id"],
                trial_dirname_creator=lambda trial: trial.config["trial_id"],
            ),
            run_config=ray_tune.RunConfig(
                name="study",
                storage_path=str(scratch),
                callbacks=[callback],
                failure_config=ray_tune.FailureConfig(max_failures=PROCESS_FAILURES),
                checkpoint_config=ray_tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        ).fit()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def cluster(options: Options) -> Iterator[Resources]:
    """Ray, connected or started, and what a trial gets of it.

    Raises:
        UserError: the cluster cannot be reached, or lacks what a trial needs.
    """
    os.environ.update({name: os.environ.get(name, value) for name, value in QUIET.items()})
    logging.getLogger("ray").setLevel(logging.ERROR)
    ours = not ray.is_initialized()
    if ours:
        _connect(options.address)
    try:
        yield fit_resources(options, ray.nodes())
    finally:
        if ours:
            ray.shutdown()


def _connect(address: str | None) -> None:
    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    if address is None:
        ray.init(address="local", include_dashboard=False, **quiet)
        return
    try:
        _knock(address)
        ray.init(address=address, **quiet)
    except (ConnectionError, OSError, RuntimeError, ValueError) as error:
        raise UserError(
            f"there must be a Ray cluster at the address {address}, but connecting failed "
            f"({str(error).splitlines()[0]}); start it, check RAY_AUTH_MODE and the token, or "
            "leave the address out for a private local Ray"
        ) from None


def _knock(address: str) -> None:
    """Fail within seconds where nothing listens; Ray itself tries for minutes."""
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


def write_history(study: optuna.Study, path: Path) -> None:
    """The search history as SQLite, for optuna-dashboard; replaced as a whole."""
    if not study.trials:
        return
    with replacing(path) as temporary:
        temporary.unlink(missing_ok=True)
        optuna.copy_study(
            from_study_name=study.study_name,
            from_storage=study._storage,
            to_storage=f"sqlite:///{temporary}",
            to_study_name=path.parent.name,
        )

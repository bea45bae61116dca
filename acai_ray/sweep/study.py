"""A study from its search space to its finished tables: a Tune run over whatever the store lacks."""

import difflib
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import optuna
import pandas as pd
from optuna.exceptions import OptunaError
from ray import tune as ray_tune
from sqlalchemy.exc import SQLAlchemyError

from acai_ray.common.errors import UserError
from acai_ray.common.files import replacing
from acai_ray.evaluation import metric_names
from acai_ray.evaluation.yardstick import refuse_small_splits
from acai_ray.poses import PoseSet
from acai_ray.poses.description import describe
from acai_ray.store import Results, load, lock, study_file
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.planner import Objectives, Planner
from acai_ray.sweep.ray_cluster import Options, Resources, cluster
from acai_ray.sweep.recording_callback import RecordingCallback
from acai_ray.sweep.space import Space
from acai_ray.sweep.trainable import PoseTrial
from acai_ray.training import compiled
from acai_ray.training.checkpoint import Place
from acai_ray.training.compiled import Wanted
from acai_ray.trials.records import Recorder
from acai_ray.trials.trial import from_runs

PROCESS_FAILURES = 10
"""How often a trial goes on after its process or node was lost: spot machines leave, and a trial may be long."""


@dataclass(frozen=True)
class Outcome:
    """How a session of a study ended."""

    trials: int
    unfinished: int
    bad_runs: int
    out_of_time: bool
    unconfirmed: bool
    uncompiled: int


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
    with lock(study_dir), cluster(options) as resources:
        before = study_file.begin(study_dir, space.model_dump(mode="json"), describe(poses, space.data))
        storage = storage_of(options, before)
        planner, callback = _prepare(space, poses, study_dir, storage, before, options.time_budget_s)
        try:
            _fit(space, poses, storage, options.compiling, resources, planner, callback)
            callback.check()
            outcome = _outcome(planner, load(study_dir).runs, options.compiling)
        except BaseException:
            with suppress(OSError):  # what went wrong first is told
                _close(study_dir, "interrupted", planner, callback)
            raise
        _close(study_dir, "interrupted" if outcome.unfinished else "finished", planner, callback)
    return outcome


def _close(study_dir: Path, status: str, planner: Planner, callback: RecordingCallback) -> None:
    callback.status.close()
    study_file.end(study_dir, status)
    write_history(planner.study, load(study_dir))


def _outcome(planner: Planner, runs: pd.DataFrame, compiling: Wanted) -> Outcome:
    running = runs.loc[runs["status"] == "running", "trial_id"]
    planned = set(planner.plan.trials) - set(runs["trial_id"])
    unfinished = running.nunique() + len(planned) + planner.missing
    confirm = planner.plan.space.confirm is not None and not planner.plan.of_phase("confirm")
    return Outcome(
        trials=runs["trial_id"].nunique(),
        unfinished=unfinished,
        bad_runs=int(runs["status"].isin(["failed", "diverged"]).sum()),
        out_of_time=planner.out_of_time,
        unconfirmed=confirm and not unfinished,
        uncompiled=sum(
            trial.trained and compiled.mode(trial.config, compiling) == "compiled"
            for trial in map(planner.plan.trials.__getitem__, set(runs.loc[runs["mode"] == "eager", "trial_id"]))
        ),
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


def _prepare(
    space: Space, poses: PoseSet, study_dir: Path, storage: str, before: Results, budget_s: float | None
) -> tuple[Planner, RecordingCallback]:
    plan = Plan(space, {trial.trial_id: trial for trial in from_runs(before.runs)})
    recorder = Recorder(study_dir, poses.fingerprint, Place.at(storage))
    finished = finished_trials(before, list(space.objectives) if space.search is not None else [])
    for trial_id in finished:  # what a kill between a trial's commit and its tidying left
        recorder.place.remove(trial_id)
    planner = Planner(plan, finished, recorder.created, budget_s)
    return planner, RecordingCallback(recorder, planner)


def storage_of(options: Options, study: Results) -> str:
    """Where the study's checkpoints go; elsewhere than in its own folder its id keeps it apart from its namesakes."""
    if options.storage is None:
        return str((options.study_dir / "checkpoints").resolve())
    return f"{options.storage.rstrip('/')}/{options.study_dir.name}-{study.study['id']}"


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


def _fit(
    space: Space,
    poses: PoseSet,
    storage: str,
    compiling: Wanted,
    resources: Resources,
    planner: Planner,
    callback: RecordingCallback,
) -> None:
    trainable = ray_tune.with_parameters(
        PoseTrial,
        poses=poses,
        evaluation=space.evaluation,
        storage=storage,
        objectives=tuple(space.objectives),
        compiling=compiling,
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


def write_history(study: optuna.Study, results: Results) -> None:
    """The search history as SQLite, for optuna-dashboard; replaced as a whole.

    Each trial has its metrics on validation poses, means over seeds, as user attributes; test people stay unseen.
    """
    if not study.trials:
        return
    metrics = _validation_metrics(results)
    path = results.path / "optuna.db"
    with replacing(path) as temporary:
        temporary.unlink(missing_ok=True)
        try:
            copy = optuna.create_study(
                study_name=results.path.name, storage=f"sqlite:///{temporary}", directions=study.directions
            )
            for trial in study.trials:
                trial.user_attrs |= metrics.get(trial.user_attrs.get("trial_id", ""), {})
                copy.add_trial(trial)
        except (OptunaError, SQLAlchemyError) as error:
            raise OSError(str(error).splitlines()[0]) from None


def _validation_metrics(results: Results) -> dict[str, dict[str, float]]:
    summary = results.summary()
    names = [
        name
        for name in summary.columns
        if name not in results.runs.columns and not name.startswith(("train_", "test_"))
    ]
    means = summary.groupby("trial_id")[names].mean()
    return {str(trial_id): {str(k): v for k, v in row.dropna().items()} for trial_id, row in means.iterrows()}

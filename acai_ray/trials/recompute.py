"""Computing all metrics of a study again from its saved weights; the tables are replaced trial by trial."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path
from typing import Any

import torch

import acai_ray
from acai_ray.common.errors import UserError
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import parse
from acai_ray.common.status_line import StatusLine
from acai_ray.models.pose_model import load_model
from acai_ray.poses import PoseSet
from acai_ray.poses.folds import Fold
from acai_ray.poses.reading import read_poses
from acai_ray.protocol.statuses import RunStatus
from acai_ray.store import Results, load, lock, write
from acai_ray.trials.measured_data import MeasuredData
from acai_ray.trials.measurement import Measurement, measure
from acai_ray.trials.trial import Trial, from_runs

_data: MeasuredData | None = None
"""What this worker process measures on; made when the process starts."""


def recompute(study_dir: Path, source: str | None = None) -> list[str]:
    """Measure every finished run of a study again, on all CPUs.

    Args:
        study_dir: the study; no sweep may be running on it.
        source: where its poses are now, if they were moved.

    Returns:
        A sentence for each trial that could not be measured and keeps its old rows.

    Raises:
        UserError: the study is in use, its runs are damaged, or the poses are not those it was trained on.
    """
    with lock(study_dir):
        results = load(study_dir)
        for damage in results.damaged:
            if damage.folder == "runs":
                raise UserError(f"--recompute needs to know all runs, but {study_dir}/{damage}")
        data = _measured_data(results, _poses(results, source))
        trials = [trial for trial in from_runs(results.runs) if _members(trial, results)]
        return _measure_all(trials, results, data)


def _measured_data(results: Results, poses: PoseSet) -> MeasuredData:
    """The data of the study's trials, with the folds that its `study.json` names."""
    space = _space(results)
    evaluation = parse(EvaluationConfig, space.get("evaluation", {}), f"{results.path}/study.json: evaluation")
    about = results.study.get("data", {})
    folds = [Fold.of_dict(number, fold) for number, fold in enumerate(about.get("folds") or [])]
    return MeasuredData(poses, evaluation, folds, about.get("apart") or ())


def _space(results: Results) -> dict[str, Any]:
    space = results.study.get("space")
    return space if isinstance(space, dict) else {}


def _poses(results: Results, source: str | None) -> PoseSet:
    space = _space(results)
    poses = read_poses(source or space.get("data", "synthetic"), space.get("data_options", {}))
    known = results.study.get("data", {}).get("fingerprint")
    if poses.fingerprint != known:
        raise UserError(
            f"a study is measured on the poses it was trained on, fingerprint {known}, but those of {poses.name} have "
            f"{poses.fingerprint}; say where the right ones are with --data"
        )
    return poses


def _members(trial: Trial, results: Results) -> list[int]:
    """The members that finished."""
    runs = results.runs.set_index("run_id")["status"]
    return [member for member, seed in enumerate(trial.seeds) if runs[trial.run_id(seed)] == RunStatus.DONE]


def _measure_all(trials: list[Trial], results: Results, data: MeasuredData) -> list[str]:
    workers = max(1, min(len(os.sched_getaffinity(0)), len(trials)))
    context, status, problems = multiprocessing.get_context("spawn"), StatusLine(), []
    with ProcessPoolExecutor(workers, context, _prepare, (data,)) as pool:
        futures: dict[Future[Measurement], Trial] = {
            pool.submit(_again, results.path, trial, _members(trial, results)): trial for trial in trials
        }
        try:
            for done, (trial, measurement) in enumerate(_finished(futures), start=1):
                problems += _write(results, trial, measurement)
                status.show(partial("{} of {} trials measured again".format, done, len(trials)))
        finally:
            status.close()
            pool.shutdown(cancel_futures=True)
    return problems


def _finished(futures: dict[Future[Measurement], Trial]) -> Iterator[tuple[Trial, Measurement]]:
    for future in as_completed(futures):
        yield futures[future], future.result()


def _prepare(data: MeasuredData) -> None:
    global _data
    torch.set_num_threads(1)
    _data = data


def _again(study_dir: Path, trial: Trial, members: list[int]) -> Measurement:
    assert _data is not None
    try:
        trained = members if trial.trained else []
        models = {member: load_model(study_dir / "models" / trial.run_id(trial.seeds[member])) for member in trained}
    except UserError as error:
        return Measurement(failures={0: str(error)})
    return measure(trial, models, _data.of(trial.fold).yardstick)


def _write(results: Results, trial: Trial, measurement: Measurement) -> list[str]:
    """Replace the trial's rows, unless a member failed; returns why they stay."""
    if measurement.failures:
        return [f"{trial.trial_id} keeps its old numbers: {reason}" for reason in measurement.failures.values()]
    footer = {
        "code_version": acai_ray.__version__,
        "data_fingerprint": str(results.study.get("data", {}).get("fingerprint")),
    }
    for table, rows in measurement.tables(trial).items():
        write(results.path, table, trial.trial_id, rows, **footer)
    return []

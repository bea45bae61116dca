"""What is measured at rungs changes no other number of a trial, and is told again where it may have been lost."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.evaluation.rung_sample import rung_yardstick
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses import PoseSet
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.training.checkpoint import Place
from acai_ray.trials import rung_measurement
from acai_ray.trials.run_trial import EpochEnd, run_trial
from acai_ray.trials.rung_measurement import RungMeasurement, column_of
from acai_ray.trials.trial import Trial
from tests.helpers.training import numbers, small

SIZES = EvaluationConfig(pairs=10, transitions=5, distance_pairs=4, generated=50, targets=20, critic_draws=10)
NAMES = ("reconstruction_mpjpe_mm", "path_coverage")
TRIAL = Trial("s00000", Phase.SEARCH, small(epochs=4), (0, 1))


@pytest.fixture(scope="module")
def yardstick(pose_set: PoseSet) -> Yardstick:
    return Yardstick(pose_set, SIZES)


def epochs_of(trial: Trial, poses: PoseSet, yardstick: Yardstick, folder: Path, *rungs: int) -> Iterator[EpochEnd]:
    measured = RungMeasurement(rungs, NAMES, rung_yardstick(poses, yardstick)) if rungs else None
    return run_trial(trial, poses, yardstick, Place.at(str(folder)), objectives=NAMES, rungs=measured)


def without_rungs(rows: Any) -> list[dict[str, Any]]:
    return numbers({name: value for name, value in row.items() if not name.startswith("rung_")} for row in rows)


def test_no_number_changes_because_rungs_are_measured(pose_set: PoseSet, yardstick: Yardstick, tmp_path: Path) -> None:
    *_, plain = epochs_of(TRIAL, pose_set, yardstick, tmp_path / "plain")
    *early, whole = epochs_of(TRIAL, pose_set, yardstick, tmp_path / "rungs", 1, 3, 4)
    assert [epoch.if_stopped is not None for epoch in early] == [True, False, True, False]
    assert without_rungs(whole.history) == without_rungs(plain.history)
    assert whole.objectives == plain.objectives
    assert plain.end is not None
    assert whole.end is not None
    for table in ("metrics", "curves", "subjects"):
        assert repr(whole.end.tables[table]) == repr(plain.end.tables[table])
    weights = [Place.at(str(tmp_path / name)).newest_weights("s00000") for name in ("plain", "rungs")]
    assert weights[0] is not None
    assert weights[1] is not None
    for kind, of_kind in weights[0].items():
        assert all((weights[1][kind][name] == value).all() for name, value in of_kind.items())
    columns = set(map(column_of, NAMES))
    assert [columns <= row.keys() for row in whole.history] == [True, False, True, False] * 2


def test_a_trial_that_stands_at_a_rung_says_so_again(pose_set: PoseSet, yardstick: Yardstick, tmp_path: Path) -> None:
    arguments = (TRIAL, pose_set, yardstick, tmp_path, 2)
    *_, second = itertools.islice(epochs_of(*arguments), 2)
    again, third, fourth, last = epochs_of(*arguments)
    assert (again.epoch, again.history, again.if_stopped) == (2, second.history, second.if_stopped)
    assert [(epoch.epoch, epoch.if_stopped) for epoch in (third, fourth, last)] == [(3, None), (4, None), (4, None)]
    assert numbers(third.history)[:2] == numbers(second.history)[:2]


def test_how_a_trial_would_end_at_a_rung(pose_set: PoseSet, yardstick: Yardstick, tmp_path: Path) -> None:
    first = next(epochs_of(TRIAL, pose_set, yardstick, tmp_path, 1))
    assert first.if_stopped is not None
    assert [(one.status, one.epochs) for one in first.if_stopped.members] == [(RunStatus.STOPPED, 1)] * 2
    assert not first.if_stopped.tables
    assert first.if_stopped.wall_s > 0
    assert first.if_stopped.where.mode == "eager"


def test_what_cannot_be_measured_costs_the_trial_nothing(
    pose_set: PoseSet, yardstick: Yardstick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> dict[str, float]:
        raise ValueError("no such decoder")

    monkeypatch.setattr(rung_measurement, "quick_values", refuse)
    *_, last = epochs_of(TRIAL, pose_set, yardstick, tmp_path, 1)
    assert last.end is not None
    assert last.end.all_done
    assert not any(column_of(name) in row for row in last.history for name in NAMES)

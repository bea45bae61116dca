"""How far a study is: all trials known from the start, and a clock that never goes up."""

import pytest

from acai_ray.common.settings import parse
from acai_ray.sweep import progress
from acai_ray.sweep.counting import count_control_trials, count_trials
from acai_ray.sweep.progress import Progress
from acai_ray.sweep.space import Space
from acai_ray.trials.trial import Trial
from tests.helpers.planning import finished, measured, planner

SEARCH = {
    "search": {"latent_dim": {"choice": [4, 8]}, "lambda": {"log_uniform": [1e-3, 1.0]}},
    "trials": 6,
    "seeds": 2,
    "confirm": {"seeds": 3, "picks": ["strong"]},
    "trial": {"epochs": 10},
}


def test_all_trials_are_known_from_the_start() -> None:
    space = parse(Space, SEARCH, "space")
    standing = Progress(planner(space, [], {})).standing()
    expected = sum(size.trials for size in count_trials(space).values()) + count_control_trials(space)
    assert [phase.name for phase in standing.phases] == ["search", "twins", "controls", "confirm"]
    assert sum(phase.total for phase in standing.phases) == expected
    assert standing.left_s is None


def test_the_time_left_counts_down_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    one = planner(parse(Space, SEARCH, "space"), [], {})
    watched = Progress(one)
    config = one.suggest("t0")
    assert isinstance(config, dict)
    trial = Trial.of_config(config)
    rows = [{"epoch": 1, "valid_mpjpe_mm": error} for error in (40.0, 42.0)]
    now[0] = 10.0
    watched.count(trial, 1, rows)
    left = watched.standing().left_s
    assert left is not None
    assert [running.error_mm for running in watched.standing().running] == [41.0]
    now[0] = 500.0
    assert watched.standing().left_s == max(0.0, left - 490.0)
    assert watched.standing().passed_s == 500.0
    one.on_trial_complete("t0", finished(measured(trial)))
    assert watched.standing().done == 1

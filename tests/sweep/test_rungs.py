"""Rungs stop trials of a search and nothing else, say so to Optuna, and decide the same after any kill."""

import itertools
from typing import Any

import pytest
from optuna.trial import TrialState

from acai_ray.common.settings import parse
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.progress import Progress
from acai_ray.sweep.rungs import SHARE, Rungs
from acai_ray.sweep.space import Space
from acai_ray.sweep.stop import Stop
from acai_ray.trials.rung_measurement import column_of
from acai_ray.trials.standing import line
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import MemberEnd, TrialEnd
from tests.helpers.stopping import Written, rows_of, session, steps

SEARCH: dict[str, Any] = {
    "search": {
        "latent_dim": {"choice": [4, 8]},
        "lambda": {"log_uniform": [1e-3, 1.0]},
        "gamma": {"uniform": [0.0, 0.5]},
    },
    "trials": 16,
    "seeds": 2,
    "confirm": {"seeds": 3},
    "controls": False,
    "stop": {"at": [1, 3], "keep": 0.5},
    "trial": {"epochs": 4},
}
ONE = {**SEARCH, "objectives": {"path_bone_excess_mm": "min"}}
TWO = {**SEARCH, "objectives": {"path_bone_excess_mm": "min", "path_coverage": "max"}}


def searched(content: dict[str, Any]) -> tuple[Any, Written]:
    """A search that was never interrupted."""
    disk = Written()
    one = session(parse(Space, content, "space"), disk)
    for _ in steps(one, disk):
        pass
    return one, disk


@pytest.mark.parametrize("content", [ONE, TWO, SEARCH], ids=["one objective", "two", "three"])
def test_only_trials_of_the_search_are_stopped_and_optuna_has_them_as_pruned(content: dict[str, Any]) -> None:
    one, disk = searched(content)
    stopped = {name for name, status in disk.status.items() if status == RunStatus.STOPPED}
    assert stopped == one.rungs.stopped
    assert stopped
    assert {disk.trials[name].phase for name in stopped} == {Phase.SEARCH}
    assert {trial.phase for trial in disk.trials.values()} == {Phase.SEARCH, Phase.BASELINE, Phase.CONFIRM}
    for told in one.study.trials:
        name = told.user_attrs["trial_id"]
        assert told.state == (TrialState.PRUNED if name in stopped else TrialState.COMPLETE)
        has_values = len(content["objectives"]) == 1 if "objectives" in content else False
        if name in stopped:
            assert dict(told.intermediate_values) == (one.rungs.intermediate(name) if has_values else {})
    picked = {trial.config for trial in disk.trials.values() if trial.pick}
    assert picked
    assert not picked & {disk.trials[name].config for name in stopped}


def test_a_stopped_trial_was_compared_within_its_latent_size_only() -> None:
    _, disk = searched(ONE)
    for latent_dim in (4, 8):
        seen: dict[int, list[float]] = {1: [], 3: []}
        for trial in (trial for trial in disk.trials.values() if trial.phase == Phase.SEARCH):
            if trial.config.latent_dim != latent_dim:
                continue
            for row in (row for row in disk.history[trial.trial_id] if SHARE in row and row["run_id"].endswith("-0")):
                value = row[column_of("path_bone_excess_mm")]
                before = seen[row["epoch"]]
                assert row[SHARE] == sum(other < value for other in before) / (len(before) + 1)
                before.append(value)
        assert len(seen[1]) == 8
        assert 0 < len(seen[3]) < 8


def state_of(one: Any, disk: Written) -> tuple[Any, ...]:
    told = [(t.state, t.params, t.values, dict(t.intermediate_values)) for t in one.study.trials]
    return disk.trials, disk.status, disk.history, disk.objectives, told


@pytest.mark.parametrize("content", [ONE, SEARCH], ids=["one objective", "three"])
def test_a_search_killed_anywhere_takes_the_same_decisions(content: dict[str, Any]) -> None:
    space, whole = parse(Space, content, "space"), searched(content)
    first = Written()
    for _ in itertools.islice(steps(session(space, first), first), 0, None, 4):
        disk = first.copied()  # as a kill leaves it
        for steps_done in (3, 3, None):  # killed twice more, after a few steps
            one = session(space, disk)
            for _ in itertools.islice(steps(one, disk), steps_done):
                pass
        assert state_of(one, disk) == state_of(*whole)


def trial_of(number: int = 0, **config: Any) -> Trial:
    space = parse(Space, SEARCH, "space")
    return Trial(f"s{number:05d}", Phase.SEARCH, space.trial_config({"latent_dim": 4, "lam": 0.1, **config}), (0, 1))


def test_regularizers_are_not_compared_with_each_other() -> None:
    rungs = Rungs(Stop(at=[1], keep=0.5), {"path_bone_excess_mm": "min"})
    first, other, same = trial_of(0), trial_of(1, regularizer="denoising"), trial_of(2)
    for trial, value in ((first, 1.0), (other, 2.0), (same, 2.0)):
        history = rows_of(trial, 1, (1,), lambda *_, value=value: {"path_bone_excess_mm": value})
        assert rungs.goes_on(trial, 1, history) == (trial is not same)


def test_a_decision_stands_whatever_came_since() -> None:
    rungs = Rungs(Stop(at=[1], keep=0.5), {"path_bone_excess_mm": "min"})
    decided = [
        rungs.goes_on(trial_of(n), 1, rows_of(trial_of(n), 1, (1,), lambda *_, n=n: {"path_bone_excess_mm": 9.0 - n}))
        for n in range(4)
    ]
    assert decided == [True] * 4
    worst = rows_of(trial_of(0), 1, (1,), lambda *_: {"path_bone_excess_mm": 9.0})
    assert rungs.goes_on(trial_of(0), 1, worst)


def test_a_trial_with_a_diverged_seed_is_behind_and_keeps_that_seeds_reason() -> None:
    rungs = Rungs(Stop(at=[1], keep=0.5), {"path_bone_excess_mm": "min"})
    whole, half = trial_of(0), trial_of(1)
    assert rungs.goes_on(whole, 1, rows_of(whole, 1, (1,)))
    assert not rungs.goes_on(half, 1, rows_of(half, 1, (1,))[1:])
    end = TrialEnd([MemberEnd(RunStatus.DIVERGED, "not finite", 0), MemberEnd(RunStatus.STOPPED, "", 1)])
    first, second = rungs.stopped_end(half, end).members
    assert (first.status, first.reason) == (RunStatus.DIVERGED, "not finite")
    assert second.status == RunStatus.STOPPED
    assert second.reason == (
        "a seed diverged, so 50% of the trials compared at the rung of epoch 1 were ahead of it, and keep is 0.5"
    )


def test_a_vanilla_trial_of_the_search_is_never_stopped() -> None:
    assert trial_of().may_be_stopped
    assert not trial_of(lam=0.0).may_be_stopped
    for phase in set(Phase) - {Phase.SEARCH}:
        assert not Trial("x00000", phase, trial_of().config, (0,)).may_be_stopped


def test_the_terminal_counts_what_was_stopped_apart_from_what_failed() -> None:
    one, _ = searched(TWO)
    said = line(Progress(one).standing())
    assert f" · {len(one.rungs.stopped)} stopped at a rung · 0 failed · " in said

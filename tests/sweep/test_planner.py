"""The planner hands out the right trials in the right order, and a resumed search goes on as if never stopped."""

from collections.abc import Callable
from typing import Any

import pytest
from ray.tune.search import Searcher

from acai_ray.common.settings import parse
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.planner import Objectives, Planner
from acai_ray.sweep.progress import Progress
from acai_ray.sweep.reports import Report, pack
from acai_ray.sweep.space import Space
from acai_ray.trials.trial import Trial

SEARCH = {
    "search": {
        "latent_dim": {"choice": [4, 8]},
        "lambda": {"log_uniform": [1e-3, 1.0]},
        "gamma": {"uniform": [0.0, 0.5]},
    },
    "trials": 14,
    "seeds": 2,
    "confirm": {"picks": ["strong"], "seeds": 3},
    "controls": False,
    "trial": {"epochs": 3},
}


def measured(trial: Trial) -> Objectives:
    """A made-up outcome that depends on the settings alone."""
    config = trial.config
    return {
        "reconstruction_mpjpe_mm": 50 + config.latent_dim / 10 + config.lam,
        "path_bone_excess_mm": 5 + abs(config.lam - 0.05) * 10,
        "path_coverage": 0.5 - abs(config.gamma - 0.2),
    }


def finished(values: Objectives | None) -> dict[str, Any]:
    """What Tune hands over when a trial ends."""
    return pack(Report(epoch=3, all_done=values is not None, objectives=values or {}))


def planner(space: Space, trials: list[Trial], ended: dict[str, Objectives | None], **options: float) -> Planner:
    plan = Plan(space, {trial.trial_id: trial for trial in sorted(trials, key=lambda trial: trial.trial_id)})
    return Planner(plan, ended, lambda trial: None, options.get("budget_s"))


def work(one: Planner, stop_after: int = 1000, outcome: Callable[[Trial], Objectives | None] = measured) -> list[Trial]:
    """Run trials one after another; the one after the last is handed out but not finished."""
    done: list[Trial] = []
    while (config := one.suggest(f"t{len(done)}")) != Searcher.FINISHED:
        assert isinstance(config, dict)
        done.append(Trial.of_config(config))
        if len(done) > stop_after:
            break
        one.on_trial_complete(f"t{len(done) - 1}", finished(outcome(done[-1])))
    return done


def test_order_is_search_with_twins_then_confirmation() -> None:
    done = work(planner(parse(Space, SEARCH, "space"), [], {}))
    phases = [trial.phase for trial in done]
    assert phases.count("search") == 14
    assert phases.count("baseline") == 2
    assert phases[-4:] == ["confirm"] * 4
    assert [trial.arm for trial in done[-4:]] == ["acai", "vanilla"] * 2
    assert {trial.config.latent_dim for trial in done if trial.phase == "baseline"} == {4, 8}
    fresh = {seed for trial in done if trial.phase == "confirm" for seed in trial.seeds}
    assert not fresh & {seed for trial in done if trial.phase != "confirm" for seed in trial.seeds}


@pytest.mark.parametrize("cut", [0, 1, 2, 5, 9, 13, 15, 17])
def test_resumed_search_equals_uninterrupted(cut: int) -> None:
    space = parse(Space, SEARCH, "space")
    whole = work(planner(space, [], {}))
    first = planner(space, [], {})
    begun = work(first, stop_after=cut)
    assert begun[-1].trial_id not in first.finished
    created = list(first.plan.trials.values()) if cut > 14 else begun
    second = work(planner(space, created, {name: first.finished[name] for name in first.finished}))
    assert [trial.trial_id for trial in second].count(begun[-1].trial_id) == 1
    assert {trial.trial_id: trial for trial in [*begun, *second]} == {trial.trial_id: trial for trial in whole}


def test_failed_trials_are_told_to_optuna_and_never_confirmed() -> None:
    one = planner(parse(Space, SEARCH, "space"), [], {})
    done = work(one, outcome=lambda trial: None if trial.phase == "search" and trial.number % 2 else measured(trial))
    states = [trial.state.name for trial in one.study.trials]
    assert states == ["COMPLETE", "FAIL"] * 7
    even = {trial.config for trial in done if trial.phase == "search" and trial.number % 2 == 0}
    assert {trial.config for trial in done if trial.phase == "confirm" and trial.arm == "acai"} <= even


def test_more_trials_go_on_with_the_search() -> None:
    fewer = parse(Space, {**SEARCH, "trials": 6}, "space")
    first = planner(fewer, [], {})
    work(first)
    known = list(first.plan.trials.values())
    more = work(planner(parse(Space, SEARCH, "space"), known, first.finished))
    assert [trial.trial_id for trial in more if trial.phase == "search"] == [f"s{n:05d}" for n in range(6, 14)]
    uninterrupted = [trial for trial in work(planner(parse(Space, SEARCH, "space"), [], {})) if trial.phase == "search"]
    assert [trial for trial in more if trial.phase == "search"] == uninterrupted[6:]


def test_a_search_trial_whose_files_are_gone_is_suggested_again() -> None:
    space = parse(Space, SEARCH, "space")
    first = planner(space, [], {})
    work(first)
    kept = [trial for trial in first.plan.trials.values() if trial.trial_id != "s00003"]
    ended = {name: values for name, values in first.finished.items() if name != "s00003"}
    again = work(planner(space, kept, ended))
    assert [trial.trial_id for trial in again] == ["s00003"]
    assert again[0] == first.plan.trials["s00003"]


def test_confirmation_waits_for_running_trials() -> None:
    one = planner(parse(Space, {**SEARCH, "trials": 1}, "space"), [], {})
    first, twin = one.suggest("a"), one.suggest("b")
    assert isinstance(first, dict)
    assert isinstance(twin, dict)
    assert one.suggest("c") is None
    one.on_trial_complete("a", finished(measured(Trial.of_config(first))))
    assert one.suggest("c") is None
    one.on_trial_complete("b", finished(measured(Trial.of_config(twin))))
    third = one.suggest("c")
    assert isinstance(third, dict)
    assert third["phase"] == "confirm"


def test_time_budget_stops_the_search_and_still_confirms() -> None:
    one = planner(parse(Space, SEARCH, "space"), [], {}, budget_s=1e9)
    done = work(one, stop_after=5)
    one._budget_s = 0.0
    one.on_trial_complete(f"t{len(done) - 1}", finished(measured(done[-1])))
    rest = work(one)
    assert one.out_of_time
    assert one.missing > one.coming == 0
    assert one.remaining() == 0
    assert {trial.phase for trial in rest} <= {"baseline", "confirm"}
    assert rest[-1].phase == "confirm"


def test_points_run_exactly_and_bring_the_twins_they_lack() -> None:
    space = parse(
        Space,
        {
            "points": [
                {"latent_dim": 4, "lambda": 0.1},
                {"latent_dim": 8, "lambda": 0},
                {"latent_dim": 8, "lambda": 1},
            ],
            "controls": False,
        },
        "space",
    )
    done = work(planner(space, [], {}), outcome=measured)
    assert [trial.trial_id for trial in done] == ["g00000", "g00001", "g00002", "b00000"]
    assert done[-1].config.latent_dim == 4
    assert done[-1].arm == "vanilla"


def test_controls_follow_the_first_vanilla_trial_of_their_latent_size() -> None:
    one = planner(parse(Space, {**SEARCH, "controls": True}, "space"), [], {})
    done = work(one)
    latent_dims = {trial.config.latent_dim for trial in done if trial.phase == "search"}
    controls = [trial for trial in done if trial.phase == "control"]
    assert len(controls) == len({trial.run_id(0) for trial in controls}) == 3 + 4 * len(latent_dims)
    first = next(place for place, trial in enumerate(done) if trial.phase == "baseline")
    assert [trial.phase for trial in done[first + 1 : first + 8]] == ["control"] * 7
    assert [trial.control for trial in done[first + 1 : first + 8]][-1] == "chaos"
    confirmed = [trial.phase for trial in done].index("confirm")
    assert {trial.phase for trial in done[confirmed:]} == {"confirm"}


@pytest.mark.parametrize("cut", [2, 5, 11])
def test_a_resumed_search_with_controls_equals_the_uninterrupted_one(cut: int) -> None:
    space = parse(Space, {**SEARCH, "controls": True}, "space")
    whole = work(planner(space, [], {}))
    before = work(planner(space, [], {}), stop_after=cut)
    ended = {trial.trial_id: measured(trial) for trial in before[:-1]}
    after = work(planner(space, before, ended))
    assert {trial.trial_id: trial for trial in before + after} == {trial.trial_id: trial for trial in whole}


def test_controls_without_objectives_are_no_failures() -> None:
    one = planner(parse(Space, {**SEARCH, "trials": 1, "controls": True}, "space"), [], {})
    work(one, outcome=lambda trial: None if trial.phase == "control" else measured(trial))
    assert "0 failed" in Progress(one).text()
    failed = planner(parse(Space, {**SEARCH, "trials": 1}, "space"), [], {})
    work(failed, outcome=lambda trial: None)
    assert "2 failed" in Progress(failed).text()


def test_no_control_is_the_best_so_far() -> None:
    space = parse(Space, {**SEARCH, "trials": 1, "controls": True}, "space")
    done = work(planner(space, [], {}))
    real = dict.fromkeys(space.objectives, 0.0)
    ended = {trial.trial_id: real if trial.phase == "control" else measured(trial) for trial in done}
    assert "best reconstruction_mpjpe_mm 5" in Progress(planner(space, done, ended)).text()

"""The planner hands out the right trials in the right order, and a resumed search goes on as if never stopped."""

from typing import Any

import pytest

from acai_ray.common.settings import parse
from acai_ray.protocol.confirmation import named
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.distinct import as_trained
from acai_ray.sweep.progress import Progress
from acai_ray.sweep.space import DEFAULT_OBJECTIVES, Space
from acai_ray.trials.trial import Trial
from tests.helpers.planning import finished, measured, planner, work

SEARCH = {
    "search": {
        "latent_dim": {"choice": [4, 8]},
        "lambda": {"log_uniform": [1e-3, 1.0]},
        "gamma": {"uniform": [0.0, 0.5]},
    },
    "trials": 14,
    "seeds": 2,
    "confirm": {"seeds": 3},
    "controls": False,
    "trial": {"epochs": 3},
}


def test_a_confirmation_in_folds_trains_each_pick_in_each_fold_and_is_counted_so() -> None:
    space = parse(Space, {**SEARCH, "confirm": {"picks": ["strong"], "seeds": 1, "folds": 5}}, "space")
    one = planner(space, [], {})
    done = work(one)
    confirmed = [trial for trial in done if trial.phase == Phase.CONFIRM]
    assert [trial.fold for trial in confirmed] == [fold for fold in range(5) for _ in range(4)]
    assert {trial.pick for trial in confirmed if trial.config.lam > 0} == {"strong"}
    before = planner(space, [trial for trial in done if trial.phase != Phase.CONFIRM], dict(one.finished))
    assert before.remaining() == 5 * 4 * 3


def test_order_is_search_with_twins_then_confirmation() -> None:
    done = work(planner(parse(Space, SEARCH, "space"), [], {}))
    phases = [trial.phase for trial in done]
    assert phases.count("search") == 14
    assert phases.count("baseline") == 2
    confirmed = done[phases.index("confirm") :]
    assert {trial.phase for trial in confirmed} == {"confirm"}
    for latent_dim in (4, 8):
        of_size = [trial for trial in confirmed if trial.config.latent_dim == latent_dim]
        assert [trial.arm for trial in of_size].count("vanilla") == 1
        names = [name for trial in of_size for name in named(trial.pick)]
        assert sorted(names) == ["balanced", "free", "strong"]
        assert all(bool(trial.pick) == (trial.arm == "acai") for trial in of_size)
    assert not any(trial.pick for trial in done if trial.phase != "confirm")
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
    without = {**SEARCH, "confirm": None}
    fewer = parse(Space, {**without, "trials": 6}, "space")
    first = planner(fewer, [], {})
    work(first)
    known = list(first.plan.trials.values())
    more = work(planner(parse(Space, without, "space"), known, first.finished))
    assert [trial.trial_id for trial in more if trial.phase == "search"] == [f"s{n:05d}" for n in range(6, 14)]
    whole = work(planner(parse(Space, without, "space"), [], {}))
    uninterrupted = [trial for trial in whole if trial.phase == "search"]
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
    assert one.missing > 0
    rest = work(one)
    assert one.out_of_time
    assert one.picked_after == len(one.plan.of_phase(Phase.SEARCH)) < 14
    assert one.missing == one.coming == 0  # its picks are made, so it is over
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


def test_chaos_stands_beside_each_kind_of_codes_and_no_other_control_does() -> None:
    search = {"codes": {"choice": ["sphere", "flat"]}, "lambda": {"log_uniform": [1e-3, 1.0]}}
    done = work(planner(parse(Space, {**SEARCH, "search": search, "controls": True}, "space"), [], {}))
    controls = [trial for trial in done if trial.phase == "control"]
    latent_dim = controls[-1].config.latent_dim
    chaos = {trial.run_id(1): trial.config.codes for trial in controls if trial.control == "chaos"}
    assert chaos == {f"control-chaos-{latent_dim}-1": "sphere", f"control-chaos-{latent_dim}-flat-1": "flat"}
    assert len(controls) == 3 + 3 + len(chaos)


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
    assert Progress(one).standing().failed == 0
    failed = planner(parse(Space, {**SEARCH, "trials": 1}, "space"), [], {})
    work(failed, outcome=lambda trial: None)
    assert Progress(failed).standing().failed == 2


def test_no_control_is_the_best_so_far() -> None:
    space = parse(Space, {**SEARCH, "trials": 1, "controls": True}, "space")
    done = work(planner(space, [], {}))
    real = dict.fromkeys(space.objectives, 0.0)
    ended = {trial.trial_id: real if trial.phase == "control" else measured(trial) for trial in done}
    best = Progress(planner(space, done, ended)).standing().best
    assert best is not None
    assert best.name == "s00000"
    own, twin = best.values["reconstruction_mpjpe_mm"]
    assert own > twin > 50  # the made-up outcome adds λ


def test_the_picks_are_made_once_and_noted_before_they_are_trained() -> None:
    noted: list[int] = []
    one = planner(parse(Space, SEARCH, "space"), [], {}, picked=noted.append)
    done = work(one)
    assert noted == [14]
    known = list(one.plan.trials.values())
    longer = parse(Space, {**SEARCH, "trials": 20}, "space")
    again = planner(longer, known, one.finished, picked_after=14, picked=noted.append)
    assert work(again) == []
    assert noted == [14]
    assert set(again.plan.trials.values()) == set(done)


@pytest.mark.parametrize("lost", ["s00005", "s00013", "c00000", "c00001"])
def test_what_is_lost_after_the_picks_comes_back_as_it_was(lost: str) -> None:
    space = parse(Space, SEARCH, "space")
    first = planner(space, [], {})
    work(first)
    kept = [trial for trial in first.plan.trials.values() if trial.trial_id != lost]
    ended = {name: values for name, values in first.finished.items() if name != lost}
    again = work(planner(space, kept, ended, picked_after=14))
    same = first.plan.trials[lost]
    assert [(one.config, one.seeds, one.pick) for one in again] == [(same.config, same.seeds, same.pick)]


def test_the_picks_use_what_the_search_does_not_optimise() -> None:
    space = parse(Space, {**SEARCH, "objectives": {"path_coverage": "max"}}, "space")
    one = planner(space, [], {})
    done = work(one)
    assert {name for trial in done for name in named(trial.pick)} == {"free", "balanced", "strong"}
    assert all(len(trial.values) == 1 for trial in one.study.trials)


FEW: dict[str, Any] = {
    "search": {
        "lambda": {"choice": [0.0, 0.1, 0.2]},
        "gamma": {"choice": [0.1, 0.3]},
        "depth": {"int_uniform": [1, 2]},
    },
    "trials": 40,
    "seeds": 2,
    "controls": False,
}


class TestFewSettings:
    """A search over few settings tries each once, then it is over."""

    @pytest.mark.parametrize("seed", range(4))
    @pytest.mark.parametrize("objectives", [1, 3])
    def test_each_is_trained_once(self, seed: int, objectives: int) -> None:
        names = dict(list(DEFAULT_OBJECTIVES.items())[:objectives])
        space = parse(Space, {**FEW, "seed": seed, "objectives": names}, "space")
        one = planner(space, [], {})
        done = work(one)
        trained = [as_trained(trial.config) for trial in done]
        assert len(set(trained)) == len(trained) == 2 * (2 * 2 + 1)  # λ = 0 is one setting, whatever γ is
        assert one.missing == one.coming == one.plan.untried == 0
        assert len(done) == len(one.finished)
        assert one.remaining() == 0

    def test_more_trials_than_settings_are_counted_down(self) -> None:
        one = planner(parse(Space, {**FEW, "trials": 6}, "space"), [], {})
        assert one.missing == 6
        done = work(one)
        assert [trial.phase for trial in done].count("search") == 6
        assert one.missing == 0

    @pytest.mark.parametrize("cut", [1, 4, 8])
    def test_a_resumed_one_equals_the_uninterrupted_one(self, cut: int) -> None:
        space = parse(Space, FEW, "space")
        whole = work(planner(space, [], {}))
        first = planner(space, [], {})
        begun = work(first, stop_after=cut)
        second = work(planner(space, begun, first.finished))
        assert {trial.trial_id: trial for trial in [*begun, *second]} == {trial.trial_id: trial for trial in whole}

    def test_several_at_once_repeat_nothing(self) -> None:
        one = planner(parse(Space, FEW, "space"), [], {})
        running: list[tuple[str, Trial]] = []
        trained = []
        for number in range(100):
            config = one.suggest(f"t{number}")
            if isinstance(config, dict):
                running.append((f"t{number}", Trial.of_config(config)))
                trained.append(as_trained(running[-1][1].config))
            if len(running) == 3 or not isinstance(config, dict):
                if not running:
                    break
                tune_id, trial = running.pop(0)
                one.on_trial_complete(tune_id, finished(measured(trial)))
        assert len(set(trained)) == len(trained) == 10

    def test_failed_ones_are_not_tried_again(self) -> None:
        one = planner(parse(Space, FEW, "space"), [], {})
        trained = [as_trained(trial.config) for trial in work(one, outcome=lambda trial: None)]
        assert len(set(trained)) == len(trained) == 10

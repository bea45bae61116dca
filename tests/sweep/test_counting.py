"""What is said before a study starts is what it then comes to."""

from typing import Any

import pytest

from acai_ray.common.settings import parse
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.counting import (
    count_controls,
    count_trials,
    deciding,
    describe_trials,
    most_steps_saved,
    typical_config,
)
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.space import Space, load_space

GRID = {"grid": {"latent_dim": [4, 8], "lambda": [0, 0.1, 0.3], "lr": [0.01, 0.001]}, "seeds": 3}
SEARCH = {
    "search": {
        "latent_dim": {"choice": [4, 8]},
        "lambda": {"log_uniform": [0.001, 1.0]},
        "depth": {"choice": [1, 2]},
    },
    "trials": 20,
    "confirm": {"picks": ["free", "strong"], "seeds": 6},
}


def space_of(content: dict[str, Any], **changes: Any) -> Space:
    return parse(Space, {**content, **changes}, "space")


@pytest.mark.parametrize(
    "space",
    [
        space_of(GRID),
        space_of(GRID, grid={"lambda": [0.1]}),
        space_of(GRID, grid={"lambda": [0, 0.1], "codes": ["flat", "sphere"]}, folds=5),
        load_space("table1"),
    ],
    ids=["grid", "one", "codes", "table1"],
)
def test_a_list_of_trials_is_counted_as_it_is_planned(space: Space) -> None:
    plan = Plan(space)
    plan.add_cells()
    plan.add_controls()
    for phase in (Phase.GRID, Phase.BASELINE):
        size = count_trials(space).get(phase)
        assert (size.trials if size else 0) == len(plan.of_phase(phase))
    controls = plan.of_phase(Phase.CONTROL)
    trained = sum(len(trial.seeds) for trial in controls if trial.trained)
    assert count_controls(space) == (trained, sum(not trial.trained for trial in controls))


def test_a_search_comes_to_its_trials_its_twins_and_its_confirmation() -> None:
    assert count_trials(space_of(SEARCH)) == {"search": (20, 3), "baseline": (4, 3), "confirm": (8, 6)}
    assert count_trials(space_of(SEARCH, confirm={}))[Phase.CONFIRM] == (6 + 4, 10)
    assert count_trials(space_of(SEARCH, trials=2)) == {"search": (2, 3), "baseline": (2, 3), "confirm": (4, 6)}
    assert Phase.BASELINE not in count_trials(space_of(SEARCH, baseline=False, confirm=None))


def test_a_search_over_few_settings_comes_to_no_more_than_these() -> None:
    few = {"lambda": {"choice": [0.1, 0.2]}, "depth": {"int_uniform": [1, 2]}}
    assert count_trials(space_of(SEARCH, search=few, confirm=None)) == {"search": (4, 3), "baseline": (2, 3)}
    assert count_trials(space_of(SEARCH, search=few, confirm=None, trials=3))[Phase.SEARCH] == (3, 3)


def test_what_may_be_fewer_is_said_to_be_at_most() -> None:
    few = {"lambda": {"choice": [0.1, 0.2]}}
    assert describe_trials(space_of(SEARCH, search=few, confirm=None)) == (
        "trials: at most 2 search × 3 seeds, 1 baseline × 3 seeds (the search has only 2 different settings)"
    )
    assert describe_trials(load_space("smoke")) == (
        "trials: at most 4 search × 2 seeds, 2 baseline × 2 seeds, 4 confirm × 3 seeds"
    )
    assert describe_trials(space_of(SEARCH, confirm=None)) == "trials: 20 search × 3 seeds, 4 baseline × 3 seeds"


def test_no_controls_are_none() -> None:
    assert count_controls(space_of(GRID, controls=False)) == (0, 0)


def test_what_decides_is_the_confirmation_or_the_grid() -> None:
    assert deciding(space_of(SEARCH)) == (4, 6, "confirmation")
    assert deciding(space_of(GRID)) == (8, 3, "grid")
    assert deciding(space_of(SEARCH, confirm=None)) == (20, 3, "search")


def test_folds_multiply_trials_and_chaos_but_no_other_control() -> None:
    without, folded = space_of(GRID), space_of(GRID, folds=6)
    for phase, (trials, seeds) in count_trials(without).items():
        assert count_trials(folded)[phase] == (6 * trials, seeds)
    trained, untrained = count_controls(without)
    assert count_controls(folded) == (trained + 5 * 2 * 3, untrained)


def test_a_search_over_arms_has_a_chaos_control_for_each_kind_of_codes() -> None:
    one, both = (
        space_of(SEARCH, search={"regularizer": {"choice": arms}, "lambda": {"log_uniform": [0.001, 1]}})
        for arms in (["acai", "denoising"], ["acai", "vae"])
    )
    trained, untrained = count_controls(one)
    assert count_controls(both) == (trained + 3, untrained)


def test_stopping_saves_at_most_all_after_the_first_rung_but_for_the_first_trials() -> None:
    trial = {"epochs": 30, "steps_per_epoch": 100}
    stopping = space_of(SEARCH, stop={"at": [5, 10], "keep": 0.5}, trial=trial)
    assert most_steps_saved(stopping) == (20 - 2) * 3 * 25 * 100
    assert most_steps_saved(space_of(SEARCH, trial=trial)) == 0
    arms = {"regularizer": {"choice": ["acai", "denoising"]}}
    both = space_of(SEARCH, search=arms, stop={"at": [5], "keep": 0.1}, trial=trial)
    assert most_steps_saved(both) == (20 - 2) * 3 * 25 * 100
    assert most_steps_saved(space_of(SEARCH, trials=1, stop={"at": [5], "keep": 0.5}, trial=trial)) == 0


def test_the_typical_trial_has_acai_on() -> None:
    assert typical_config(space_of(GRID)).lam == 0.1
    assert typical_config(space_of(GRID, grid={"lambda": [0]})).lam == 0
    assert typical_config(space_of(SEARCH)).lam == 0.001

"""A space of several regularizers: which ranges each has, who gets which trial, and what is a twin of what."""

from typing import Any

import pytest

from acai_ray.common.settings import parse
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.counting import count_trials
from acai_ray.sweep.distinct import every_setting, most_trials
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.sampler import distributions
from acai_ray.sweep.setting_names import value_of
from acai_ray.sweep.space import Space, load_space
from acai_ray.sweep.start import dealt, start_point, start_trials
from acai_ray.training.regularizers import REGULARIZERS
from acai_ray.trials.trial import Trial
from tests.helpers.planning import Objectives, measured, planner, work

ARMS: dict[str, Any] = {
    "search": {"regularizer": {"choice": ["acai", "vae", "constant_speed"]}, "latent_dim": {"choice": [4, 8]}},
    "for_regularizer": {
        "acai": {"gamma": {"uniform": [0.0, 0.5]}},
        "vae": {"lambda": {"log_uniform": [1.0e-4, 1.0e-3]}},
        "constant_speed": {"options.places": {"choice": [4, 8]}},
    },
    "trials": 36,
    "seeds": 2,
    "confirm": {"picks": ["strong"], "seeds": 2},
    "trial": {"epochs": 3},
    "controls": False,
}


def space(**changes: Any) -> Space:
    return parse(Space, {**ARMS, **changes}, "arms.yaml")


def test_each_has_its_own_ranges_and_the_one_it_declares_where_none_is_given() -> None:
    assert list(space().searched("acai")) == ["latent_dim", "lam@acai", "gamma@acai"]
    assert space().searched("vae")["lam@vae"].log_uniform == (1e-4, 1e-3)
    assert (
        space().searched("constant_speed")["lam@constant_speed"].log_uniform == REGULARIZERS["constant_speed"].lam_range
    )
    one = space(search={**ARMS["search"], "lambda": {"uniform": [0, 1]}}, for_regularizer={})
    assert list(one.searched("vae")) == ["latent_dim", "lam"]
    fixed = space(trial={"lambda": 0.1}, for_regularizer={})
    assert list(fixed.searched("vae")) == ["latent_dim"]


def test_optuna_is_told_of_a_range_by_its_owners_name() -> None:
    assert set(distributions(space(), "acai")) == {"regularizer", "latent_dim", "lam@acai", "gamma@acai"}
    assert set(distributions(space(), "vae")) == {"regularizer", "latent_dim", "lam@vae"}


def test_regularizers_and_sizes_are_dealt_out_in_turn() -> None:
    hands = [tuple(dealt(space(), number).values()) for number in range(7)]
    assert hands[:6] == [(name, size) for name in ("acai", "vae", "constant_speed") for size in (4, 8)]
    assert hands[6] == hands[0]
    assert start_trials(space()) == 30


def test_a_start_has_every_setting_of_its_regularizer_and_no_other() -> None:
    for number in range(start_trials(space())):
        hand, point = dealt(space(), number), start_point(space(), number, dealt(space(), number)["regularizer"])
        config = space().trial_config(space().point(point, hand["regularizer"]))
        assert config.regularizer == hand["regularizer"]
        assert set(point) == {"regularizer", *space().searched(config.regularizer)}
        assert (config.codes == "flat") == (config.regularizer == "vae")
        assert bool(config.options) == (config.regularizer == "constant_speed")


def test_each_gets_its_share_its_twins_and_its_pick() -> None:
    trials = work(planner(space(), [], {}))
    searched = [trial for trial in trials if trial.phase == Phase.SEARCH]
    counts = {name: sum(trial.config.regularizer == name for trial in searched) for name in space().regularizers}
    assert counts == dict.fromkeys(space().regularizers, 12)
    twins = {(t.config.codes, t.config.latent_dim) for t in trials if t.phase == Phase.BASELINE}
    assert twins == {(codes, size) for codes in ("sphere", "flat") for size in (4, 8)}
    confirmed = [t for t in trials if t.phase == Phase.CONFIRM]
    picked = {(t.arm, t.config.latent_dim) for t in confirmed if t.pick}
    assert picked == {(name, size) for name in space().regularizers for size in (4, 8)}
    assert sum(t.arm == "vanilla" for t in confirmed) == 4
    sizes = count_trials(space())
    assert sizes[Phase.SEARCH].trials == 36
    assert sizes[Phase.BASELINE].trials == 4
    assert sizes[Phase.CONFIRM].trials == len(confirmed)


@pytest.mark.parametrize("cut", [1, 7, 31, 40])
def test_a_resumed_search_equals_the_uninterrupted_one(cut: int) -> None:
    whole = work(planner(space(), [], {}))
    first = planner(space(), [], {})
    begun = work(first, stop_after=cut)
    ended: dict[str, Objectives | None] = {trial.trial_id: measured(trial) for trial in begun[:-1]}
    known = {trial.trial_id: trial for trial in first.plan.trials.values()}
    resumed = work(planner(space(), list(known.values()), ended))
    by_name = {trial.trial_id: trial for trial in [*begun[:-1], *resumed]}
    assert by_name == {trial.trial_id: trial for trial in whole}


def test_all_regularizers_have_one_vanilla_twin_for_each_kind_of_codes() -> None:
    plan = Plan(space())
    trials = [
        plan.add(Phase.SEARCH, space().trial_config({"regularizer": name, "lam": 0.1, "latent_dim": 4}), (0, 1))
        for name in ("acai", "constant_speed", "denoising", "aae", "vae")
    ]
    twins = [plan.add_twin(trial) for trial in trials]
    assert len({twin.trial_id for twin in twins if twin}) == 2
    assert all(twin and twin.config.regularizer == "acai" and not twin.config.options for twin in twins)


def test_few_settings_of_each_are_all_tried() -> None:
    few = space(
        search={"regularizer": {"choice": ["acai", "vae"]}},
        for_regularizer={"acai": {"lambda": {"choice": [0.0, 0.1]}}, "vae": {"lambda": {"choice": [0.0, 0.2, 0.3]}}},
    )
    settings = every_setting(few)
    assert {name: sorted((one.codes, one.lam) for one in of_one or ()) for name, of_one in settings.items()} == {
        "acai": [("sphere", 0.0), ("sphere", 0.1)],
        "vae": [("flat", 0.0), ("flat", 0.2), ("flat", 0.3)],
    }
    assert most_trials(few) == 5
    trained = [trial for trial in work(planner(few, [], {})) if trial.phase != Phase.CONFIRM]
    assert sorted((trial.arm, trial.config.codes, trial.config.lam) for trial in trained) == [
        ("acai", "sphere", 0.1),
        ("vae", "flat", 0.2),
        ("vae", "flat", 0.3),
        ("vanilla", "flat", 0.0),
        ("vanilla", "sphere", 0.0),
    ]


def test_one_whose_settings_run_out_leaves_its_turns_to_the_others() -> None:
    """Else the sampler would look for new settings of it for ever."""
    mixed = space(
        search={"regularizer": {"choice": ["acai", "vae"]}},
        for_regularizer={"acai": {"lambda": {"choice": [0.1, 0.2]}}, "vae": {"lambda": {"log_uniform": [1e-4, 1e-3]}}},
        trials=12,
    )
    searched = [trial for trial in work(planner(mixed, [], {})) if trial.phase == Phase.SEARCH]
    assert [trial.config.regularizer for trial in searched].count("acai") == 2
    assert len(searched) == 12


def test_an_option_is_varied_by_its_name() -> None:
    grid = parse(
        Space,
        {
            "grid": {"regularizer": ["constant_speed"], "lambda": [0.1], "options.places": [2, 4]},
            "trial": {"epochs": 1},
        },
        "grid.yaml",
    )
    configs = [grid.trial_config(cell) for cell in grid.cells()]
    assert [value_of(config, "options.places") for config in configs] == [2, 4]
    assert Trial("g00000", Phase.GRID, configs[0], (0,)).as_config()["trial"]["options"] == {"places": 2}


def test_the_space_of_arms_confirms_the_five_in_folds() -> None:
    arms = load_space("arms")
    assert arms.regularizers == list(REGULARIZERS)
    assert arms.confirm is not None
    assert arms.confirm.folds == "auto"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        (
            {"search": {"regularizer": {"choice": ["acai", "gan"]}}, "for_regularizer": {}},
            "a regularizer is one of acai",
        ),
        ({"search": {"regularizer": {"uniform": [0, 1]}}}, "regularizer takes choice, because it is a name"),
        ({"for_regularizer": {"aae": {}}}, "for_regularizer names regularizers that are searched, but has aae"),
        ({"search": {"lambda": {"uniform": [0, 1]}}}, "there are none, since search has no regularizer"),
        ({"for_regularizer": {"vae": {"latent_dim": {"choice": [4]}}}}, "but latent_dim stands elsewhere"),
        ({"for_regularizer": {"vae": {"epochs": {"choice": [4]}}}}, "for_regularizer may vary latent_dim"),
        ({"for_regularizer": {"vae": {"lambda": {"uniform": [1, 0]}}}}, "low < high must hold"),
        ({"for_regularizer": {"vae": {"options.places": {"choice": [4]}}}}, "an option must be one that vae has"),
        ({"trial": {"codes": "sphere"}}, "vae needs codes: flat"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=r"arms\.yaml: ") as caught:
        space(**changes)
    assert says in str(caught.value)

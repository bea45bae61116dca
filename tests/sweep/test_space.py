"""Search spaces: the built-in ones, overrides, and what a wrong one says."""

from typing import Any

import pytest
import yaml

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.confirmation import FRESH_SEED, Pick
from acai_ray.sweep.space import DEFAULT_OBJECTIVES, Space, load_space
from acai_ray.sweep.space_files import find_space, spaces_folder

TABLE_1 = {
    16: [0, 0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.8, 1],
    8: [0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.8, 1, 2],
}


@pytest.fixture
def space_file(tmp_path):
    def write(content: Any) -> str:
        path = tmp_path / "mine.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        return str(path)

    return write


def test_every_built_in_space_loads() -> None:
    names = [path.stem for path in spaces_folder().glob("*.yaml")]
    assert {"wide", "table1", "smoke"} <= set(names)
    for name in names:
        assert load_space(name).question


def test_table1_is_the_reports_table_with_the_reports_settings() -> None:
    space = load_space("table1")
    assert [(cell["latent_dim"], cell["lam"]) for cell in space.cells()] == [
        (latent_dim, lam) for latent_dim, lams in TABLE_1.items() for lam in lams
    ]
    for cell in space.cells():
        assert space.trial_config(cell) == TrialConfig(**cell)
    assert space.confirm is None
    assert (space.evaluation.pairs, space.evaluation.generated, space.evaluation.targets) == (10_000, 180_000, 10_000)


def test_wide_is_the_documented_search() -> None:
    space = load_space("wide")
    assert (space.trials, space.seeds, space.baseline) == (64, 3, True)
    assert space.search["latent_dim"].choice == [4, 8, 16, 32]
    assert space.search["lam"].log_uniform == (1e-5, 1.0)
    assert space.search["gamma"].uniform == (0.0, 0.5)
    assert (space.confirm.picks, space.confirm.seeds, space.confirm.folds) == (list(Pick), 1, "auto")
    assert space.objectives == DEFAULT_OBJECTIVES
    config = space.trial_config({"latent_dim": 8, "lam": 0.1, "gamma": 0.2})
    assert (config.norm, config.critic_norm, config.lr, config.schedule) == ("none", "none", 1e-3, "cosine")
    assert (config.epochs, config.steps_per_epoch, config.lr * config.final_lr_fraction) == (30, 1000, 1e-5)


def test_overrides_replace_the_files_fields() -> None:
    space = load_space("wide", trials=5, seeds=2, epochs=7, data="other.npz")
    assert (space.trials, space.seeds, space.data) == (5, 2, "other.npz")
    assert space.trial_config({"latent_dim": 4, "lam": 0.1}).epochs == 7
    assert space.trial["schedule"] == "cosine"
    assert load_space("wide", trials=None, epochs=None) == load_space("wide")


def test_a_file_of_ones_own(space_file) -> None:
    space = load_space(space_file("grid: {lambda: [0, 0.5], latent_dim: [4, 8]}\ntrial: {gamma: 0.3}"), epochs=3)
    assert space.cells() == [{"lam": lam, "latent_dim": d} for lam in (0, 0.5) for d in (4, 8)]
    assert space.trial_config(space.cells()[3]) == TrialConfig(lam=0.5, latent_dim=8, gamma=0.3, epochs=3)
    assert space.varied == ["lam", "latent_dim"]


def test_an_unknown_space_lists_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"no search space wied; known are .*smoke, table1, wide"):
        find_space("wied")
    with pytest.raises(UserError, match=r"no file wied\.yaml"):
        find_space("wied.yaml")


SEARCH: dict[str, Any] = {"search": {"lambda": {"uniform": [0, 1]}}}
STOP: dict[str, Any] = {**SEARCH, "trial": {"epochs": 30}}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({}, ["exactly one of search, grid and points", "none"]),
        ({**SEARCH, "grid": {"lam": [0]}}, ["exactly one of search, grid and points"]),
        ({"search": {"lambda": {"uniform": [1, 0]}}}, ["search.lam", "low < high", "[1.0, 0.0]"]),
        ({"search": {"lambda": {"log_uniform": [0, 1]}}}, ["search.lam", "low > 0", "0.0"]),
        ({"search": {"lambda": {"uniform": [0, 1], "choice": [1]}}}, ["search.lam", "exactly one of", "choice"]),
        ({"search": {"lambda": {}}}, ["search.lam", "exactly one of", "none"]),
        ({"search": {"lambda": {"choice": []}}}, ["search.lam", "at least 1 item"]),
        ({"search": {"lambda": {"normal": [0, 1]}}}, ["search.lam: normal is not a known key", "log_uniform"]),
        ({"search": {"lambda": {"low": 0}}}, ["low is not a known key", "{uniform: [0, 1]}"]),
        ({"search": {"latent_dim": {"choice": [4, 4]}}}, ["each choice stands once", "4 stands twice"]),
        ({"search": {"latent_dim": {"choice": [4, 4.0]}}}, ["each choice stands once"]),
        ({"search": {"lambda": {"choice": ["0.1"]}}}, ["lam must be a number", "'0.1' is text", "without quotes"]),
        ({"search": {"lambda": {"uniform": [False, True]}}}, ["uniform must be a number", "false"]),
        ({"grid": {"latent_dim": [4, 4.0]}}, ["each cell is run once"]),
        ({"grid": {"depth": [True]}}, ["depth must be a number", "true"]),
        ({"points": [{"lambda": "0.1"}]}, ["lam must be a number", "'0.1' is text"]),
        ({**SEARCH, "trials": True}, ["trials must be a number, but got true"]),
        ({**SEARCH, "seeds": "3"}, ["seeds must be a number", "'3' is text"]),
        ({**SEARCH, "baseline": 1}, ["baseline must be true or false, but got 1"]),
        ({**SEARCH, "trial": {"lr": "0.1"}}, ["lr must be a number", "'0.1' is text"]),
        ({**SEARCH, "trial": {"lr": float("nan")}}, ["lr", "finite", "nan"]),
        ({**SEARCH, "evaluation": {"pairs": True}}, ["evaluation: pairs must be a number"]),
        ({"search": {"latent_dim": {"int_uniform": [1, 8]}}}, ["latent_dim", "greater than or equal to 2", "1"]),
        ({"search": {"gamma": {"uniform": [0, 1.5]}}}, ["gamma", "less than or equal to 1", "1.5"]),
        ({"search": {"epochs": {"choice": [1, 2]}}}, ["search may vary latent_dim", "epochs"]),
        ({"grid": {"lamda": [0]}}, ["grid may vary latent_dim", "lamda"]),
        ({"grid": {"lambda": 0.1}}, ["grid.lam", "list"]),
        ({"points": [{"lambda": 0}, {"lambda": -1}]}, ["lam", "greater than or equal to 0", "-1"]),
        ({**SEARCH, "trial": {"lam": 1}}, ["either varied or fixed", "lam"]),
        ({**SEARCH, "trial": {"critic": False}}, ["0 without a critic"]),
        ({**SEARCH, "trial": 3}, ["trial must hold keys and values", "3"]),
        ({"search": {"latent_dim": 4}}, ["search.latent_dim", "{choice: [4]}", "but got 4"]),
        ({"search": {"latent_dim": [4, 8]}}, ["search.latent_dim", "{choice: [4, 8]}", "but got [4, 8]"]),
        ({"grid": {"lambda": [0, 0.1, 0.1]}}, ["each cell is run once", "lambda 0.1 stands twice"]),
        ({"points": [{"lambda": 0.1, "lam": 0.2}]}, ["lambda and lam are one setting"]),
        ({**SEARCH, "trials": 0}, ["trials", "greater than or equal to 1", "0"]),
        ({**SEARCH, "seeds": FRESH_SEED + 1}, ["seeds", f"less than or equal to {FRESH_SEED}"]),
        ({**SEARCH, "confirm": {"seeds": 1}}, ["confirm: a confirmation needs two seeds, or folds", "1 seed"]),
        ({**SEARCH, "confirm": {"per_latent": 1}}, ["confirm.per_latent", "not a known key"]),
        ({**SEARCH, "confirm": {"picks": ["cheap"]}}, ["confirm.picks.0", "'free', 'balanced' or 'strong'", "'cheap'"]),
        ({**SEARCH, "confirm": {"picks": []}}, ["confirm.picks", "at least 1 item"]),
        ({**SEARCH, "confirm": {"picks": ["free", "free"]}}, ["each pick stands once", "[free, free]"]),
        ({**SEARCH, "confirm": {}, "baseline": False}, ["need twins", "baseline is false", "{picks: [strong]}"]),
        ({"grid": {"lambda": [0]}, "confirm": {}}, ["confirm picks the best of a search"]),
        ({"grid": {"lambda": [0]}, "folds": 3}, ["folds: must be a whole number of at least 5, or auto", "but got 3"]),
        ({"grid": {"lambda": [0]}, "folds": "all"}, ["folds: must be a whole number of at least 5, or auto", "'all'"]),
        ({**SEARCH, "folds": 6}, ["a search is judged on its validation people", "put them into confirm"]),
        ({**STOP, "stop": {"at": [5]}}, ["stop.keep", "field required"]),
        ({**STOP, "stop": {"at": [], "keep": 0.5}}, ["stop.at", "at least 1 item"]),
        ({**STOP, "stop": {"at": [0], "keep": 0.5}}, ["stop.at.0", "greater than or equal to 1", "0"]),
        ({**STOP, "stop": {"at": 5, "keep": 0.5}}, ["stop.at", "list", "5"]),
        ({**STOP, "stop": {"at": [1], "keep": 0.5, "grace": 3}}, ["stop.grace", "not a known key"]),
        ({**STOP, "stop": {"at": [5, 2], "keep": 0.5}}, ["stop.at: the epochs of the rungs must ascend", "[5, 2]"]),
        ({**STOP, "stop": {"at": [2, 2], "keep": 0.5}}, ["must ascend, but got [2, 2]; write [2]"]),
        ({**STOP, "stop": {"at": [5], "keep": 1.0}}, ["stop.keep: keep is the share", "got 1", "remove stop"]),
        ({**STOP, "stop": {"at": [5], "keep": 0}}, ["stop.keep: keep is the share", "got 0", "write 0.5"]),
        ({**STOP, "stop": {"at": [5, 30], "keep": 0.5}}, ["before the last epoch of a trial", "stop has one at 30"]),
        ({"grid": {"lambda": [0]}, "stop": {"at": [1], "keep": 0.5}}, ["fixed list of trials; remove stop"]),
        ({**SEARCH, "objectives": {"reconstruction_mpjpe_mm": "up"}}, ["objectives", "'min' or 'max'", "'up'"]),
        ({**SEARCH, "objectives": {"test_path_coverage": "max"}}, ["never sees the test subjects"]),
        ({**SEARCH, "objectives": {}}, ["objectives", "at least 1 item"]),
        ({**SEARCH, "evaluation": {"pears": 1}}, ["evaluation.pears", "not a known key"]),
        ({**SEARCH, "tirals": 3}, ["tirals", "not a known key", "trials"]),
        ({"grid": {"network": ["mlp", "resnet"]}}, ["network must be one of mlp, residual, graph", "but is resnet"]),
        ({**SEARCH, "trial": {"network": 3}}, ["network", "valid string", "3"]),
        ({"search": {"network": {"uniform": [0, 1]}}}, ["network takes choice"]),
        (
            {"search": {"width": {"choice": [64, 80]}, "network": {"choice": ["mlp", "graph"]}}},
            ["width must be a multiple of 64 for network graph", "is 80"],
        ),
        ([1, 2], ["keys and values", "list"]),
        ("question: [", ["must be YAML"]),
    ],
)
def test_a_mistake_is_one_sentence(content, says, space_file) -> None:
    path = space_file(content)
    for overrides in ({}, {"epochs": 2}):
        with pytest.raises(UserError) as caught:
            load_space(path, **overrides)
        assert "mine.yaml" in str(caught.value)
        assert all(part in str(caught.value) for part in says), caught.value
        assert "\n" not in str(caught.value)


def test_a_bad_override_is_one_sentence() -> None:
    for name, value in (("trials", 0), ("seeds", 0), ("epochs", 0)):
        with pytest.raises(UserError, match=f"{name}.*greater than or equal to 1"):
            load_space("wide", **{name: value})


def test_a_space_survives_its_plain_form() -> None:
    for name in ("wide", "table1", "smoke"):
        space = load_space(name)
        assert Space.model_validate(space.model_dump(mode="json")) == space


def test_a_search_knows_what_its_picks_need() -> None:
    search = {**SEARCH, "objectives": {"path_coverage": "max"}}
    needed = ("reconstruction_mpjpe_mm", "path_bone_excess_mm")
    assert Space.model_validate(search).judged == ("path_coverage",)
    assert Space.model_validate({**search, "confirm": {}}).judged == ("path_coverage", *needed)
    assert set(load_space("wide").judged) == set(DEFAULT_OBJECTIVES)
    assert load_space("table1").judged == ()


def test_a_search_may_stop_what_is_hopeless(space_file) -> None:
    space = load_space(space_file("search: {lambda: {uniform: [0, 1]}}\nstop: {at: [5, 10, 20], keep: 0.5}"))
    assert (space.stop.at, space.stop.keep) == ([5, 10, 20], 0.5)
    assert load_space("wide").stop is None
    with pytest.raises(UserError, match="a rung comes before the last epoch of a trial, 20, but stop has one at 20"):
        load_space(space_file("search: {lambda: {uniform: [0, 1]}}\nstop: {at: [5, 20], keep: 0.5}"), epochs=20)


def test_picks_stand_in_one_order() -> None:
    space = Space.model_validate({**SEARCH, "confirm": {"picks": ["strong", "free"]}})
    assert space.confirm.picks == [Pick.FREE, Pick.STRONG]


def test_networks_are_varied_like_any_setting(space_file) -> None:
    kinds = ["mlp", "residual", "graph"]
    grid = load_space(space_file("grid: {network: [mlp, residual, graph], lambda: [0, 0.1]}"))
    assert [grid.trial_config(cell).network for cell in grid.cells()] == [kind for kind in kinds for _ in range(2)]
    search = load_space(space_file("search: {network: {choice: [mlp, graph]}, lambda: {uniform: [0, 1]}}"))
    assert search.varied == ["network", "lam"]

"""Importances: the setting that makes a metric is found, by both kinds, and nothing is said of too few trials."""

import itertools
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from acai_ray import store
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.compare.importances import BEST_SHARE, LEAST_TRIALS, importances, rounded, varied_dimensions
from acai_ray.analysis.compare.trials import sweep_trials
from acai_ray.analysis.figures import FIGURES, draw
from acai_ray.analysis.report.search_notes import importances_section
from acai_ray.protocol.primary import PRIMARY, parse_margins
from tests.helpers.last_digits import move
from tests.helpers.study_factory import Trial, build

SEARCH = {
    "latent_dim": {"choice": [4, 8, 16], "log_uniform": None},
    "lam": {"choice": None, "log_uniform": [1e-4, 1.0]},
    "gamma": {"choice": None, "uniform": [0.0, 0.5], "log_uniform": None},
}
EFFECTS = {
    "reconstruction_mpjpe_mm": lambda d, lam, gamma: 30 * np.log10(lam),
    "path_bone_excess_mm": lambda d, lam, gamma: 100 * gamma,
    "path_coverage": lambda d, lam, gamma: d / 4,
}
"""What the fabricated metrics depend on, far beyond their noise."""


def searched(n: int, effects: dict[str, Callable[..., float]] | None = None) -> list[Trial]:
    """`n` trials with two seeds, drawn evenly from the space."""
    draw = np.random.default_rng(5)
    trials = []
    for place in range(n):
        d, lam, gamma = int(draw.choice([4, 8, 16])), float(10 ** draw.uniform(-4, 0)), float(draw.uniform(0, 0.5))
        more = {name: [float(effect(d, lam, gamma))] * 2 for name, effect in (effects or EFFECTS).items()}
        trials.append(Trial(f"s{place:03}", "search", lam, [0, 1], latent_dim=d, gamma=gamma, differences=more))
    return trials


def analysed(folder: Path, trials: list[Trial], split: str = "valid", **study: Any) -> Analysis:
    return analyse(store.load(build(folder, trials, split=split, **study)), parse_margins([]))


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    trials = searched(64)
    trials[3].status = {1: ("diverged", "loss is not finite")}
    return analysed(tmp_path_factory.mktemp("search"), trials, space={"search": SEARCH})


@pytest.mark.parametrize("kind", ["fanova", "ped_anova"])
@pytest.mark.parametrize(("metric", "setting"), [("reconstruction", "lam"), ("bones", "gamma")])
def test_the_setting_that_makes_a_metric_stands_out(search: Analysis, kind: str, metric: str, setting: str) -> None:
    rows = importances(search).frame.query("metric == @metric and kind == @kind").set_index("setting")
    assert rows["importance"].idxmax() == setting
    assert rows.loc[setting, "importance"] > 0.8
    assert rows.loc[setting, "importance"] > 2 * rows.loc[setting, "shuffled"]
    assert (rows.drop(setting)["importance"] < 0.2).all()


def test_fanova_weighs_a_log_range_by_its_decades(search: Analysis) -> None:
    found = importances(search)
    assert found.scales == {"latent_dim": "category", "lam": "log", "gamma": "linear"}
    trials = sweep_trials(search).acai
    lam = {dimension.name: dimension for dimension in varied_dimensions(trials, search.results.study)}["lam"]
    assert lam.points == pytest.approx(np.log10(trials["lam"]).tolist())
    assert lam.bounds == (-4.0, 0.0)


def test_the_last_digits_do_not_decide_what_a_forest_splits_by() -> None:
    """Two settings that split few trials into the same parts are equally good; sums of their numbers are exact."""
    losses = np.random.default_rng(2).uniform(30, 90, size=1000)
    coarse = rounded(losses)
    assert coarse == pytest.approx(losses, rel=1e-8)
    orders = [np.random.default_rng(seed).permutation(coarse) for seed in range(20)]
    assert len({sum(order.tolist()) for order in orders}) == 1
    assert len({sum(np.random.default_rng(seed).permutation(losses).tolist()) for seed in range(20)}) > 1


def test_trials_moved_in_their_last_digits_have_the_same_importances(search: Analysis, tmp_path: Path) -> None:
    there = Path(shutil.copytree(search.results.path, tmp_path / "search"))
    move(there)
    moved = importances(analyse(store.load(there), parse_margins([]))).frame
    pd.testing.assert_frame_equal(importances(search).frame, moved, rtol=1e-6)


def test_shares_are_parts_of_a_whole(search: Analysis) -> None:
    sums = importances(search).frame.pivot_table(index="metric", columns="kind", values="importance", aggfunc="sum")
    assert sums["ped_anova"].to_numpy() == pytest.approx(1)
    assert (sums["fanova"] <= 1 + 1e-9).all()


def test_forests_spread_and_ped_anova_has_no_chance_in_it(search: Analysis) -> None:
    frame = importances(search).frame
    spread = frame["high"] - frame["low"]
    assert (spread[frame["kind"] == "fanova"] > 0).any()
    assert (spread[frame["kind"] == "ped_anova"] == 0).all()
    assert frame["importance"].between(frame["low"] - 1e-12, frame["high"] + 1e-12).all()


def test_the_same_tables_give_the_same_numbers(search: Analysis) -> None:
    again = analyse(store.load(search.results.path), parse_margins([]))
    pd.testing.assert_frame_equal(importances(again).frame, importances(search).frame, check_exact=True)


def test_only_trials_with_all_their_seeds_count(search: Analysis) -> None:
    found = importances(search)
    assert (found.n, found.n_left_out, found.phase, found.split) == (63, 1, "search", "valid")
    assert "63 finished ACAI trials (1 more did not finish" in importances_section(search).paragraphs[0]


def test_values_are_means_over_seeds(search: Analysis) -> None:
    runs = search.summary.query("trial_id == 's000'")["reconstruction_mpjpe_mm"]
    trials = sweep_trials(search).acai.set_index("trial_id")
    assert trials.loc["s000", "reconstruction_mpjpe_mm"] == pytest.approx(runs.mean())


def test_every_metric_that_varies_has_both_kinds(search: Analysis) -> None:
    """Of the fabricated metrics the smoothness is the same in all trials: nothing can account for it."""
    frame = importances(search).frame
    assert list(frame["metric"].unique()) == [metric.name for metric in PRIMARY if metric.name != "smoothness"]
    assert len(frame) == 3 * 2 * 3
    figure = draw(next(spec for spec in FIGURES if spec.name == "importances"), search)
    assert figure is not None
    bars = figure.axes[0].patches
    shown = frame.query("metric == 'reconstruction' and kind == 'fanova'")["importance"]
    assert [bar.get_width() for bar in bars] == pytest.approx(shown.tolist())


def test_too_few_trials_are_said_and_not_drawn(tmp_path: Path) -> None:
    few = analysed(tmp_path, searched(LEAST_TRIALS - 1), space={"search": SEARCH})
    assert importances(few).frame.empty
    assert f"at least {LEAST_TRIALS} finished ACAI trials" in importances_section(few).paragraphs[0]
    assert pytest.approx(5) == LEAST_TRIALS * BEST_SHARE


def test_levels_of_a_grid_are_categories_and_fixed_settings_are_absent(tmp_path: Path) -> None:
    trials = [
        Trial(f"g{place}", "grid", lam, [place], latent_dim=d, settings={"width": width})
        for place, (lam, d, width) in enumerate(
            itertools.product((0.001, 0.01, 0.1, 0.3, 1.0), (8, 16, 32), (128, 256))
        )
    ]
    found = importances(analysed(tmp_path, trials, split="test", space={"grid": {}}))
    assert found.scales == {"latent_dim": "category", "lam": "category", "width": "category"}
    assert set(found.frame["setting"]) == set(found.scales)
    assert (found.phase, found.split, found.n) == ("grid", "test", 30)


@pytest.mark.parametrize("given", [None, "wide", [1.0], [1.0, "x"], [2.0, 1.0], [float("nan"), 1.0], {"low": 1}])
def test_a_range_that_is_none_is_a_category(tmp_path: Path, given: object) -> None:
    trials = pd.DataFrame({"latent_dim": [4, 4], "lam": [0.1, 0.2], "gamma": [0.0, 0.0]})
    trials = trials.reindex(columns=["latent_dim", "lam", "gamma", *store.SETTINGS])
    study = {"space": {"search": {"lam": {"log_uniform": given}}}}
    assert [dimension.scale for dimension in varied_dimensions(trials, study)] == ["category"]


def test_a_range_reaches_as_far_as_its_trials() -> None:
    trials = pd.DataFrame({"latent_dim": [4, 4], "lam": [0.01, 10.0], "gamma": [0.0, 0.0]})
    trials = trials.reindex(columns=["latent_dim", "lam", "gamma", *store.SETTINGS])
    study = {"space": {"search": {"lam": {"log_uniform": [0.1, 1]}}}}
    assert varied_dimensions(trials, study)[0].bounds == pytest.approx((-2.0, 1.0))

"""Fronts and hypervolumes against volumes computed by hand and by chance."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from acai_ray import store
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.compare.fronts import fronts, non_dominated
from acai_ray.analysis.compare.hypervolume import BEYOND, dominated_share, hypervolumes
from acai_ray.analysis.figures.search_figures import staircase
from acai_ray.analysis.report.search_notes import fronts_section
from acai_ray.protocol.primary import parse_margins
from tests.helpers.study_factory import Trial, build

OBJECTIVES = {"reconstruction_mpjpe_mm": "min", "path_bone_excess_mm": "min", "path_coverage": "max"}
SEEDS = range(4)


def trial(name: str, lam: float, mm: float, bones: float, coverage: float, **more: Any) -> Trial:
    """A trial whose three objectives differ from vanilla's by these numbers, on every seed alike."""
    values = {"reconstruction_mpjpe_mm": mm, "path_bone_excess_mm": bones, "path_coverage": coverage}
    differences = {key: [value] * len(SEEDS) for key, value in values.items()}
    return Trial(name, "grid", lam, SEEDS, differences=differences, **more)


def study(folder: Path, trials: list[Trial], **more: Any) -> Analysis:
    content = {"space": {"objectives": OBJECTIVES}} | more
    return analyse(store.load(build(folder, trials, **content)), parse_margins([]))


@pytest.fixture
def grid(tmp_path: Path) -> Analysis:
    trials = [
        Trial("v", "grid", 0.0, SEEDS),
        trial("a", 0.01, -4.0, 2.0, 0.05),
        trial("b", 0.1, 2.0, -2.0, 0.1),
        trial("c", 1.0, 300.0, 50.0, -0.2),
    ]
    return study(tmp_path, trials)


def test_two_points_dominate_the_union_of_their_rectangles() -> None:
    points = np.array([[0.0, 0.5], [0.5, 0.0]])
    assert dominated_share(points, np.zeros(2), np.ones(2)) == pytest.approx(0.5 + 0.5 - 0.25)


def test_a_three_dimensional_volume_by_hand() -> None:
    points = np.array([[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]])
    expected = 3 * 0.25 - 3 * 0.125 + 0.125
    assert dominated_share(points, np.zeros(3), np.ones(3)) == pytest.approx(expected)


def test_units_and_directions_do_not_matter() -> None:
    shares = np.array([[0.2, 0.7, 0.4], [0.6, 0.1, 0.9]])
    ideal, reference = np.array([40.0, 2.0, 0.9]), np.array([90.0, 12.0, 0.1])
    points = ideal + shares * (reference - ideal)
    plain = dominated_share(shares, np.zeros(3), np.ones(3))
    assert dominated_share(points, ideal, reference) == pytest.approx(plain)


def test_the_volume_is_what_random_points_find() -> None:
    draw = np.random.default_rng(0)
    points, probes = draw.uniform(0, 1, (8, 3)), draw.uniform(0, 1, (20_000, 3))
    hit = (points[None] <= probes[:, None]).all(axis=2).any(axis=1).mean()
    assert dominated_share(points, np.zeros(3), np.ones(3)) == pytest.approx(hit, abs=4 * 0.5 / 20_000**0.5)


def test_the_ideal_point_has_all_and_points_beyond_the_reference_nothing() -> None:
    assert dominated_share(np.zeros((1, 3)), np.zeros(3), np.ones(3)) == 1
    assert dominated_share(np.array([[0.0, 0.0, 1.5]]), np.zeros(3), np.ones(3)) == 0
    assert np.isnan(dominated_share(np.zeros((1, 2)), np.zeros(2), np.array([1.0, 0.0])))


def test_non_dominated_points_follow_each_direction_and_keep_ties() -> None:
    points = np.array([[1.0, 5.0], [2.0, 7.0], [2.0, 4.0], [1.0, 5.0]])
    assert non_dominated(points, ["lower", "higher"]).tolist() == [True, True, False, True]
    assert non_dominated(points, ["lower", "lower"]).tolist() == [True, False, True, True]
    assert non_dominated(np.empty((0, 2)), ["lower", "lower"]).tolist() == []


def test_fronts_are_within_an_arm(grid: Analysis) -> None:
    rows = fronts(grid).query("metric == 'bones'").set_index("trial_id")
    assert rows["front"].to_dict() == {"a": True, "b": True, "c": False, "v": True}
    runs = grid.summary.query("trial_id == 'a'")
    assert rows.loc["a", "x"] == pytest.approx(runs["test_reconstruction_mpjpe_mm"].mean())
    assert rows.loc["a", "y"] == pytest.approx(runs["test_path_bone_excess_mm"].mean())


def test_the_box_holds_the_fronts_and_no_outlier(grid: Analysis) -> None:
    boxes = hypervolumes(grid).boxes.set_index("objective")
    runs = grid.summary.query("trial_id in ('v', 'a', 'b')")
    for column, better in (("test_reconstruction_mpjpe_mm", "lower"), ("test_path_coverage", "higher")):
        low, high = runs[column].min(), runs[column].max()
        ideal, worst = (low, high) if better == "lower" else (high, low)
        found = boxes.loc[column]
        assert (found["ideal"], found["worst"]) == pytest.approx((ideal, worst))
        assert found["reference"] == pytest.approx(worst + BEYOND * (worst - ideal))


def test_every_share_is_that_of_its_own_points(grid: Analysis) -> None:
    found = hypervolumes(grid)
    ideal, reference = (found.boxes[name].to_numpy(dtype=float) for name in ("ideal", "reference"))
    names = list(found.boxes["objective"])
    of_seed = grid.summary[grid.summary["seed"] == 2].set_index("trial_id")[names]
    row = found.by_seed.set_index("seed").loc[2]
    for arm, trials in (("vanilla", ["v"]), ("acai", ["a", "b", "c"])):
        assert row[arm] == pytest.approx(dominated_share(of_seed.loc[trials].to_numpy(), ideal, reference))
    alone = [dominated_share(of_seed.loc[[name]].to_numpy(), ideal, reference) for name in "abc"]
    assert row["single"] == pytest.approx(np.mean(alone))
    assert row["acai"] >= max(alone)


def test_intervals_are_students_over_seeds(grid: Analysis) -> None:
    found = hypervolumes(grid)
    row = found.sizes.iloc[0]
    for prefix, name in (("", "difference"), ("single_", "single_difference")):
        values = found.by_seed[name]
        interval = stats.ttest_1samp(values, 0).confidence_interval()
        assert (row[f"{prefix}low"], row[f"{prefix}high"]) == pytest.approx((interval.low, interval.high))
        assert row[f"{prefix}mean"] == pytest.approx(values.mean())
    assert row["seeds"] == len(SEEDS)


def test_more_settings_alone_raise_the_union_and_not_the_single_setting(tmp_path: Path) -> None:
    """Noise without an effect: the union of many trials wins, a setting picked blindly does not."""
    draw = np.random.default_rng(3)
    names = [*OBJECTIVES]
    trials = [Trial("v", "grid", 0.0, SEEDS)]
    for place in range(12):
        noise = {name: list(draw.normal(0, size, len(SEEDS))) for name, size in zip(names, (1, 0.3, 0.01), strict=True)}
        trials.append(Trial(f"a{place:02}", "grid", 0.001 * 2**place, SEEDS, differences=noise))
    row = hypervolumes(study(tmp_path, trials)).sizes.iloc[0]
    assert row["low"] > 0
    assert row["single_low"] < 0 < row["single_high"]


def test_a_better_setting_dominates_more_and_is_counted(tmp_path: Path) -> None:
    trials = [Trial("v", "grid", 0.0, SEEDS), trial("a", 0.1, -5.0, -1.0, 0.1), trial("b", 0.2, 5.0, 1.0, -0.1)]
    row = hypervolumes(study(tmp_path, trials)).sizes.iloc[0]
    assert (row["trials"], row["singles_above"]) == (2, 1)
    assert row["acai"] == pytest.approx(row["best_single"])
    assert row["acai"] > row["vanilla"]


@pytest.mark.parametrize("status", [{1: ("failed", "lost")}, dict.fromkeys(SEEDS, ("stopped", "60% were ahead"))])
def test_a_trial_that_lacks_a_seed_is_on_no_front(status: dict[int, tuple[str, str]], tmp_path: Path) -> None:
    lacking = trial("a", 0.1, -5.0, -1.0, 0.1, status=status)
    analysis = study(tmp_path, [Trial("v", "grid", 0.0, SEEDS), lacking, trial("b", 0.2, 5.0, 1.0, -0.1)])
    assert set(fronts(analysis)["trial_id"]) == {"v", "b"}
    assert hypervolumes(analysis).sizes.iloc[0]["trials"] == 1


@pytest.mark.parametrize(
    "objectives",
    [None, "x", {}, {"reconstruction_mpjpe_mm": "min"}, {"lam": "min", "status": "max"}, {"path_coverage": ["max"]}],
)
def test_objectives_that_are_none_cost_only_the_hypervolume(tmp_path: Path, objectives: object) -> None:
    trials = [Trial("v", "grid", 0.0, SEEDS), trial("a", 0.1, -5.0, -1.0, 0.1)]
    analysis = study(tmp_path, trials, space={"objectives": objectives})
    assert hypervolumes(analysis).sizes.empty
    section = fronts_section(analysis)
    assert (len(section.paragraphs), len(section.tables), len(section.folded)) == (1, 0, 1)


@pytest.mark.parametrize("lam", [0.0, 0.1])
def test_one_arm_alone_has_nothing_to_show(tmp_path: Path, lam: float) -> None:
    analysis = study(tmp_path, [Trial("only", "grid", lam, SEEDS)])
    assert fronts(analysis).empty
    assert hypervolumes(analysis).sizes.empty
    assert not fronts_section(analysis).filled


def test_the_line_bounds_what_the_front_dominates(grid: Analysis) -> None:
    rows = fronts(grid).query("metric == 'bones' and arm == 'acai' and front")
    a, b = rows.sort_values("x").to_dict("records")
    x, y = staircase(rows, right=400.0, worst=60.0)
    assert x == [a["x"], a["x"], b["x"], 400.0]
    assert y == [60.0, a["y"], b["y"], b["y"]]

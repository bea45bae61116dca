"""Which runs are paired, what the differences say, and in which words."""

from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from scipy import stats

from acai_ray import store
from acai_ray.analysis import terminal
from acai_ray.analysis.compare import Analysis, Family, analyse
from acai_ray.analysis.compare.answer import answer, reasons, warnings
from acai_ray.analysis.compare.table1 import beside_report, changes, report_table
from acai_ray.analysis.reasons import why
from acai_ray.analysis.tables import report_tables
from acai_ray.common.errors import UserError
from acai_ray.protocol.obstacles import Obstacle
from acai_ray.protocol.primary import PRIMARY, parse_margins
from acai_ray.protocol.verdicts import Reason
from tests.helpers.study_factory import Trial, build

SEEDS = range(8)
WORSE = [3.0, 3.1, 2.9, 3.3, 2.8, 3.2, 3.05, 2.95]
SMALL = [0.2, 0.21, 0.19, 0.22, 0.18, 0.2, 0.21, 0.19]
MIXED = [-0.3, 0.5, 0.1, -0.2, 0.4, -0.6, 0.3, 0.1]
UP = [0.05, 0.06, 0.04, 0.05, 0.055, 0.045, 0.05, 0.06]
DIFFERENCES = {
    "reconstruction_mpjpe_mm": WORSE,
    "smoothness_ratio_median": MIXED,
    "path_bone_excess_mm": SMALL,
    "path_coverage": UP,
}


def analysed(folder: Path, trials: list[Trial], split: str = "test", **study: Any) -> Analysis:
    return analyse(store.load(build(folder, trials, split=split, **study)), parse_margins([]))


def deciding(analysis: Analysis) -> Family:
    assert analysis.answer is not None
    return analysis.answer


def by_metric(family: Family) -> dict[str, dict[str, Any]]:
    return {row["metric"]: row for row in family.tests.to_dict("records")}


@pytest.fixture
def grid(tmp_path: Path) -> Analysis:
    trials = [Trial("g00000", "grid", 0.0, SEEDS), Trial("g00001", "grid", 0.1, SEEDS, differences=DIFFERENCES)]
    return analysed(tmp_path, trials)


def test_every_persons_paired_differences_are_kept(grid: Analysis) -> None:
    rows = deciding(grid).differences
    assert len(rows) == len(PRIMARY) * len(SEEDS) * 3
    for _, found in rows[rows["metric"] == "reconstruction"].groupby("person"):
        assert found.sort_values("seed")["value"].to_numpy() == pytest.approx(WORSE)
    assert rows["value"].to_numpy() == pytest.approx((rows["acai"] - rows["vanilla"]).to_numpy())


def test_one_training_set_whose_people_agree_has_students_t_over_seeds(grid: Analysis) -> None:
    row = by_metric(deciding(grid))["smoothness"]
    expected = stats.ttest_1samp(MIXED, 0)
    interval = expected.confidence_interval()
    assert (row["n"], row["n_people"], row["n_seeds"], row["n_folds"]) == (8, 3, 8, 1)
    assert (row["mean"], row["p"]) == pytest.approx((np.mean(MIXED), expected.pvalue))
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))
    assert (row["seeds_low"], row["seeds_high"]) == pytest.approx((interval.low, interval.high))
    one_sided = [
        stats.ttest_1samp(MIXED, 0.1, alternative="less"),
        stats.ttest_1samp(MIXED, -0.1, alternative="greater"),
    ]
    assert row["p_equivalent"] == pytest.approx(max(test.pvalue for test in one_sided))
    assert np.isnan(row["p_sign_flip"])


def test_people_who_differ_are_as_random_as_seeds(tmp_path: Path) -> None:
    """A two-way analysis of variance: what two people differ by is in the interval, however many seeds there are."""
    people = {"A": 0.0, "B": 0.5, "C": 1.2, "D": -0.4}
    trials = [
        Trial("g0", "grid", 0.0, SEEDS, people=dict.fromkeys(people, 0.0)),
        Trial("g1", "grid", 0.1, SEEDS, people=people, differences={"reconstruction_mpjpe_mm": WORSE}),
    ]
    row = by_metric(deciding(analysed(tmp_path, trials)))["reconstruction"]
    of_people, of_seeds = 8 * np.var(list(people.values()), ddof=1), 4 * np.var(WORSE, ddof=1)
    total = of_people + of_seeds  # every person has the same seeds, so nothing is left for the rest
    freedom = total**2 / (of_people**2 / 3 + of_seeds**2 / 7)
    mean = np.mean(WORSE) + np.mean(list(people.values()))
    low, high = stats.t.interval(0.95, freedom, mean, (total / 32) ** 0.5)
    assert (row["mean"], row["low"], row["high"]) == pytest.approx((mean, low, high))
    alone = stats.ttest_1samp(np.array(WORSE) + np.mean(list(people.values())), 0).confidence_interval()
    assert (row["seeds_low"], row["seeds_high"]) == pytest.approx((alone.low, alone.high))
    assert high - low > 2 * (alone.high - alone.low)


FOLDS = [[1.0, 3.0], [2.5], [0.5, 1.0, 1.5], [4.0], [2.0, 2.2]]
"""Each person's difference in each of five folds."""


def of_folds(values: list[list[float]], seeds: Iterable[int] = (0,), noise: Iterable[float] = (0.0,)) -> list[Trial]:
    """Twins of each fold; each person has a difference, to which each seed adds its own noise, in all metrics."""
    effects = {name: list(noise) for name in DIFFERENCES}
    trials = []
    for fold, people in enumerate(values):
        names = [f"P{fold}{place}" for place in range(len(people))]
        for arm, lam, more in (("v", 0.0, [0.0] * len(people)), ("a", 0.1, people)):
            trial = Trial(f"{arm}{fold}", "grid", lam, seeds, fold=fold, people=dict(zip(names, more, strict=True)))
            trial.differences = effects if lam else {}
            trials.append(trial)
    return trials


def test_the_estimate_of_folds_is_students_t_over_the_means_of_their_people(tmp_path: Path) -> None:
    noise = [-0.3, 0.4, 0.2]
    row = by_metric(deciding(analysed(tmp_path, of_folds(FOLDS, range(3), noise))))["bones"]
    means = [np.mean(people) + np.mean(noise) for people in FOLDS]
    expected = stats.ttest_1samp(means, 0)
    interval = expected.confidence_interval()
    assert (row["mean"], row["low"], row["high"], row["p"]) == pytest.approx(
        (np.mean(means), interval.low, interval.high, expected.pvalue)
    )
    assert (row["n"], row["n_people"], row["n_folds"], row["n_seeds"]) == (15, 9, 5, 3)
    assert row["acai"] - row["vanilla"] == pytest.approx(row["mean"])
    assert row["p_sign_flip"] == pytest.approx(2 / 2**5)
    seeds = stats.ttest_1samp([np.mean(means) + more - np.mean(noise) for more in noise], 0).confidence_interval()
    assert (row["seeds_low"], row["seeds_high"]) == pytest.approx((seeds.low, seeds.high))


def test_one_seed_a_fold_decides(tmp_path: Path) -> None:
    """Runs are spent on folds: each has a training run of its own, so one seed tells how training varies."""
    row = by_metric(deciding(analysed(tmp_path, of_folds([[3.0], [3.1], [2.9], [3.0], [3.2]]))))["reconstruction"]
    assert (row["n_seeds"], row["verdict"]) == (1, "worse")
    assert np.isnan(row["seeds_low"])


def test_runs_of_one_fold_are_never_twins_of_anothers(tmp_path: Path) -> None:
    trials = [trial for trial in of_folds(FOLDS) if trial.trial_id != "v3"]
    analysis = analysed(tmp_path, trials)
    assert dict(analysis.left_out.set_index("run_id")["obstacle"]) == {"a3-0": Obstacle.NO_TWIN}
    assert set(deciding(analysis).tests["n_folds"]) == {4}
    pairs = deciding(analysis).pairs
    assert list(pairs["twin"].str[1:]) == list(pairs["run_id"].str[1:])


def test_exploratory_numbers_count_a_fold_once(tmp_path: Path) -> None:
    noise = [-0.3, 0.4, 0.2]
    trials = of_folds([[0.0]] * 5, range(3), noise)
    for trial in trials[1::2]:
        trial.differences = {**trial.differences, "anci": [trial.fold + more for more in noise]}
    row = deciding(analysed(tmp_path, trials)).exploratory.set_index("metric").loc["test_anci"]
    interval = stats.ttest_1samp(np.arange(5) + np.mean(noise), 0).confidence_interval()
    assert (row["n"], row["low"], row["high"]) == (5, pytest.approx(interval.low), pytest.approx(interval.high))


def test_holm_covers_every_test_of_the_family_once_for_differences_and_once_for_equivalence(grid: Analysis) -> None:
    tests = deciding(grid).tests
    p = {name: stats.ttest_1samp(values, 0).pvalue for name, values in DIFFERENCES.items()}
    recon, bones, coverage, smoothness = sorted(p.values())
    assert by_metric(deciding(grid))["reconstruction"]["p_adjusted"] == pytest.approx(4 * recon)
    assert by_metric(deciding(grid))["bones"]["p_adjusted"] == pytest.approx(3 * bones)
    assert by_metric(deciding(grid))["coverage"]["p_adjusted"] == pytest.approx(2 * coverage)
    assert by_metric(deciding(grid))["smoothness"]["p_adjusted"] == pytest.approx(smoothness)
    assert tests["p_equivalent_adjusted"].min() == pytest.approx(4 * tests["p_equivalent"].min())
    assert set(tests["family_size"]) == {4}


def test_verdicts_follow_direction_and_margin(grid: Analysis) -> None:
    rows = by_metric(deciding(grid))
    assert {metric: (row["verdict"], row["reason"]) for metric, row in rows.items()} == {
        "reconstruction": ("worse", Reason.BEYOND_MARGIN),
        "coverage": ("better", Reason.BEYOND_MARGIN),
        "bones": ("equivalent", Reason.WITHIN_MARGIN),
        "smoothness": ("undecided", Reason.NOT_SIGNIFICANT),
    }


def test_a_difference_as_large_as_its_margin_is_neither_equivalent_nor_worse(tmp_path: Path) -> None:
    around = {"path_bone_excess_mm": [0.4, 0.6, 0.55, 0.45, 0.5, 0.5, 0.42, 0.56]}
    trials = [Trial("g0", "grid", 0.0, SEEDS), Trial("g1", "grid", 0.1, SEEDS, differences=around)]
    row = by_metric(deciding(analysed(tmp_path, trials)))["bones"]
    assert (row["verdict"], row["reason"]) == ("undecided", Reason.BELOW_MARGIN)
    assert why(row) == "a difference, but not shown to be larger or smaller than the margin of 0.5"


def test_other_metrics_are_exploratory_and_have_no_verdict(grid: Analysis) -> None:
    frame = deciding(grid).exploratory
    assert "test_anci" in set(frame["metric"])
    assert not set(frame["metric"]) & {f"test_{metric.column}" for metric in PRIMARY}
    assert "verdict" not in frame


@pytest.mark.parametrize(
    ("seeds", "people", "reason", "said"),
    [
        ([0], ["A", "B"], Reason.TOO_FEW_SEEDS, "one training run for all people says nothing about training"),
        (range(8), ["A"], Reason.TOO_FEW_PEOPLE, "one person alone says nothing about people"),
    ],
)
def test_one_seed_or_one_person_of_one_training_set_decides_nothing(
    seeds: Iterable[int], people: list[str], reason: Reason, said: str, tmp_path: Path
) -> None:
    effects = {"reconstruction_mpjpe_mm": [9.0] * len(list(seeds))}
    named = dict.fromkeys(people, 0.0)
    trials = [
        Trial("g0", "grid", 0.0, seeds, people=named),
        Trial("g1", "grid", 0.1, seeds, people=named, differences=effects),
    ]
    family = deciding(analysed(tmp_path, trials))
    row = by_metric(family)["reconstruction"]
    assert (row["verdict"], row["reason"], row["mean"]) == ("undecided", reason, pytest.approx(9.0))
    assert np.isnan(row["p"])
    assert family.size == row["family_size"] == 0
    assert why(row) == said


@pytest.mark.parametrize(
    ("seeds", "differences", "why"),
    [
        ([0, 1], [0.0, 9.0], "neither a difference nor its absence could be shown: p is above 0.05"),
        (
            [0],
            [9.0],
            "there is one training run for all people, which says nothing about training; give --folds or --seeds",
        ),
    ],
)
def test_tests_of_all_metrics_with_one_reason_are_counted_together(
    seeds: list[int], differences: list[float], why: str, tmp_path: Path
) -> None:
    effects = dict.fromkeys(DIFFERENCES, differences)
    trials = [Trial(f"b{size}", "baseline", 0.0, seeds, latent_dim=size) for size in (4, 8)]
    trials += [Trial(f"s{size}", "search", 0.1, seeds, latent_dim=size, differences=effects) for size in (4, 8)]
    analysis = analysed(tmp_path, trials, split="valid")
    assert f"The most frequent reason for undecided, in 8 tests: {why}. " in f"{answer(analysis)} "
    assert [count for _, count in reasons(deciding(analysis))] == [8]


def test_what_is_equivalent_needs_no_reason(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, SEEDS), Trial("g1", "grid", 0.1, SEEDS)]
    analysis = analysed(tmp_path, trials)
    assert reasons(deciding(analysis)) == []
    assert "reason" not in answer(analysis)
    assert "Of 4 tests: 4 equivalent." in answer(analysis)


def test_the_terminal_counts_reasons_over_metrics(tmp_path: Path) -> None:
    effects = {name: [0.0, 9.0] for name in DIFFERENCES}
    trials = [Trial("g0", "grid", 0.0, [0, 1]), Trial("g1", "grid", 0.1, [0, 1], differences=effects)]
    out = Console(file=StringIO(), width=200)
    terminal.show(out, analysed(tmp_path, trials))
    said = [line for line in out.file.getvalue().splitlines() if line.startswith("undecided, ")]  # type: ignore[attr-defined]
    assert said == ["undecided, 4 of 4: neither a difference nor its absence could be shown: p is above 0.05"]


def test_what_a_large_family_takes_away_is_said(tmp_path: Path) -> None:
    """Four differences of p between 0.0125 and 0.05 are each lost among four, and are not lost alone."""
    weak = [3.0, 0.6, 2.8, 1.9, 0.4, 2.2, -0.9, 1.2]
    p = stats.ttest_1samp(weak, 0).pvalue
    assert 0.05 / 4 < p < 0.05
    trials = [
        Trial("g0", "grid", 0.0, SEEDS),
        Trial("g1", "grid", 0.1, SEEDS, differences=dict.fromkeys(DIFFERENCES, weak)),
    ]
    row = by_metric(deciding(analysed(tmp_path, trials)))["reconstruction"]
    assert (row["verdict"], row["reason"]) == ("undecided", Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT)
    assert row["p_adjusted"] == pytest.approx(4 * p)
    assert why(row) == f"p = {p:.3f} becomes {4 * p:.3f} among 4 tests"


def test_one_training_set_is_said_and_folds_are_not(tmp_path: Path, grid: Analysis) -> None:
    said = "One training set stands behind these verdicts"
    assert said in answer(grid)
    assert said not in answer(analysed(tmp_path / "folds", of_folds(FOLDS)))


def test_only_done_runs_of_one_length_with_a_twin_are_paired(tmp_path: Path) -> None:
    status = {2: ("diverged", "loss is NaN"), 3: ("stopped", "")}
    trials = [
        Trial("g0", "grid", 0.0, range(5), status={4: ("failed", "out of memory")}),
        Trial("g1", "grid", 0.1, range(6), status=status),
        Trial("g2", "grid", 0.2, [0], epochs=2),
        Trial("g3", "grid", 0.3, [0], settings={"lr": 0.5}),
        Trial("g4", "grid", 0.4, [0], settings={"epochs_planned": 30}),
    ]
    analysis = analysed(tmp_path, trials)
    assert deciding(analysis).pairs["run_id"].tolist() == ["g1-0", "g1-1"]
    assert dict(analysis.left_out.set_index("run_id")["obstacle"]) == {
        "g0-4": Obstacle.NOT_DONE,
        "g1-2": Obstacle.NOT_DONE,
        "g1-3": Obstacle.NOT_DONE,
        "g1-4": Obstacle.TWIN_NOT_DONE,
        "g1-5": Obstacle.NO_TWIN,
        "g2-0": Obstacle.OTHER_LENGTH,
        "g3-0": Obstacle.NO_TWIN,
        "g4-0": Obstacle.NOT_ALL_EPOCHS,
    }
    assert report_tables.left_out(analysis).frame.set_index("run_id")["why"].to_dict() == {
        "g0-4": "failed: out of memory",
        "g1-2": "diverged: loss is NaN",
        "g1-3": "stopped",
        "g1-4": "its vanilla twin g0-4 did not finish (failed: out of memory)",
        "g1-5": "no vanilla twin with the same seed and settings",
        "g2-0": "trained for 2 epochs and 2000 steps, its vanilla twin g0-0 for 3 epochs and 3000 steps",
        "g3-0": "no vanilla twin with the same seed and settings",
        "g4-0": "trained for 3 epochs and 3000 steps, 30 epochs were planned",
    }
    assert set(deciding(analysis).tests["n_left_out"]) == {4}


def test_a_twin_computed_in_another_way_is_named_with_its_own_way(tmp_path: Path) -> None:
    """Of two vanilla runs, that of the run's own length is named, not the one that is shorter and computed alike."""
    trials = [
        Trial("b0", "baseline", 0.0, [0], epochs=2),
        Trial("g0", "grid", 0.0, [0]),
        Trial("g1", "grid", 0.1, [0]),
    ]
    build(tmp_path, trials)
    store.write(tmp_path, "runs", "g0", store.read(tmp_path, "runs", "g0").assign(mode="compiled"))
    analysis = analyse(store.load(tmp_path), parse_margins([]))
    row = report_tables.left_out(analysis).frame.iloc[0]
    assert (row["obstacle"], row["twin"]) == (Obstacle.OTHER_WAY, "g0-0")
    assert "1 threads in mode eager, its vanilla twin with 1 threads in mode compiled" in row["why"]


def test_fresh_seeds_are_the_answer_and_search_is_a_family_of_its_own(tmp_path: Path) -> None:
    search = [Trial("b0", "baseline", 0.0, [0, 1]), Trial("s0", "search", 0.1, [0, 1], gamma=0.3)]
    build(tmp_path, search, split="valid")
    fresh = range(100, 108)
    confirm = [Trial("c0", "confirm", 0.0, fresh), Trial("c1", "confirm", 0.1, fresh, differences=DIFFERENCES)]
    analysis = analysed(tmp_path, confirm)
    assert [(family.group.name, family.split) for family in analysis.families] == [
        ("confirm", "test"),
        ("search", "valid"),
    ]
    assert set(deciding(analysis).pairs["twin"].str[:2]) == {"c0"}
    assert by_metric(analysis.families[1])["coverage"]["p_adjusted"] == 1
    assert by_metric(deciding(analysis))["coverage"]["p_adjusted"] == pytest.approx(2 * stats.ttest_1samp(UP, 0).pvalue)
    assert "exploratory" in analysis.families[1].group.title


def test_what_chaos_does_is_no_effect(tmp_path: Path) -> None:
    seeds = range(12)
    effects = {"reconstruction_mpjpe_mm": [*WORSE, *WORSE[:4]], "path_coverage": [*UP, *UP[:4]]}
    chaos = {"reconstruction_mpjpe_mm": [5, -5] * 6, "path_coverage": [0.01, -0.01] * 6}
    trials = [
        Trial("g00000", "grid", 0.0, seeds),
        Trial("g00001", "grid", 0.1, seeds, differences=effects),
        Trial("g00002", "grid", 0.1, seeds, latent_dim=8, differences=effects),
        Trial("b00000", "baseline", 0.0, seeds, latent_dim=8),
        Trial("x00000", "control", 1e-6, seeds, differences=chaos),
    ]
    tests = deciding(analysed(tmp_path, trials)).tests.set_index(["latent_dim", "metric"])
    assert tests.loc[(16, "reconstruction"), "chaos"] == pytest.approx(5)
    assert tests.loc[(16, "coverage"), "chaos"] == pytest.approx(0.01)
    assert tests.loc[(16, "reconstruction"), "verdict"] == "undecided"
    assert tests.loc[(16, "reconstruction"), "reason"] == Reason.BELOW_CHAOS_FLOOR
    assert tests.loc[(16, "coverage"), "verdict"] == "better"
    assert np.isnan(tests.loc[(8, "reconstruction"), "chaos"])
    assert tests.loc[(8, "reconstruction"), "verdict"] == "worse"


def test_each_kind_of_codes_has_its_own_chaos_floor(tmp_path: Path) -> None:
    kinds = {"sphere": 5, "flat": 2}
    trials = []
    for place, (codes, floor) in enumerate(kinds.items()):
        more: dict[str, Any] = {"settings": {"codes": codes}}
        chaos = {"reconstruction_mpjpe_mm": [floor, -floor] * 6}
        trials += [
            Trial(f"b0000{place}", "baseline", 0.0, range(12), **more),
            Trial(f"g0000{place}", "grid", 0.1, range(12), **more),
            Trial(f"x0000{place}", "control", 1e-6, range(12), differences=chaos, control="chaos", **more),
        ]
    family = deciding(analysed(tmp_path, trials))
    codes_of = family.pairs.drop_duplicates("cell").set_index("cell")["codes"]
    tests = family.tests[family.tests["metric"] == "reconstruction"]
    assert {codes_of[cell]: floor for cell, floor in zip(tests["cell"], tests["chaos"], strict=True)} == kinds


def test_controls_enter_no_comparison(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, [0]), Trial("control-floor-16", "control", 1e-6, [0])]
    assert analysed(tmp_path, trials).answer is None


def test_a_metric_nobody_measured_is_no_test(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, SEEDS), Trial("g1", "grid", 0.1, SEEDS, differences=DIFFERENCES)]
    build(tmp_path, trials)
    for trial in ("g0", "g1"):
        frame = store.read(tmp_path, "subjects", trial)
        store.write(tmp_path, "subjects", trial, frame[frame["metric"] != "path_coverage"])
    family = deciding(analyse(store.load(tmp_path), parse_margins([])))
    rows = by_metric(family)
    assert (rows["coverage"]["n"], rows["coverage"]["n_people"], rows["coverage"]["n_bodies"]) == (0, 0, 0)
    assert (rows["coverage"]["verdict"], rows["coverage"]["reason"]) == ("undecided", Reason.NO_PAIRS)
    assert rows["reconstruction"]["p_adjusted"] == pytest.approx(3 * stats.ttest_1samp(WORSE, 0).pvalue)
    assert family.size == 3


def test_a_running_study_says_so(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, [0, 1]), Trial("g1", "grid", 0.1, [0, 1], status={1: ("running", "")})]
    analysis = analysed(tmp_path, trials, status="running", end=None)
    assert any("not finished (it is running): 3 of 4 runs" in text for text in warnings(analysis))
    assert deciding(analysis).tests["n"].max() == 1


def test_an_empty_study_has_no_answer_yet(tmp_path: Path) -> None:
    assert "nothing to compare yet" in answer(analysed(tmp_path, []))


def test_margins_come_from_the_command_line() -> None:
    assert parse_margins(["coverage=0.5"])["coverage"] == 0.5
    for wrong in ("speed=1", "coverage", "coverage=-1", "coverage=nan"):
        with pytest.raises(UserError, match="margin"):
            parse_margins([wrong])


def test_table_one_is_the_reports() -> None:
    table = report_table().set_index(["latent_dim", "lam"])
    assert len(table) == 18
    assert table.loc[(16, 0.3), "Precision (m)"] == 3.76
    assert table.loc[(8, 2.0), "ANCI, mean"] == 1.40
    assert table.loc[(16, 0.0), "Recall (m)"] == 1.52


def test_ours_stands_beside_on_the_published_codes_scale(grid: Analysis) -> None:
    frame: pd.DataFrame = beside_report(grid).set_index("lam")
    vanilla = grid.done[grid.done["lam"] == 0]
    assert frame.loc[0.0, "ours ANCI, mean"] == pytest.approx(vanilla["test_anci"].mean() * 100 / 99)
    assert frame.loc[0.0, "ours Recall (m)"] == pytest.approx(vanilla["test_prior_recall_euclidean_m"].mean())
    assert frame.loc[0.1, "seeds"] == 8
    assert np.isnan(frame.loc[0.5, "ours Ratio, mean"])


def test_changes_stand_beside_the_reports(grid: Analysis) -> None:
    frame = changes(grid).set_index(["latent_dim", "lam"])
    assert set(frame.index) <= {(row.latent_dim, row.lam) for row in report_table().itertuples()}
    row = frame.loc[(16, 0.1)]
    runs = grid.done.set_index(["lam", "seed"])["test_smoothness_ratio"]
    assert row["ours Ratio, mean"] == pytest.approx((runs.loc[0.1] - runs.loc[0.0]).mean())
    assert row["report Ratio, mean"] == pytest.approx(4.65 - 1.86)
    anci = grid.done.set_index(["lam", "seed"])["test_anci"]
    assert row["ours ANCI, mean"] == pytest.approx((anci.loc[0.1] - anci.loc[0.0]).mean() * 100 / 99)
    for name in ("ANCI, mean", "Ratio, median", "Recall (m)"):
        decided = (row[f"low {name}"] > 0 or row[f"high {name}"] < 0) and abs(row[f"report {name}"]) > 0.005
        same = (row[f"ours {name}"] > 0) == (row[f"report {name}"] > 0)
        assert row[f"agreement {name}"] == (("same" if same else "opposite") if decided else "open")

"""Which runs are paired, what the differences say, and in which words."""

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
from acai_ray.protocol import statistics
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


def test_all_paired_differences_are_kept(grid: Analysis) -> None:
    rows = deciding(grid).differences
    found = rows[rows["metric"] == "reconstruction"].sort_values("seed")["difference"]
    assert found.to_numpy() == pytest.approx(WORSE)
    assert len(rows) == len(PRIMARY) * len(SEEDS)


def test_statistics_are_those_of_the_known_differences(grid: Analysis) -> None:
    row = by_metric(deciding(grid))["smoothness"]
    interval = stats.ttest_1samp(MIXED, 0).confidence_interval()
    assert (row["n"], row["mean"]) == (8, pytest.approx(np.mean(MIXED)))
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))
    assert row["p"] == pytest.approx(statistics.sign_flip_p(MIXED))


def test_holm_covers_every_test_of_the_family(grid: Analysis) -> None:
    tests = deciding(grid).tests
    assert tests["p_adjusted"].to_numpy() == pytest.approx(statistics.holm(tests["p"].to_numpy()))
    assert by_metric(deciding(grid))["reconstruction"]["p_adjusted"] == pytest.approx(4 * 2 / 2**8)


def test_verdicts_follow_direction_and_margin(grid: Analysis) -> None:
    rows = by_metric(deciding(grid))
    assert rows["reconstruction"]["verdict"] == "worse"
    assert rows["coverage"]["verdict"] == "better"
    assert (rows["bones"]["verdict"], rows["bones"]["reason"]) == ("inconclusive", Reason.BELOW_MARGIN)
    assert (rows["smoothness"]["verdict"], rows["smoothness"]["reason"]) == ("inconclusive", Reason.NOT_SIGNIFICANT)


def test_other_metrics_are_exploratory_and_have_no_verdict(grid: Analysis) -> None:
    frame = deciding(grid).exploratory
    assert "test_anci" in set(frame["metric"])
    assert not set(frame["metric"]) & {f"test_{metric.column}" for metric in PRIMARY}
    assert "verdict" not in frame


def test_two_seeds_can_never_decide(tmp_path: Path) -> None:
    differences = {"reconstruction_mpjpe_mm": [3.0, 9.0]}
    trials = [Trial("g0", "grid", 0.0, [0, 1]), Trial("g1", "grid", 0.1, [0, 1], differences=differences)]
    row = by_metric(deciding(analysed(tmp_path, trials)))["reconstruction"]
    assert (row["verdict"], row["reason"]) == ("inconclusive", Reason.TOO_FEW_SEEDS)
    assert why(row) == "too few seeds: 2 seeds can never reach p ≤ 0.05; the smallest p is 2/2^2 = 0.5"


@pytest.mark.parametrize(
    ("differences", "why"),
    [
        ([0.0, 9.0], "too few seeds: fewer than 6 can never reach p ≤ 0.05"),
        ([0.0001, 0.0002], "the interval lies within its margin"),
    ],
)
def test_tests_of_all_metrics_with_one_reason_are_counted_together(
    differences: list[float], why: str, tmp_path: Path
) -> None:
    effects = dict.fromkeys(DIFFERENCES, differences)
    trials = [Trial(f"b{size}", "baseline", 0.0, [0, 1], latent_dim=size) for size in (4, 8)]
    trials += [Trial(f"s{size}", "search", 0.1, [0, 1], latent_dim=size, differences=effects) for size in (4, 8)]
    analysis = analysed(tmp_path, trials, split="valid")
    assert f"The most frequent reason, in 8 of 8 tests: {why}. " in answer(analysis)
    assert [count for _, count in reasons(deciding(analysis))] == [8]


def test_the_terminal_counts_reasons_over_metrics(tmp_path: Path) -> None:
    effects = {name: [0.0, 9.0] for name in DIFFERENCES}
    trials = [Trial("g0", "grid", 0.0, [0, 1]), Trial("g1", "grid", 0.1, [0, 1], differences=effects)]
    out = Console(file=StringIO(), width=200)
    terminal.show(out, analysed(tmp_path, trials))
    said = [line for line in out.file.getvalue().splitlines() if line.startswith("inconclusive")]  # type: ignore[attr-defined]
    assert said == ["inconclusive, 4 of 4: too few seeds: fewer than 6 can never reach p ≤ 0.05"]


def test_a_family_larger_than_its_seeds_carry_says_so(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, range(6))]
    trials += [
        Trial(f"g{i}", "grid", i / 10, range(6), differences={"reconstruction_mpjpe_mm": WORSE[:6]}) for i in (1, 2)
    ]
    analysis = analysed(tmp_path, trials)
    row = by_metric(deciding(analysis))["reconstruction"]
    assert row["reason"] == Reason.TOO_FEW_SEEDS_FOR_FAMILY
    assert why(row) == "too few seeds for 8 tests: 6 seeds carry 1"
    assert "needs at least 9 seeds" in answer(analysis)


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
    assert by_metric(deciding(analysis))["coverage"]["p_adjusted"] == pytest.approx(4 / 2**7)
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
    assert tests.loc[(16, "reconstruction"), "verdict"] == "inconclusive"
    assert tests.loc[(16, "reconstruction"), "reason"] == Reason.BELOW_CHAOS_FLOOR
    assert tests.loc[(16, "coverage"), "verdict"] == "better"
    assert np.isnan(tests.loc[(8, "reconstruction"), "chaos"])
    assert tests.loc[(8, "reconstruction"), "verdict"] == "worse"


def test_controls_enter_no_comparison(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, [0]), Trial("control-floor-16", "control", 1e-6, [0])]
    assert analysed(tmp_path, trials).answer is None


def test_a_metric_nobody_measured_is_no_test(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, SEEDS), Trial("g1", "grid", 0.1, SEEDS, differences=DIFFERENCES)]
    build(tmp_path, trials)
    for trial in ("g0", "g1"):
        frame = store.read(tmp_path, "metrics", trial)
        store.write(tmp_path, "metrics", trial, frame[frame["metric"] != "coverage"])
    rows = by_metric(deciding(analyse(store.load(tmp_path), parse_margins([]))))
    assert (rows["coverage"]["n"], rows["coverage"]["reason"]) == (0, Reason.NO_PAIRS)
    assert rows["reconstruction"]["p_adjusted"] == pytest.approx(3 * 2 / 2**8)


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

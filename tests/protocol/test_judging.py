"""The verdict about people: estimates against brute force, the four words, and what the rule must not depend on."""

import subprocess
import sys
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from acai_ray.protocol import judge
from acai_ray.protocol.judging import DIFFERENCES, VERDICTS
from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.statistics import LEVEL, holm
from acai_ray.protocol.verdicts import Reason, Word

MARGINS = {metric.name: 1.0 for metric in PRIMARY}


def of_folds(values: list[list[float]], metric: str = "bones", cell: int = 0) -> pd.DataFrame:
    """One value a person, in folds."""
    rows = [
        {"cell": cell, "metric": metric, "person": f"{fold}-{place}", "seed": 0, "fold": fold, "value": value}
        for fold, people in enumerate(values)
        for place, value in enumerate(people)
    ]
    return pd.DataFrame(rows)


def of_people_by_seeds(values: np.ndarray, metric: str = "bones") -> pd.DataFrame:
    """One fold: people in rows, seeds in columns."""
    rows = [
        {"cell": 0, "metric": metric, "person": person, "seed": seed, "fold": None, "value": value}
        for (person, seed), value in np.ndenumerate(values)
    ]
    return pd.DataFrame(rows)


def single(differences: pd.DataFrame, margin: float = 1.0, chaos: Any = None) -> Any:
    (row,) = judge(differences, dict.fromkeys(MARGINS, margin), chaos).itertuples()
    return row


def test_it_needs_neither_torch_nor_ray() -> None:
    program = "import sys; from acai_ray.protocol import judge; print(sorted({'torch', 'ray'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"


def test_the_estimate_is_students_t_over_the_means_of_folds() -> None:
    values = [[1.0, 3.0], [2.5], [0.5, 1.0, 1.5], [4.0], [2.0, 2.2]]
    row = single(of_folds(values))
    means = [np.mean(people) for people in values]
    expected = stats.ttest_1samp(means, 0)
    interval = expected.confidence_interval(0.95)
    assert (row.mean, row.low, row.high, row.p) == pytest.approx(
        (np.mean(means), interval.low, interval.high, expected.pvalue)
    )
    beyond = [stats.ttest_1samp(means, 1, alternative="less"), stats.ttest_1samp(means, -1, alternative="greater")]
    assert row.p_equivalent == pytest.approx(max(test.pvalue for test in beyond))
    assert (row.n_people, row.n_seeds, row.n_folds) == (9, 1, 5)


def test_seeds_are_averaged_before_people_and_people_before_folds() -> None:
    once = of_folds([[1.0, 3.0], [2.5], [0.5]])
    noise = np.array([-0.3, 0.0, 0.3])
    seeds = pd.concat([once.assign(seed=seed, value=once["value"] + more) for seed, more in enumerate(noise)])
    one, three = single(once), single(seeds)
    assert (three.mean, three.low, three.high) == pytest.approx((one.mean, one.low, one.high))
    assert three.n_seeds == 3


def test_one_fold_is_a_two_way_analysis_of_variance() -> None:
    values = np.random.default_rng(0).normal(2, 1, (6, 4)) + np.arange(6)[:, None]
    row = single(of_people_by_seeds(values))
    people, seeds = values.mean(axis=1), values.mean(axis=0)
    rest = values - people[:, None] - seeds + values.mean()
    squares = [4 * people.var(ddof=1), 6 * seeds.var(ddof=1), np.square(rest).sum() / 15]
    total = squares[0] + squares[1] - squares[2]
    freedom = total**2 / (squares[0] ** 2 / 5 + squares[1] ** 2 / 3 + squares[2] ** 2 / 15)
    error = (total / 24) ** 0.5
    low, high = stats.t.interval(0.95, freedom, values.mean(), error)
    assert (row.mean, row.low, row.high) == pytest.approx((values.mean(), low, high))
    assert row.p == pytest.approx(2 * stats.t.sf(values.mean() / error, freedom))


def test_one_fold_whose_people_agree_is_students_t_over_seeds() -> None:
    seeds = np.array([1.0, 1.4, 0.9, 1.2, 1.6])
    row = single(of_people_by_seeds(np.tile(seeds, (3, 1))))
    expected = stats.ttest_1samp(seeds, 0).confidence_interval(0.95)
    assert (row.low, row.high) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(
    ("values", "metric", "chaos", "word", "reason"),
    [
        ([[-3.0], [-3.1], [-2.9], [-3.0], [-3.2]], "bones", None, Word.BETTER, Reason.BEYOND_MARGIN),
        ([[3.0], [3.1], [2.9], [3.0], [3.2]], "bones", None, Word.WORSE, Reason.BEYOND_MARGIN),
        ([[3.0], [3.1], [2.9], [3.0], [3.2]], "coverage", None, Word.BETTER, Reason.BEYOND_MARGIN),
        ([[0.1], [-0.1], [0.2], [0.0], [0.1]], "bones", None, Word.EQUIVALENT, Reason.WITHIN_MARGIN),
        ([[0.5], [0.51], [0.49], [0.5], [0.52]], "bones", None, Word.EQUIVALENT, Reason.WITHIN_MARGIN),
        ([[3.0], [3.1], [2.9], [3.0], [3.2]], "bones", {"bones": 4}, Word.UNDECIDED, Reason.BELOW_CHAOS_FLOOR),
        ([[3.0], [3.1], [2.9], [3.0], [3.2]], "bones", {(0, "bones"): 4}, Word.UNDECIDED, Reason.BELOW_CHAOS_FLOOR),
        ([[3.0], [3.1], [2.9], [3.0], [3.2]], "bones", {(1, "bones"): 4}, Word.WORSE, Reason.BEYOND_MARGIN),
        ([[3.0], [3.1], [2.9], [3.0], [3.2]], "bones", {"bones": np.nan}, Word.WORSE, Reason.BEYOND_MARGIN),
        ([[1.0], [0.5], [1.4], [0.9], [0.8]], "bones", None, Word.UNDECIDED, Reason.BELOW_MARGIN),
        ([[3.0], [-3.1], [2.9], [-2.0], [3.2]], "bones", None, Word.UNDECIDED, Reason.NOT_SIGNIFICANT),
        ([[np.nan]], "bones", None, Word.UNDECIDED, Reason.NO_PAIRS),
        ([[3.0]], "bones", None, Word.UNDECIDED, Reason.TOO_FEW_PEOPLE),
        ([[3.0, 3.1]], "bones", None, Word.UNDECIDED, Reason.TOO_FEW_SEEDS),
        ([[0.0], [0.0], [0.0]], "bones", None, Word.EQUIVALENT, Reason.WITHIN_MARGIN),
    ],
)
def test_the_words(values: list[list[float]], metric: str, chaos: Any, word: Word, reason: Reason) -> None:
    row = single(of_folds(values, metric), chaos=chaos)
    assert (row.verdict, row.reason) == (word, reason)


def test_what_is_lost_by_adjustment_says_so() -> None:
    weak = [[2.0], [1.0], [3.0], [0.5], [2.5]]
    assert single(of_folds(weak)).p < LEVEL
    many = pd.concat([of_folds(weak, cell=cell) for cell in range(9)])
    judged = judge(many, MARGINS)
    assert set(judged["reason"]) == {Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT}
    assert judged["p_adjusted"].to_numpy() == pytest.approx(holm(judged["p"].to_numpy()))


def test_the_answer_has_one_row_a_cell_and_metric_in_their_order() -> None:
    names = ["coverage", "bones"]
    frame = pd.concat([of_folds([[1.0], [2.0]], name, cell) for cell in (7, 3) for name in names])
    judged = judge(frame, MARGINS)
    assert tuple(judged.columns) == VERDICTS
    assert list(zip(judged["cell"], judged["metric"], strict=True)) == [(c, m) for c in (7, 3) for m in names]


@pytest.mark.parametrize(
    ("frame", "margins", "said"),
    [
        (of_folds([[1.0]]).drop(columns="fold"), MARGINS, "lack fold"),
        (of_folds([[1.0]], "anci"), MARGINS, "primary metrics, .* but got 'anci'"),
        (of_folds([[1.0]]), {}, "bones has none"),
    ],
)
def test_what_cannot_be_judged_is_refused(frame: pd.DataFrame, margins: dict[str, float], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        judge(frame, margins)


values = st.floats(-5, 5, allow_nan=False, width=32)
studies = st.lists(st.lists(values, min_size=1, max_size=4), min_size=2, max_size=6)


@settings(max_examples=40)
@given(studies, st.randoms(use_true_random=False))
def test_neither_the_order_nor_the_names_of_rows_matter(folds: list[list[float]], random: Any) -> None:
    frame = of_folds(folds)
    order = list(range(len(frame)))
    random.shuffle(order)
    renamed = frame.iloc[order].assign(person=lambda rows: "P" + rows["person"], fold=lambda rows: rows["fold"] + 10)
    a, b = judge(frame, MARGINS), judge(renamed, MARGINS)
    pd.testing.assert_frame_equal(a, b, check_exact=False, rtol=1e-9, atol=1e-9)


@settings(max_examples=40)
@given(studies)
def test_a_mirrored_study_has_the_mirrored_verdict(folds: list[list[float]]) -> None:
    a, b = single(of_folds(folds)), single(of_folds([[-value for value in people] for people in folds]))
    mirror = {Word.BETTER: Word.WORSE, Word.WORSE: Word.BETTER}
    assert b.verdict == mirror.get(Word(a.verdict), Word(a.verdict))
    assert (b.low, b.high) == pytest.approx((-a.high, -a.low))


def test_the_columns_are_those_that_are_promised() -> None:
    assert DIFFERENCES == ("cell", "metric", "person", "seed", "fold", "value")

"""The rule of a verdict: from every person's paired differences to a word for each setting and metric.

A verdict is about people, so the fold is its unit: a fold has people and training runs of its own, and the noise of
persons, seeds and runs is all in the spread between folds.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.statistics import LEVEL, Estimate, estimate_over_folds, estimate_people_by_seeds, holm
from acai_ray.protocol.verdicts import Reason, Word

DIFFERENCES = ("cell", "metric", "person", "seed", "fold", "value")
"""The columns of `judge`'s first argument."""

VERDICTS = (
    *("cell", "metric", "n_people", "n_seeds", "n_folds", "mean", "low", "high"),
    *("p", "p_adjusted", "p_equivalent", "p_equivalent_adjusted", "margin", "chaos", "verdict", "reason"),
)
"""The columns of what `judge` returns."""

_BETTER = {name: metric.better for metric in PRIMARY for name in (metric.name, metric.column)}
_TEST = ["cell", "metric"]

Chaos = Mapping[Any, float]


def judge(differences: pd.DataFrame, margins: Mapping[str, float], chaos: Chaos | None = None) -> pd.DataFrame:
    """Say of each cell and metric whether ACAI is better, worse or equivalent to vanilla, or that it stays undecided.

    A person's difference is the mean over seeds, a fold's the mean over its people, and the estimate the mean over
    folds; interval and p are Student's t over folds (K − 1 degrees of freedom). With one fold, people and seeds are
    both random: a two-way analysis of variance with Satterthwaite's degrees of freedom. Holm's adjustment counts all
    rows of the answer together, once for the tests of a difference and once for those of equivalence (two one-sided
    tests against the margin, Schuirmann 1987).

    - `better`, `worse`: the adjusted p is at most `LEVEL`, and the mean lies beyond the margin and the chaos floor.
    - `equivalent`: no difference that matters; the adjusted p of equivalence is at most `LEVEL`.
    - `undecided`: neither; `reason` says why.

    Args:
        differences: one row a person, seed, fold and cell: `cell metric person seed fold value`, where value is ACAI −
            vanilla in the metric's unit and `metric` one of `protocol.primary`. `fold` may be empty (NaN), which is one
            fold. Rows without a finite value count for nothing, but their cell and metric get a row in the answer.
        margins: by metric, the difference that matters, in the metric's unit.
        chaos: by metric, or by (cell, metric), what a λ without effect changes; where it is not given or NaN it stands
            in no verdict's way.

    Returns:
        One row a cell and metric, in the order in which they first occur, with the columns of `VERDICTS`; `reason` is
        one of `protocol.verdicts.Reason`.

    Raises:
        ValueError: a column is missing, or a metric is not primary or has no margin.

    Examples:
        >>> import pandas
        >>> people = pandas.DataFrame({"cell": 0, "metric": "bones", "person": range(10), "seed": 0})
        >>> changes = [-2.1, -1.9, -2, -2.2, -1.8, -2, -2, -2.1, -1.9, -2]
        >>> people = people.assign(fold=people["person"] // 2, value=changes)
        >>> judge(people, {"bones": 0.5})[["n_folds", "mean", "verdict"]].round(2).to_dict("records")
        [{'n_folds': 5, 'mean': -2.0, 'verdict': 'better'}]
    """
    _check(differences, margins)
    tests = differences[_TEST].drop_duplicates().reset_index(drop=True)
    known = differences[np.isfinite(differences["value"].astype(float))]
    known = known.assign(fold=known["fold"].astype(object).where(known["fold"].notna(), "all"))
    tests = tests.merge(_counts(known), on=_TEST, how="left").fillna({"n_people": 0, "n_seeds": 0, "n_folds": 0})
    tests = tests.astype({"n_people": int, "n_seeds": int, "n_folds": int})
    margin = np.array([margins[metric] for metric in tests["metric"]], dtype=np.float64)
    estimate = _estimate(known, tests)
    p, p_equivalent = estimate.p_of_zero(), estimate.p_of_equivalence(margin)
    low, high = estimate.interval()
    tests = tests.assign(mean=estimate.mean, low=low, high=high, p=p, p_adjusted=holm(p))
    tests = tests.assign(p_equivalent=p_equivalent, p_equivalent_adjusted=holm(p_equivalent), margin=margin)
    tests["chaos"] = [_floor(chaos or {}, *test) for test in tests[_TEST].itertuples(index=False)]
    judged = [_judged(row) for row in tests.itertuples(index=False)]
    tests["verdict"] = [word.value for word, _ in judged]
    tests["reason"] = [reason.value for _, reason in judged]
    return tests[list(VERDICTS)]


def _check(differences: pd.DataFrame, margins: Mapping[str, float]) -> None:
    missing = [column for column in DIFFERENCES if column not in differences]
    if missing:
        raise ValueError(f"differences must have the columns {' '.join(DIFFERENCES)}, but lack {' '.join(missing)}")
    for metric in differences["metric"].unique():
        if metric not in _BETTER:
            known = ", ".join(found.name for found in PRIMARY)
            raise ValueError(f"a verdict is given on primary metrics, {known}, but got {metric!r}")
        if metric not in margins:
            raise ValueError(f"each metric needs its margin, but {metric} has none; give it in margins")


def _counts(known: pd.DataFrame) -> pd.DataFrame:
    groups = known.groupby(_TEST, sort=False)
    counts: pd.DataFrame = groups.agg(
        n_people=("person", "nunique"), n_seeds=("seed", "nunique"), n_folds=("fold", "nunique")
    )
    return counts.reset_index()


def _estimate(known: pd.DataFrame, tests: pd.DataFrame) -> Estimate:
    """The mean of each test with its standard error: over folds, or over people and seeds where there is one fold."""
    keys = pd.MultiIndex.from_frame(tests[_TEST])
    by_person = known.groupby([*_TEST, "fold", "person"], sort=False)["value"].mean()
    by_fold = by_person.reset_index().pivot_table(index=_TEST, columns="fold", values="value", sort=False)
    estimate = estimate_over_folds(by_fold.reindex(keys).to_numpy(dtype=float))
    one_fold = tests["n_folds"].to_numpy() == 1
    if one_fold.any():
        parts = dict(list(known.groupby(_TEST, sort=False)))
        for place in np.flatnonzero(one_fold).tolist():
            rows = parts[keys[place]]
            estimate.put(place, estimate_people_by_seeds(_people_by_seeds(rows)))
    return estimate


def _people_by_seeds(rows: pd.DataFrame) -> npt.NDArray[np.float64]:
    """`(P, S)`, the people who have a value of every seed."""
    table = rows.pivot_table(index="person", columns="seed", values="value", sort=False)
    return table.dropna().to_numpy(dtype=float)


def _floor(chaos: Chaos, cell: Any, metric: str) -> float:
    return float(chaos.get((cell, metric), chaos.get(metric, np.nan)))


def _judged(test: Any) -> tuple[Word, Reason]:
    reason = _reason(test)
    if reason is Reason.BEYOND_MARGIN:
        is_better = (test.mean < 0) == (_BETTER[test.metric] == "lower")
        return Word.BETTER if is_better else Word.WORSE, reason
    return Word.EQUIVALENT if reason is Reason.WITHIN_MARGIN else Word.UNDECIDED, reason


def _reason(test: Any) -> Reason:
    if test.n_people == 0:
        return Reason.NO_PAIRS
    if np.isnan(test.p):
        return Reason.TOO_FEW_PEOPLE if test.n_people < 2 else Reason.TOO_FEW_SEEDS
    beyond, differs = abs(test.mean) > test.margin, test.p_adjusted <= LEVEL
    if differs and beyond:
        return Reason.BELOW_CHAOS_FLOOR if abs(test.mean) <= test.chaos else Reason.BEYOND_MARGIN
    if test.p_equivalent_adjusted <= LEVEL:
        return Reason.WITHIN_MARGIN
    if differs:
        return Reason.BELOW_MARGIN
    return Reason.NOT_SIGNIFICANT if test.p > LEVEL else Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT

"""How much of a metric each setting of a sweep accounts for, by Optuna's fANOVA and PED-ANOVA."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from acai_ray.analysis.compare import Analysis, Floats
from acai_ray.analysis.compare.analyse import AT_ONCE
from acai_ray.analysis.compare.answer import field
from acai_ray.analysis.compare.trials import sweep_trials
from acai_ray.common.frames import Row
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY, Metric
from acai_ray.store import SETTINGS

BEST_SHARE = 0.2
"""PED-ANOVA separates this best share of the trials from all of them."""

LEAST_TRIALS = 25
"""The fewest trials whose best fifth holds the five that Optuna's documentation of PED-ANOVA asks for."""

FORESTS, TREES, DEPTH = 5, 8, 6
"""Random forests of fANOVA, each with its own seed, so many trees and so deep ones; also how often values are shuffled.

At most 64 leaves a tree: deeper ones take minutes for a thousand trials and fit their noise.
"""

BITS = 30
"""A number's binary digits that a forest sees; a thousand such numbers have an exact sum."""

KINDS = ("fanova", "ped_anova")
_COLUMNS = ["metric", "setting", "kind", "importance", "low", "high", "shuffled"]


@dataclass(frozen=True)
class Dimension:
    """A setting that the trials vary, as Optuna sees it.

    Attributes:
        scale: `log` (the values are log10), `linear` or `category` (the values are text).
        points: its values, one a trial.
        bounds: of a `log` or `linear` one.
    """

    name: str
    scale: str
    points: list[Any]
    bounds: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Importances:
    """What can be said of a sweep's settings.

    Attributes:
        frame: one row a metric, setting and kind: `metric setting kind importance low high shuffled`. `importance` of
            `fanova` is the share of the forest's variance over the whole range that the setting explains alone (what
            is missing to 1 are interactions), the mean over forests, `low` and `high` its extremes. Of `ped_anova` it
            is the setting's part of the sum of all settings' divergences. `shuffled` is the mean of the same where
            the trials' values are shuffled, on the same scale.
        scales: how each setting was taken, by name.
        n: finished ACAI trials.
        n_left_out: ACAI trials that did not finish with all their seeds.
        phase: search, grid or None.
        split: the poses the numbers come from.
    """

    frame: pd.DataFrame
    scales: Mapping[str, str]
    n: int
    n_left_out: int
    phase: Phase | None
    split: str


@lru_cache(maxsize=AT_ONCE)
def importances(analysis: Analysis) -> Importances:
    """The importances of every varied setting for each primary metric.

    A metric has no rows below `LEAST_TRIALS` trials, or where no best share differs from the rest. The trials are the
    finished ACAI trials, each the mean over its seeds, rebuilt from the tables.
    """
    sweep = sweep_trials(analysis)
    trials = sweep.acai
    dimensions = varied_dimensions(trials, analysis.results.study)
    columns = {metric.name: sweep.column(metric.column) for metric in PRIMARY}
    rows = [row for metric in PRIMARY for row in _of_metric(metric, columns[metric.name], trials, dimensions)]
    return Importances(
        frame=pd.DataFrame(rows, columns=_COLUMNS),
        scales={dimension.name: dimension.scale for dimension in dimensions},
        n=len(trials),
        n_left_out=sweep.n_left_out,
        phase=sweep.phase,
        split=sweep.split,
    )


def rounded(losses: Floats) -> Floats:
    """The numbers as whole multiples of a power of two, some 1e-9 of the largest.

    Sums of them are exact in any order. A tree of a forest may find that two settings split its trials alike, into the
    same parts; which it takes must not be decided by the last digits of sums, which would move the shares by 0.02.
    """
    if not losses.any():
        return losses
    step = 2.0 ** (np.ceil(np.log2(np.abs(losses).max())) - BITS)
    return np.asarray(np.rint(losses / step) * step)


def varied_dimensions(trials: pd.DataFrame, study: object) -> list[Dimension]:
    """The settings that differ between the trials; a fixed setting has no importance."""
    names = ["latent_dim", "lam", "gamma", *SETTINGS]
    return [_dimension(trials[name], study) for name in names if len(trials[name].drop_duplicates()) > 1]


def _dimension(values: "pd.Series[Any]", study: object) -> Dimension:
    """A range of the search keeps its scale and bounds; choices, and the levels of a grid, are categories."""
    name = str(values.name)
    if pd.api.types.is_numeric_dtype(values) and values.notna().all():
        for kind, scale in (("log_uniform", "log"), ("uniform", "linear"), ("int_uniform", "linear")):
            bounds = _bounds(field(study, "space", "search", name, kind, default=None))
            if bounds and (scale == "linear" or min(bounds[0], values.min()) > 0):
                return _ranged(name, scale, values.to_numpy(dtype=float), bounds)
    return Dimension(name, "category", [str(value) for value in values])


def _ranged(name: str, scale: str, values: Floats, bounds: tuple[float, float]) -> Dimension:
    ends = np.array([min(bounds[0], values.min()), max(bounds[1], values.max())])
    if scale == "log":
        values, ends = np.log10(values), np.log10(ends)
    return Dimension(name, scale, [float(value) for value in values], (float(ends[0]), float(ends[1])))


def _bounds(given: object) -> tuple[float, float] | None:
    """The two ends of a range in study.json; None where it holds something else."""
    if isinstance(given, list) and len(given) == 2 and all(isinstance(end, int | float) for end in given):
        low, high = (float(end) for end in given)
        return (low, high) if np.isfinite([low, high]).all() and low < high else None
    return None


def _of_metric(metric: Metric, column: str, trials: pd.DataFrame, dimensions: Sequence[Dimension]) -> list[Row]:
    if column not in trials or len(dimensions) < 2:
        return []
    measured = np.isfinite(trials[column].to_numpy(dtype=float))
    losses = trials.loc[measured, column].to_numpy(dtype=float) * (1 if metric.better == "lower" else -1)
    if losses.size < LEAST_TRIALS:
        return []
    losses = rounded(losses)
    if np.quantile(losses, BEST_SHARE, method="inverted_cdf") == losses.max():
        return []
    points = [_point(dimensions, place) for place in np.flatnonzero(measured).tolist()]
    names = [dimension.name for dimension in dimensions]
    study = _study(dimensions, points, losses)
    shuffled = [_study(dimensions, points, np.random.default_rng(seed).permutation(losses)) for seed in range(FORESTS)]
    return [
        {"metric": metric.name, "setting": name, "kind": kind, **row}
        for kind in KINDS
        for name, row in _shares(kind, names, study, shuffled).iterrows()
    ]


def _shares(kind: str, names: list[str], study: Any, shuffled: Sequence[Any]) -> pd.DataFrame:
    """`importance low high shuffled` by setting."""
    forests = FORESTS if kind == "fanova" else 1
    real = pd.DataFrame([_evaluate(kind, names, seed, study) for seed in range(forests)])
    chance = pd.DataFrame([_evaluate(kind, names, seed, other) for seed, other in enumerate(shuffled)])
    whole = real.iloc[0].sum() if kind == "ped_anova" else 1.0
    columns = {"importance": real.mean(), "low": real.min(), "high": real.max(), "shuffled": chance.mean()}
    return pd.DataFrame(columns) / whole


def _point(dimensions: Sequence[Dimension], place: int) -> Row:
    return {dimension.name: dimension.points[place] for dimension in dimensions}


def _study(dimensions: Sequence[Dimension], points: Sequence[Row], losses: Floats) -> Any:
    """An in-memory Optuna study of finished trials; lower losses are better."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="minimize")
    distributions = {dimension.name: _distribution(dimension) for dimension in dimensions}
    for point, loss in zip(points, losses, strict=True):
        study.add_trial(optuna.trial.create_trial(params=point, distributions=distributions, value=float(loss)))
    return study


def _evaluate(kind: str, names: list[str], seed: int, study: Any) -> dict[str, float]:
    """What one evaluator says of each setting; `get_param_importances` would scale fANOVA's shares to a sum of 1."""
    from optuna.importance import FanovaImportanceEvaluator, PedAnovaImportanceEvaluator

    if kind == "fanova":
        shares = FanovaImportanceEvaluator(n_trees=TREES, max_depth=DEPTH, seed=seed).evaluate(study, params=names)
    else:
        shares = PedAnovaImportanceEvaluator(target_quantile=BEST_SHARE).evaluate(study, params=names)
    return {name: float(shares[name]) for name in names}


def _distribution(dimension: Dimension) -> Any:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if dimension.scale == "category":
        return CategoricalDistribution(sorted(set(dimension.points)))
    return FloatDistribution(*dimension.bounds)

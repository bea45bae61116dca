"""Differences between twins in any metric of `summary()`, with their mean and interval in each cell; no verdicts."""

import itertools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol import statistics

_DIFFERENCES = ["cell", "arm", "latent_dim", "lam", "gamma", "metric", "seed", "fold", "vanilla", "acai", "difference"]
_ESTIMATES = ["cell", "arm", "latent_dim", "lam", "gamma", "metric", "n", "mean", "low", "high", "vanilla", "acai"]

Floats = npt.NDArray[np.float64]


def differences_of(pairs: pd.DataFrame, values: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """One row a pair and metric, ACAI − vanilla; pairs without a finite number on both sides are absent."""
    parts = []
    for column in columns:
        if column not in values:
            continue
        acai, vanilla = (values[column].reindex(pairs[run]).to_numpy(dtype=float) for run in ("run_id", "twin"))
        part = pairs[["cell", "arm", "latent_dim", "lam", "gamma", "seed", "fold"]].assign(
            metric=column, vanilla=vanilla, acai=acai, difference=acai - vanilla
        )
        parts.append(part[np.isfinite(part["difference"])])
    return pd.concat(parts, ignore_index=True)[_DIFFERENCES] if parts else pd.DataFrame(columns=_DIFFERENCES)


def by_cell(differences: pd.DataFrame, which: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """One row a cell and metric: its differences' mean and interval, and both arms' means.

    Where there are folds, a fold counts once, whatever its seeds.
    """
    if len(set(differences["fold"].dropna())) > 1:
        names = ["vanilla", "acai", "difference"]
        differences = differences.groupby(["cell", "metric", "fold"], sort=False, as_index=False)[names].mean()
    places = differences.groupby(["cell", "metric"]).indices
    arrays = [differences[name].to_numpy(dtype=float) for name in ("difference", "vanilla", "acai")]
    rows = []
    settings = rows_of(which[["arm", "latent_dim", "lam", "gamma"]].reset_index())
    for setting, column in itertools.product(settings, columns):
        place = places.get((setting["cell"], column), np.empty(0, dtype=int))
        rows.append({**setting, "metric": column, **_estimate(*(array[place] for array in arrays))})
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=_ESTIMATES)


def _estimate(values: Floats, vanilla: Floats, acai: Floats) -> Row:
    low, high = statistics.t_interval(values)
    means = [array.mean() if array.size else float("nan") for array in (values, vanilla, acai)]
    return {"n": values.size, "mean": means[0], "low": low, "high": high, "vanilla": means[1], "acai": means[2]}

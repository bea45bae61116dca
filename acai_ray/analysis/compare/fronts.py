"""Which trials of an arm no other trial of it beats in two primary metrics at once."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from acai_ray.analysis.compare import Analysis, Floats
from acai_ray.analysis.compare.trials import SweepTrials, means, sweep_trials
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.primary import PRIMARY, Metric

X = next(metric for metric in PRIMARY if metric.name == "reconstruction")
AGAINST = tuple(metric for name in ("bones", "coverage", "smoothness") for metric in PRIMARY if metric.name == name)
"""The metrics set against `X`, in the order they are shown."""

ARMS = (Arm.VANILLA, Arm.ACAI)
_COLUMNS = ["latent_dim", "metric", "arm", "trial_id", "lam", "gamma", "x", "y", "front"]


def fronts(analysis: Analysis) -> pd.DataFrame:
    """The trials of both arms in the plane of reconstruction and each metric of `AGAINST`.

    Returns:
        One row a trial and metric: `latent_dim metric arm trial_id lam gamma x y front`; `x` is the reconstruction
        MPJPE in mm and `y` the metric, both means over seeds, `front` whether the trial is non-dominated within its arm
        and latent size. Latent sizes and metrics that only one arm has measured are left out.
    """
    trials = sweep_trials(analysis)
    parts = [
        part
        for _, runs in trials.runs.groupby("latent_dim")
        for metric in AGAINST
        if (part := _plane(means(runs), trials, metric))["arm"].nunique() == len(ARMS)
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=_COLUMNS)


def non_dominated(points: Floats, better: Sequence[str]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Which rows no other row beats: as good in every column and better in one; equal rows do not beat each other.

    Args:
        points: `(N, K)`.
        better: `lower` or `higher`, one a column.
    """
    import moocore

    if not len(points):
        return np.zeros(0, dtype=bool)
    maximise = [word == "higher" for word in better]
    return np.asarray(moocore.is_nondominated(points, maximise=maximise, keep_weakly=True), dtype=bool)


def _plane(by_trial: pd.DataFrame, trials: SweepTrials, metric: Metric) -> pd.DataFrame:
    columns = [trials.column(X.column), trials.column(metric.column)]
    values = by_trial.reindex(columns=columns).to_numpy(dtype=float)
    plane: pd.DataFrame = by_trial.assign(metric=metric.name, x=values[:, 0], y=values[:, 1], front=False)
    plane = plane[np.isfinite(values).all(axis=1)].reset_index(drop=True)
    for _, rows in plane.groupby("arm"):
        points = rows[["x", "y"]].to_numpy(dtype=float)
        plane.loc[rows.index, "front"] = non_dominated(points, [X.better, metric.better])
    return plane.loc[:, _COLUMNS]

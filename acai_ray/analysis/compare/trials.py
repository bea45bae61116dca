"""The trials of a search or grid as single points: the mean over a trial's seeds, and each seed for itself."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.columns import measured, metric_columns
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY, with_split

KEYS = ["latent_dim", "trial_id"]


@dataclass(frozen=True)
class SweepTrials:
    """The finished trials of a search or grid.

    Attributes:
        phase: `search` or `grid`; None where the study has neither.
        split: the poses the numbers come from.
        runs: one row a run as in `summary()`, `arm` vanilla or acai, whatever the regularizer; only trials all of whose
            runs are done.
        n_left_out: regularized trials with a run that is not done; a mean over fewer seeds would not compare.
    """

    phase: Phase | None
    split: str
    runs: pd.DataFrame
    n_left_out: int

    @property
    def acai(self) -> pd.DataFrame:
        """One row a regularized trial: its settings, and its metrics as means over seeds."""
        return means(self.runs[self.runs["arm"] == Arm.ACAI])

    def column(self, name: str) -> str:
        """The `summary()` column of a metric on this split."""
        return with_split(name, self.split)


def sweep_trials(analysis: Analysis) -> SweepTrials:
    """The trials of the study's search, on validation poses, or of its grid, on test poses.

    Where a study has measured the other split only, the numbers are of that.
    """
    summary = analysis.summary.dropna(subset=["latent_dim", "lam"])
    phase = next((phase for phase in (Phase.SEARCH, Phase.GRID) if (summary["phase"] == phase).any()), None)
    runs = summary[summary["phase"].isin([phase, Phase.BASELINE] if phase else [])]
    arm = pd.Series(np.where(runs["lam"] > 0, Arm.ACAI.value, Arm.VANILLA.value), index=runs.index)
    finished = _finished(runs).groupby(runs["trial_id"]).transform("all")
    n_left_out = runs.loc[~finished & (arm == Arm.ACAI), "trial_id"].nunique()
    return SweepTrials(phase, _split(phase, runs), runs.assign(arm=arm)[finished], n_left_out)


def means(runs: pd.DataFrame) -> pd.DataFrame:
    """One row a trial, in the order of latent size and name: settings of its first run, means of its metrics."""
    metrics = metric_columns(runs)
    groups = runs.sort_values("run_id").groupby(KEYS, as_index=False)
    settings = groups.head(1).drop(columns=metrics)
    return settings.merge(groups[metrics].mean(), on=KEYS).sort_values(KEYS, ignore_index=True)


def _finished(runs: pd.DataFrame) -> "pd.Series[bool]":
    whole = runs["epochs_planned"].isna() | (runs["epochs"] == runs["epochs_planned"])
    return (runs["status"] == "done") & whole


def _split(phase: Phase | None, runs: pd.DataFrame) -> str:
    order = ("valid", "test") if phase is Phase.SEARCH else ("test", "valid")
    known = (split for split in order if any(measured(runs, metric.column, (split,)) for metric in PRIMARY))
    return next(known, order[0])

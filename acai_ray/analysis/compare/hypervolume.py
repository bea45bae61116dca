"""The volume of objective space that the trials of each arm dominate, per latent size and per seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from acai_ray.analysis.compare import Analysis, Floats
from acai_ray.analysis.compare.analyse import AT_ONCE
from acai_ray.analysis.compare.answer import field
from acai_ray.analysis.compare.columns import metric_columns
from acai_ray.analysis.compare.fronts import ARMS, non_dominated
from acai_ray.analysis.compare.trials import SweepTrials, means, sweep_trials
from acai_ray.common.frames import Row
from acai_ray.protocol import statistics

BEYOND = 0.1
"""The reference point lies this share of an objective's range beyond its worst value."""

_BETTER = {"min": "lower", "max": "higher"}
_SIZES = ["latent_dim", "trials", "vanilla", "acai", "seeds", "seed_vanilla", "seed_acai", "mean", "low", "high"]
_SIZES += ["seed_single", "single_mean", "single_low", "single_high", "singles_above", "best_single"]


@dataclass(frozen=True)
class Hypervolumes:
    """Hypervolumes as shares of the box between the ideal and the reference point, the same box for both arms.

    Attributes:
        boxes: one row a latent size and objective, in the objective's unit: `latent_dim objective better ideal worst
            reference`.
        by_seed: one row a latent size and seed, of that seed's runs only: `latent_dim seed vanilla acai difference`,
            and `single`, the mean of the ACAI runs each for itself, with `single_difference` to `vanilla`.
        sizes: one row a latent size: `trials` of ACAI; `vanilla acai`, of trials as means over seeds; `seeds`, and the
            means over seeds `seed_vanilla seed_acai seed_single`; `mean low high` of `difference` (95 % t interval) and
            `single_mean single_low single_high` of `single_difference`; of the `trials`, each for itself,
            `singles_above` dominate more than vanilla's trials, the best `best_single`.
        split: the poses the numbers come from.
    """

    boxes: pd.DataFrame
    by_seed: pd.DataFrame
    sizes: pd.DataFrame
    split: str


@lru_cache(maxsize=AT_ONCE)
def hypervolumes(analysis: Analysis) -> Hypervolumes:
    """The hypervolumes of the study's objectives at each latent size that both arms have finished trials of."""
    trials = sweep_trials(analysis)
    objectives = study_objectives(analysis, trials)
    measured = trials.runs[list(objectives)].replace([np.inf, -np.inf], np.nan).notna().all(axis=1)
    complete = trials.runs[measured.groupby(trials.runs["trial_id"]).transform("all")]
    parts = [
        _of_size(size, complete[complete["latent_dim"] == size], objectives)
        for size in sorted(complete["latent_dim"].unique())
        if len(objectives) > 1 and set(complete.loc[complete["latent_dim"] == size, "arm"]) == set(ARMS)
    ]
    return Hypervolumes(
        boxes=pd.concat([part.box for part in parts], ignore_index=True) if parts else pd.DataFrame(),
        by_seed=pd.concat([part.by_seed for part in parts], ignore_index=True) if parts else pd.DataFrame(),
        sizes=pd.DataFrame([part.row for part in parts], columns=_SIZES),
        split=trials.split,
    )


def study_objectives(analysis: Analysis, trials: SweepTrials) -> dict[str, str]:
    """The objectives of the study's space that are measured: `summary()` column and which way is better."""
    given = field(analysis.results.study, "space", "objectives", default={})
    if not isinstance(given, Mapping):
        return {}
    named = {trials.column(str(name)): _BETTER[way] for name, way in given.items() if way in ("min", "max")}
    known = metric_columns(trials.runs)
    return {column: better for column, better in named.items() if column in known}


def box(runs: pd.DataFrame, objectives: Mapping[str, str]) -> pd.DataFrame:
    """Ideal, worst and reference value of each objective: `objective better ideal worst reference`.

    Ideal and worst are taken over all runs of the trials that are non-dominated within their own arm, so that each
    arm's front lies inside and trials that nobody would choose do not stretch the box.
    """
    names = list(objectives)
    trials = means(runs)
    keep = [
        rows.loc[non_dominated(rows[names].to_numpy(dtype=float), list(objectives.values())), "trial_id"]
        for _, rows in trials.groupby("arm")
    ]
    values = runs.loc[runs["trial_id"].isin(pd.concat(keep)), names].to_numpy(dtype=float)
    lower = np.array([better == "lower" for better in objectives.values()])
    low, high = values.min(axis=0), values.max(axis=0)
    ideal, worst = np.where(lower, low, high), np.where(lower, high, low)
    reference = worst + BEYOND * (worst - ideal)
    columns = {"objective": names, "better": list(objectives.values()), "ideal": ideal, "worst": worst}
    return pd.DataFrame({**columns, "reference": reference})


def dominated_share(points: Floats, ideal: Floats, reference: Floats) -> float:
    """The volume between a reference point and the points that dominate it, over the volume of the box to the ideal.

    Args:
        points: `(N, K)`; a point that does not dominate the reference point adds nothing.
        ideal: `(K,)`, differs from the reference in every objective; a point beyond it counts with all it dominates.
        reference: `(K,)`; an objective is minimised where the ideal is lower.

    Returns:
        1 for the ideal point, 0 for none; NaN where the box has no volume.
    """
    import moocore

    width = reference - ideal
    if not np.all(np.abs(width) > 0):
        return float("nan")
    return float(moocore.hypervolume((points - ideal) / width, ref=np.ones(len(width))))


@dataclass(frozen=True)
class _OfSize:
    """What `Hypervolumes` holds of one latent size."""

    box: pd.DataFrame
    by_seed: pd.DataFrame
    row: Row


def _of_size(size: int, runs: pd.DataFrame, objectives: Mapping[str, str]) -> _OfSize:
    names, limits = list(objectives), box(runs, objectives)
    ideal, reference = (limits[name].to_numpy(dtype=float) for name in ("ideal", "reference"))

    def share(rows: pd.DataFrame) -> float:
        return dominated_share(rows[names].to_numpy(dtype=float), ideal, reference)

    def singles(rows: pd.DataFrame) -> Floats:
        return np.array([share(rows.iloc[[place]]) for place in range(len(rows))])

    trials = means(runs)
    vanilla, acai = (trials[trials["arm"] == arm] for arm in ARMS)
    level, alone = share(vanilla), singles(acai)
    row = {"latent_dim": size, "trials": len(acai), "vanilla": level, "acai": share(acai)}
    row |= {"singles_above": int((alone > level).sum()), "best_single": alone.max()}
    rows = []
    for seed, of_seed in runs.groupby("seed"):
        base, ours = (of_seed[of_seed["arm"] == arm] for arm in ARMS)
        if len(base) and len(ours):
            rows.append({"seed": seed, "vanilla": share(base), "acai": share(ours), "single": singles(ours).mean()})
    by_seed = pd.DataFrame(rows, columns=["seed", "vanilla", "acai", "single"])
    by_seed["difference"] = by_seed["acai"] - by_seed["vanilla"]
    by_seed["single_difference"] = by_seed["single"] - by_seed["vanilla"]
    return _OfSize(limits.assign(latent_dim=size), by_seed.assign(latent_dim=size), row | _over_seeds(by_seed))


def _over_seeds(by_seed: pd.DataFrame) -> Row:
    row: Row = {"seeds": len(by_seed)}
    row |= {f"seed_{name}": by_seed[name].mean() for name in ("vanilla", "acai", "single")}
    for prefix, name in (("", "difference"), ("single_", "single_difference")):
        low, high = statistics.t_interval(by_seed[name].to_numpy(dtype=float))
        row |= {f"{prefix}mean": by_seed[name].mean(), f"{prefix}low": low, f"{prefix}high": high}
    return row

"""ACAI against vanilla by person: paired differences of each subject's mean."""

import numpy as np
import pandas as pd

from acai_ray.analysis.compare import Analysis, Family

METRICS = {
    "reconstruction": "Reconstruction MPJPE",
    "pa_reconstruction": "Reconstruction MPJPE, aligned",
    "path_recall": "Path recall distance",
    "prior_recall": "Prior recall distance",
}
"""The metrics of the table `subjects` that are shown, all in mm and lower is better."""

_KEYS = ["cell", "latent_dim", "lam", "gamma", "metric"]
_BY_PERSON = [*_KEYS, "subject", "seeds", "n", "vanilla_mm", "acai_mm", "difference_mm"]


def by_person(analysis: Analysis) -> pd.DataFrame:
    """Each person's difference in each compared cell of the family that answers, on the poses it is judged on.

    Returns:
        One row a cell, metric and person: `cell latent_dim lam gamma metric subject seeds n vanilla_mm acai_mm
        difference_mm`; `n` is the person's poses, the rest are means over `seeds` paired runs. A pair counts where
        both its runs have the person.
    """
    if analysis.answer is None:
        return pd.DataFrame(columns=_BY_PERSON)
    pairs = _paired(analysis.results.subjects, analysis.answer)
    groups = pairs.groupby([*_KEYS, "subject"])
    people = groups.agg(
        seeds=("difference_mm", "size"),
        n=("n", "max"),
        vanilla_mm=("mean_vanilla", "mean"),
        acai_mm=("mean", "mean"),
        difference_mm=("difference_mm", "mean"),
    )
    order = {name: place for place, name in enumerate(METRICS)}
    people = people.reset_index().sort_values(
        [*_KEYS, "subject"], key=lambda column: column.map(order) if column.name == "metric" else column
    )
    return people[_BY_PERSON].reset_index(drop=True)


def agreement(people: pd.DataFrame) -> pd.DataFrame:
    """How far the people of `by_person` agree.

    Returns:
        One row a cell and metric: `cell latent_dim lam gamma metric people lower higher mean_mm least_mm most_mm`;
        `lower` counts the people whose difference is below 0, the mean weighs every person alike.
    """
    groups = people.groupby(_KEYS, sort=False)["difference_mm"]
    counts = groups.agg(
        people="size",
        lower=lambda values: int((values < 0).sum()),
        higher=lambda values: int((values > 0).sum()),
        mean_mm="mean",
        least_mm="min",
        most_mm="max",
    )
    return counts.reset_index()


def _paired(subjects: pd.DataFrame, family: Family) -> pd.DataFrame:
    rows = subjects[(subjects["split"] == family.split) & subjects["metric"].isin(list(METRICS))]
    rows = rows[np.isfinite(rows["mean"].astype(float))][["run_id", "subject", "metric", "mean", "n"]]
    pairs = family.pairs[["run_id", "twin", "cell", "latent_dim", "lam", "gamma"]]
    twins = rows.drop(columns="n").rename(columns={"run_id": "twin"})
    both = pairs.merge(rows, on="run_id").merge(twins, on=["twin", "subject", "metric"], suffixes=("", "_vanilla"))
    return both.assign(difference_mm=both["mean"] - both["mean_vanilla"])

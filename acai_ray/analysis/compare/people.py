"""ACAI against vanilla by person: the paired differences that verdicts rest on."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from acai_ray.common.people_sentences import people_of
from acai_ray.protocol.primary import PRIMARY
from acai_ray.store import Results

SETTING = ["cell", "arm", "latent_dim", "lam", "gamma"]
"""What tells the compared cells apart."""

_COLUMNS = [*SETTING, "run_id", "metric", "person", "seed", "fold", "vanilla", "acai", "value"]
_KEYS = [*SETTING, "metric"]


def person_differences(results: Results, pairs: pd.DataFrame, split: str) -> pd.DataFrame:
    """ACAI − vanilla of every person in every pair of runs.

    Args:
        results: of the study.
        pairs: a row a pair: the ACAI run's columns, `twin` and `cell`.
        split: the poses to compare on.

    Returns:
        One row a pair, primary metric and person whom both runs measured: `cell latent_dim lam gamma run_id metric
        person seed fold vanilla acai value`; `metric` is the name of the primary metric, `fold` NaN where the study has
        none.
    """
    subjects = results.subjects[results.subjects["split"] == split]
    parts = [pd.DataFrame(columns=_COLUMNS)]
    for metric in PRIMARY:
        rows = subjects[subjects["metric"] == metric.of_person]
        values = rows[["run_id", "subject"]].assign(value=rows[metric.statistic].astype(float))
        both = (
            pairs[[*SETTING, "run_id", "twin", "seed", "fold"]]
            .merge(values.rename(columns={"value": "acai"}), on="run_id")
            .merge(values.rename(columns={"run_id": "twin", "value": "vanilla"}), on=["twin", "subject"])
        )
        both = both.assign(metric=metric.name, value=both["acai"] - both["vanilla"])
        parts.append(both.rename(columns={"subject": "person"})[np.isfinite(both["value"])][_COLUMNS])
    filled = [part for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else parts[0]


def over_folds(differences: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The means of some columns as a verdict takes them: over seeds, then over a fold's people, then over folds.

    Returns:
        One row a cell and metric, indexed by them.
    """
    rows = differences.assign(fold=differences["fold"].fillna(-1))
    names = list(columns)
    by_person = rows.groupby(["cell", "metric", "fold", "person"], sort=False)[names].mean()
    by_fold = by_person.groupby(level=["cell", "metric", "fold"], sort=False).mean()
    return by_fold.groupby(level=["cell", "metric"], sort=False).mean()


def by_person(differences: pd.DataFrame) -> pd.DataFrame:
    """Each person's difference, the mean over seeds.

    Args:
        differences: what `person_differences` returned.

    Returns:
        One row a cell, metric and person: `cell latent_dim lam gamma metric person fold seeds vanilla acai value`.
    """
    groups = differences.groupby([*_KEYS, "person"], sort=False)
    people = groups.agg(
        fold=("fold", "first"),
        seeds=("seed", "nunique"),
        vanilla=("vanilla", "mean"),
        acai=("acai", "mean"),
        value=("value", "mean"),
    )
    return people.reset_index()


def agreement(people: pd.DataFrame) -> pd.DataFrame:
    """How far the people of `by_person` agree.

    Returns:
        One row a cell and metric: `cell latent_dim lam gamma metric people lower higher least most`; `lower` counts the
        people whose difference is below 0.
    """
    groups = people.groupby(_KEYS, sort=False)["value"]
    counts = groups.agg(
        people="size",
        lower=lambda values: int((values < 0).sum()),
        higher=lambda values: int((values > 0).sum()),
        least="min",
        most="max",
    )
    return counts.reset_index()


def bodies_of(results: Results, people: "pd.Series[str]") -> "pd.Series[str]":
    """The body of each person; one of their own where the study does not tell."""
    known = people_of(results.study.get("data") or {})
    names = {who: f"body {known[who].body}" if who in known else f"body of {who}" for who in set(people)}
    return people.map(names)

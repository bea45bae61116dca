"""Rows of the tables `metrics` and `subjects`, without `run_id`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from acai_ray import metrics
from acai_ray.store import metric_name

MM = 1000.0

Row = dict[str, Any]


def distances(
    split: str, sampler: str, metric: str, distance: str, values: Tensor, n_reference: int = 0
) -> Iterator[Row]:
    """Mean, variance and median of distances given in metres; MPJPE is told in mm."""
    unit, scale = ("mm", MM) if distance == "mpjpe" else ("m", 1.0)
    yield from _statistics(split, sampler, metric, distance, unit, values * scale, n_reference)


def summarised(split: str, sampler: str, metric: str, unit: str, values: Tensor) -> Iterator[Row]:
    """Mean, variance and median of other values."""
    yield from _statistics(split, sampler, metric, "none", unit, values, 0)


def one(split: str, sampler: str, metric: str, unit: str, value: Any, n: int, n_reference: int = 0) -> Row:
    """A number that summarises `n` values by itself."""
    return row(split, sampler, metric, "none", "value", float(value), unit, n, n_reference, 0)


def by_subject(split: str, metric: str, unit: str, values: Tensor, subjects: NDArray[np.str_]) -> Iterator[Row]:
    """Rows of the table `subjects`: a metric of each person's own poses."""
    for subject in np.unique(subjects):
        found = metrics.statistics(values.numpy()[subjects == subject])
        kept = {"mean": found.get("mean"), "median": found.get("median"), "unit": unit, "n": found["n"]}
        yield {"split": split, "subject": str(subject), "metric": metric, **kept}


def name_of(found: Row) -> str:
    """The metric's `store.metric_name`."""
    return metric_name(*(found[key] for key in ("split", "sampler", "metric", "distance", "statistic", "unit")))


def _statistics(
    split: str, sampler: str, metric: str, distance: str, unit: str, values: Tensor, n_reference: int
) -> Iterator[Row]:
    summary = metrics.statistics(values)
    n, n_left_out = int(summary.pop("n")), int(summary.pop("n_left_out"))
    if not n:
        yield row(split, sampler, metric, distance, "mean", None, unit, 0, n_reference, n_left_out)
    for statistic, value in summary.items():
        its_unit = f"{unit}2" if statistic == "variance" and unit != "1" else unit
        yield row(split, sampler, metric, distance, statistic, value, its_unit, n, n_reference, n_left_out)


def row(
    split: str,
    sampler: str,
    metric: str,
    distance: str,
    statistic: str,
    value: float | None,
    unit: str,
    n: int,
    n_reference: int,
    n_left_out: int,
) -> Row:
    """A row of the table."""
    return {
        "split": split,
        "metric": metric,
        "sampler": sampler,
        "distance": distance,
        "statistic": statistic,
        "value": value,
        "unit": unit,
        "n": n,
        "n_reference": n_reference,
        "n_left_out": n_left_out,
    }

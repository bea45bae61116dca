"""Rows of the tables `metrics` and `subjects`, without `run_id`."""

from collections.abc import Iterator
from functools import partial
from typing import Any, get_args

from torch import Tensor

from acai_ray import metrics
from acai_ray.common.units import MM
from acai_ray.store import metric_name

DISTANCES: tuple[metrics.Distance, ...] = get_args(metrics.Distance)
"""By which the distance to the nearest pose is given."""

Row = dict[str, Any]


def distances(
    split: str, sampler: str, metric: str, distance: str, values: Tensor, n_reference: int = 0
) -> Iterator[Row]:
    """Mean, variance and median of distances given in metres; those by MPJPE are told in mm."""
    unit, scale = ("mm", MM) if distance == "mpjpe" else ("m", 1.0)
    yield from _statistics(split, sampler, metric, distance, unit, values * scale, n_reference)


def summarised(split: str, sampler: str, metric: str, unit: str, values: Tensor) -> Iterator[Row]:
    """Mean, variance and median of other values."""
    yield from _statistics(split, sampler, metric, "none", unit, values, 0)


def one(split: str, sampler: str, metric: str, unit: str, value: Any, n: int, n_reference: int = 0) -> Row:
    """A number that summarises `n` values by itself."""
    return row(split=split, sampler=sampler, metric=metric, value=float(value), unit=unit, n=n, n_reference=n_reference)


def of_person(metric: str, unit: str, values: Tensor, n_reference: int = 0) -> Row:
    """A row of the table `subjects`, without run, split and person: a metric of one person's own poses or paths."""
    summary = metrics.statistics(values)
    kept = {"mean": summary.get("mean"), "median": summary.get("median"), "unit": unit}
    counts = {name: int(summary[name]) for name in ("n", "n_left_out")}
    return {"metric": metric, **kept, **counts, "n_reference": n_reference}


def name_of(row: Row) -> str:
    """The `store.metric_name` of a row."""
    return metric_name(*(row[key] for key in ("split", "sampler", "metric", "distance", "statistic", "unit")))


def _statistics(
    split: str, sampler: str, metric: str, distance: str, unit: str, values: Tensor, n_reference: int
) -> Iterator[Row]:
    summary = metrics.statistics(values)
    n, n_left_out = int(summary.pop("n")), int(summary.pop("n_left_out"))
    told = partial(
        row,
        split=split,
        sampler=sampler,
        metric=metric,
        distance=distance,
        n=n,
        n_reference=n_reference,
        n_left_out=n_left_out,
    )
    if not n:
        yield told(statistic="mean", value=None, unit=unit)
    for statistic, value in summary.items():
        squared = statistic == "variance" and unit != "1"
        yield told(statistic=statistic, value=value, unit=f"{unit}2" if squared else unit)


def row(
    *,
    split: str,
    metric: str,
    value: float | None,
    unit: str,
    n: int,
    sampler: str = "none",
    distance: str = "none",
    statistic: str = "value",
    n_reference: int = 0,
    n_left_out: int = 0,
) -> Row:
    """A row of the table `metrics`; its columns are explained in `docs/study.md`."""
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

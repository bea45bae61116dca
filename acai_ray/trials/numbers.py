"""What an experiment measured, for its end on the terminal: the primary metrics, each in words."""

from collections.abc import Iterator

from acai_ray.protocol.primary import PRIMARY, Metric, with_split
from acai_ray.store import Results

SPLITS = ("test", "valid")
"""The first that was measured is told."""


def primary_lines(results: Results) -> Iterator[str]:
    """The primary metrics, means over the seeds that are done; nothing where none is done.

    Args:
        results: the study of the experiment.
    """
    done = results.summary().loc[lambda runs: runs["status"] == "done"]
    splits = [name for name in SPLITS if any(with_split(metric.column, name) in done for metric in PRIMARY)]
    if done.empty or not splits:
        return
    split = splits[0]
    seeds = f"mean over {len(done)} seeds, lowest and highest" if len(done) > 1 else "one seed"
    yield f"on {'validation' if split == 'valid' else split} poses ({seeds}):"
    for metric in PRIMARY:
        column = with_split(metric.column, split)
        values = done[column].dropna() if column in done else done["lam"].head(0)
        yield f"  {metric.label:<24} {_spread(metric, list(values))}, {metric.better} is better:"
        yield f"    {metric.meaning}"


def _spread(metric: Metric, values: list[float]) -> str:
    if not values:
        return "not measured"
    mean = f"{sum(values) / len(values):.3g} {metric.unit}".strip()
    return f"{mean} ({min(values):.3g} to {max(values):.3g})" if len(values) > 1 else mean

"""Which columns of `summary()` hold metrics, and which of them have numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from acai_ray.protocol.primary import PRIMARY, with_split
from acai_ray.store import SCHEMAS

_OF_RUNS = frozenset(SCHEMAS["runs"].names)


def metric_columns(summary: pd.DataFrame) -> list[str]:
    """The columns that `summary()` adds to the table `runs`."""
    return [column for column in summary.columns if column not in _OF_RUNS]


def other_columns(summary: pd.DataFrame, split: str) -> list[str]:
    """The metrics of one split besides the primary ones."""
    primary = {with_split(metric.column, split) for metric in PRIMARY}
    return [column for column in metric_columns(summary) if _is_of_split(column, split) and column not in primary]


def measured(runs: pd.DataFrame, stem: str, splits: Sequence[str] = ("test", "valid")) -> str:
    """The metric's column on the first of the splits it was measured on; empty where it was measured on none."""
    for split in splits:
        column = with_split(stem, split)
        if column in runs and np.isfinite(runs[column].astype(float)).any():
            return column
    return ""


def _is_of_split(column: str, split: str) -> bool:
    """Columns of validation poses have no prefix."""
    return not column.startswith(("train_", "test_")) if split == "valid" else column.startswith(f"{split}_")

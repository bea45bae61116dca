"""Parquet and CSV files of tables: the same columns, and in them the same unrounded numbers."""

import io
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from acai_ray.analysis.check import texts
from acai_ray.analysis.check.rounding import Floats, computed


def between_parquet(written: bytes, made: bytes) -> str:
    """What is wrong with a Parquet file; empty where it holds the table that `made` holds."""
    try:
        frame = _frame(written)
    except (ValueError, OSError, NotImplementedError):
        return "damaged"
    true = _frame(made)
    if list(frame.dtypes.items()) != list(true.dtypes.items()):
        return "other columns than the tables give"
    if len(frame) != len(true):
        return f"{len(frame)} rows, but the tables give {len(true)}"
    return between_csv(_lines(frame), _lines(true)).replace("line", "row")


def between_csv(written: str, made: str) -> str:
    """The first line of a CSV file that says something else; empty where none does."""
    agree = computed(texts.FIELD.findall(made))
    found = texts.difference(written, made, agree, texts.FIELD)
    return f"{texts.line_of(written, found[0])} {found[1]}" if found else ""


def exact_numbers(made: Mapping[str, bytes]) -> Floats:
    """The magnitudes of all numbers of a report's tables, sorted."""
    frames = [_frame(content) for name, content in made.items() if name.endswith(".parquet")]
    numbers = [frame.select_dtypes("number").to_numpy(dtype=np.float64).ravel() for frame in frames]
    return np.unique(np.abs(np.concatenate([np.empty(0), *numbers])))


def _frame(content: bytes) -> pd.DataFrame:
    """The table alone, without what else pandas would believe of a file."""
    frame: pd.DataFrame = pq.read_table(io.BytesIO(content)).replace_schema_metadata(None).to_pandas()
    return frame


def _lines(frame: pd.DataFrame) -> str:
    """A line a row, without a header."""
    return str(frame.to_csv(index=False, header=False, na_rep="nothing"))

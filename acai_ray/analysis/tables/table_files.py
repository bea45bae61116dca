"""A table's files: its raw numbers as CSV and Parquet, what a reader sees of them as LaTeX."""

from io import BytesIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from acai_ray.analysis.tables import latex
from acai_ray.analysis.tables.table import Table
from acai_ray.analysis.wording import clean

FORMATS = ("csv", "parquet", "tex")
FORMULA = ("=", "+", "-", "@")
"""A text that begins like this is a formula to a spreadsheet; in CSV it is quoted with an apostrophe."""


def files(table: Table) -> dict[str, bytes]:
    """The content of each file, by name; the same bytes for the same numbers."""
    frame = _clean(table.frame)
    return {
        f"{table.name}.csv": _csv(frame).encode(),
        f"{table.name}.parquet": _parquet(frame),
        f"{table.name}.tex": latex.table(table).encode(),
    }


def _csv(frame: pd.DataFrame) -> str:
    texts = {name: frame[name].map(_quoted, na_action="ignore") for name in _text_columns(frame)}
    return str(frame.assign(**texts).to_csv(index=False, lineterminator="\n"))


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = BytesIO()
    arrow = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    pq.write_table(arrow, buffer, compression="zstd")
    return buffer.getvalue()


def _clean(frame: pd.DataFrame) -> pd.DataFrame:
    """Text that comes from a study, without control characters and unpaired surrogates."""
    return frame.assign(**{name: frame[name].map(clean, na_action="ignore") for name in _text_columns(frame)})


def _text_columns(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame if not pd.api.types.is_numeric_dtype(frame[name])]


def _quoted(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text

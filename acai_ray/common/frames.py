"""A frame's rows as dictionaries."""

from typing import Any

import pandas as pd

Row = dict[str, Any]


def rows_of(frame: pd.DataFrame) -> list[Row]:
    """One dictionary a row, keyed by column."""
    if frame.columns.empty:  # pandas before 3.1 gives no dictionary at all for rows without columns
        return [{} for _ in frame.index]
    return [{str(column): value for column, value in row.items()} for row in frame.to_dict("records")]

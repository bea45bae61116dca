"""Reading Parquet files of poses, in bounded memory beside the poses themselves."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.index import NAME_COLUMNS

MAGIC = b"PAR1"
IN_METADATA = (b"up_axis", b"units", b"fps", b"acknowledgment", b"synthetic")
ROWS_AT_ONCE = 50_000
"""Poses read at once, which bounds the memory."""
LISTS = (pa.ListArray, pa.LargeListArray, pa.FixedSizeListArray)


def read(path: Path, wanted: Collection[str]) -> dict[str, Any]:
    """Those of the wanted columns that the file holds, and the values in its schema's metadata.

    The column `poses`, of equally long lists, becomes an array `(N, length)`; names that repeat become a categorical.

    Raises:
        UserError: it is damaged, or its lists differ in length.
    """
    try:
        schema = pq.read_schema(path)
        columns, metadata = schema.names, schema.metadata or {}
        names = [name for name in (*NAME_COLUMNS, "split") if name in columns]
        with pq.ParquetFile(path, read_dictionary=names, pre_buffer=False, page_checksum_verification=True) as file:
            table = file.read(columns=[name for name in columns if name in wanted and name != "poses"])
            poses = {"poses": _rows_of_numbers(file, path.name)} if "poses" in columns else {}
    except (pa.ArrowException, OSError, MemoryError) as error:
        detail = " ".join(str(error).split())[:150]
        raise UserError(f"{path.name}: a data file must be whole, but Parquet says [{detail}]; copy it again") from None
    about = {key.decode(): value.decode() for key, value in metadata.items() if key in IN_METADATA}
    return {name: _values(table[name]) for name in table.column_names} | about | poses


def _values(column: pa.ChunkedArray) -> Any:
    """A column as an array, or as a categorical where its names repeat."""
    series = column.to_pandas()
    return series.array if isinstance(series.dtype, pd.CategoricalDtype) else series.to_numpy()


def _rows_of_numbers(file: pq.ParquetFile, origin: str) -> NDArray[Any]:
    """The column `poses` of equally long lists, or lists of lists, as `(N, length)`, read batch after batch."""
    numbers, place = np.empty((0, 0), dtype=np.float32), 0
    for batch in file.iter_batches(ROWS_AT_ONCE, columns=["poses"]):
        rows = _unnested(batch.column(0), origin)
        if place == 0:
            numbers = np.empty((file.metadata.num_rows, rows.shape[1]), dtype=rows.dtype)
        if rows.shape[1:] != numbers.shape[1:] or place + len(rows) > len(numbers):
            raise _unequal(origin)
        numbers[place : place + len(rows)] = rows
        place += len(rows)
    return numbers[:place]


def _unnested(values: Any, origin: str) -> NDArray[Any]:
    rows = len(values)
    while isinstance(values, LISTS):
        if values.null_count or not _equally_long(values):
            raise _unequal(origin)
        values = values.flatten()
    numbers: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    return numbers.reshape(rows, -1)


def _unequal(origin: str) -> UserError:
    return UserError(f"{origin}: every pose must hold 51 numbers, but some hold more or fewer; leave those out")


def _equally_long(lists: Any) -> bool:
    return isinstance(lists, pa.FixedSizeListArray) or len(lists.value_lengths().unique()) <= 1

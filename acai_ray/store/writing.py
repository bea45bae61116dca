"""Writing one trial's rows of one table, durably and as a whole."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from acai_ray.common.files import replacing
from acai_ray.store.schema import SCHEMA_VERSION, SCHEMAS, with_further


def write(
    study_dir: Path, table: str, trial_id: str, rows: pd.DataFrame | Sequence[Mapping[str, Any]], **footer: str
) -> Path:
    """Replace the rows of one trial in one table, durably and as a whole.

    Args:
        study_dir: the study's folder.
        table: one of `TABLES`.
        trial_id: names the file.
        rows: a frame or a list of mappings with exactly the table's columns; in one of `schema.OPEN` more numbers.
        footer: text kept in the file's metadata, e.g. `code_version`, `data_fingerprint`.

    Raises:
        ValueError: a column is missing or unknown.
    """
    columns = None if len(rows) else SCHEMAS[table].names
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=columns)
    schema = with_further(table, frame.columns).with_metadata({"schema_version": SCHEMA_VERSION, **footer})
    if set(frame.columns) != set(schema.names):
        raise ValueError(f"{table} has the columns {schema.names}, but got {sorted(frame.columns)}")
    arrow = pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
    path = study_dir / table / f"{trial_id}.parquet"
    with replacing(path, study_dir) as temporary:
        pq.write_table(
            arrow.replace_schema_metadata(schema.metadata), temporary, compression="zstd", write_page_checksum=True
        )
    return path

"""The Parquet tables of a study: an atomic write and a strict read.

A study is a folder. Each table is a sub-folder with one file per trial, replaced as a whole, so that a reader never
sees half a file and writing again never adds a second row. `schema` says what stands in them; no other layer is used.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from acai_ray.errors import UserError
from acai_ray.files import replacing
from acai_ray.schema import SCHEMA_VERSION, SCHEMAS, SETTINGS, TABLES, metric_name

__all__ = [
    "SCHEMAS",
    "SCHEMA_VERSION",
    "SETTINGS",
    "TABLES",
    "Results",
    "load",
    "lock",
    "metric_name",
    "read",
    "read_study",
    "replacing",
    "studies",
    "write",
    "write_json",
]


@dataclass(frozen=True)
class Results:
    """What a study has written so far, one frame per table, rows in a fixed order.

    `damaged` names each file that could not be read, with the reason; its rows are left out of the frames.
    """

    path: Path
    study: dict[str, Any]
    runs: pd.DataFrame
    metrics: pd.DataFrame
    sensitivity: pd.DataFrame
    history: pd.DataFrame
    curves: pd.DataFrame
    subjects: pd.DataFrame
    gallery: pd.DataFrame
    damaged: list[str] = field(default_factory=list)

    def summary(self) -> pd.DataFrame:
        """One wide row a run: the columns of `runs`, then a column for each metric, named by `metric_name`.

        Where a metric was taken against reference sets of several sizes, the largest counts.
        """
        keys = ["split", "sampler", "metric", "distance", "statistic", "unit"]
        rows = self.metrics.sort_values("n_reference", kind="stable").drop_duplicates(["run_id", *keys], keep="last")
        kinds = rows[keys].drop_duplicates()
        names = kinds.assign(name=[metric_name(*kind) for kind in kinds.itertuples(index=False)])
        wide = rows.merge(names, on=keys).pivot_table(index="run_id", columns="name", values="value", observed=True)
        return pd.concat([self.runs, wide.reindex(self.runs["run_id"]).reset_index(drop=True)], axis="columns")


def write(
    study_dir: Path, table: str, trial_id: str, rows: pd.DataFrame | Sequence[Mapping[str, Any]], **footer: str
) -> Path:
    """Replace the rows of one trial in one table, durably and as a whole.

    Args:
        study_dir: the study's folder.
        table: one of `TABLES`.
        trial_id: names the file.
        rows: a frame or a list of mappings with exactly the table's columns.
        footer: text kept in the file's metadata, e.g. `code_version`, `data_fingerprint`.

    Raises:
        ValueError: a column is missing or unknown.
    """
    schema = SCHEMAS[table].with_metadata({"schema_version": SCHEMA_VERSION, **footer})
    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(list(rows), columns=None if rows else schema.names)
    if set(frame.columns) != set(schema.names):
        raise ValueError(f"{table} has the columns {schema.names}, but got {sorted(frame.columns)}")
    arrow = pa.Table.from_pandas(frame[schema.names], schema=schema, preserve_index=False)
    path = study_dir / table / f"{trial_id}.parquet"
    with replacing(path) as temporary:
        pq.write_table(
            arrow.replace_schema_metadata(schema.metadata), temporary, compression="zstd", write_page_checksum=True
        )
    return path


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a JSON file durably and as a whole."""
    with replacing(path) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def studies(path: Path) -> list[Path]:
    """The studies at `path`: itself, or the sub-folders that hold a `study.json`.

    Raises:
        UserError: there is none.
    """
    path = Path(path)
    found = [path] if (path / "study.json").is_file() else sorted(p.parent for p in path.glob("*/study.json"))
    if not found:
        raise UserError(f"a study is a folder with a study.json, but {path} has none; run acai_ray.tune first")
    return found


def load(study_dir: str | Path) -> Results:
    """Read a study's tables; damaged files are named in `Results.damaged` and left out.

    Raises:
        UserError: the folder is not a study.
    """
    study_dir = Path(study_dir)
    damaged: list[str] = []
    frames = {table: _read_table(study_dir, table, damaged) for table in TABLES}
    return Results(path=study_dir, study=read_study(study_dir), damaged=damaged, **frames)


def read_study(study_dir: Path) -> dict[str, Any]:
    """The content of `study.json`.

    Raises:
        UserError: it is missing or not valid JSON.
    """
    path = study_dir / "study.json"
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"a study is a folder with a study.json, but {study_dir} has none") from None
    except ValueError as error:
        raise UserError(f"study.json must be valid JSON, but {path} is not ({error}); restore or remove it") from None
    if not isinstance(content, dict):
        raise UserError(
            f"study.json must hold an object, but {path} holds {type(content).__name__}; restore or remove it"
        )
    return content


def read(study_dir: Path, table: str, trial_id: str) -> pd.DataFrame:
    """One trial's rows of one table.

    Raises:
        FileNotFoundError: the trial has not written this table.
        ValueError: the file is damaged or of another schema.
    """
    frame: pd.DataFrame = _read_file(study_dir / table / f"{trial_id}.parquet", SCHEMAS[table]).to_pandas()
    return frame


def _read_table(study_dir: Path, table: str, damaged: list[str]) -> pd.DataFrame:
    schema = SCHEMAS[table]
    parts = []
    for path in sorted((study_dir / table).glob("[!.]*.parquet")):
        try:
            parts.append(_read_file(path, schema))
        except ValueError as error:
            damaged.append(f"{table}/{path.name}: {error}")
    frame: pd.DataFrame = (pa.concat_tables(parts) if parts else schema.empty_table()).to_pandas()
    return frame


def _read_file(path: Path, schema: pa.Schema) -> pa.Table:
    try:
        found = pq.ParquetFile(path, memory_map=False, page_checksum_verification=True).read()
    except (pa.ArrowException, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ValueError(f"not a whole Parquet file ({str(error).splitlines()[0]})") from None
    version = (found.schema.metadata or {}).get(b"schema_version", b"none").decode()
    if version != SCHEMA_VERSION:
        raise ValueError(f"schema version {version}, this program reads {SCHEMA_VERSION}")
    if not found.schema.equals(schema):
        raise ValueError("columns differ from the schema")
    return found.replace_schema_metadata(None)


@contextmanager
def lock(study_dir: Path) -> Iterator[None]:
    """Hold the study for writing; released when the process ends, however it ends.

    Raises:
        UserError: another process holds it.
    """
    study_dir.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(study_dir / ".lock", timeout=0):
            yield
    except Timeout:
        raise UserError(
            f"one process at a time may write a study, but another holds {study_dir}; wait for it, stop it, "
            "or give this run another --study"
        ) from None

"""The Parquet files of one table, read strictly: a file or row that breaks a rule is named and left out."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from acai_ray.common.errors import one_line
from acai_ray.common.files import is_own_file
from acai_ray.protocol.statuses import RunStatus
from acai_ray.store.damage import Damage, FormerTablesError, TableFileError, bad_rows, unreadable
from acai_ray.store.schema import FORMER_VERSIONS, SCHEMA_VERSION, SCHEMAS, with_further

_METRIC = ["run_id", "split", "metric", "sampler", "distance", "statistic", "unit", "n_reference"]

KEYS = {
    "runs": ["run_id"],
    "metrics": _METRIC,
    "sensitivity": [*_METRIC, "fraction"],
    "history": ["run_id", "epoch"],
    "curves": ["run_id", "split", "t"],
    "subjects": ["run_id", "split", "subject", "metric"],
    "gallery": ["run_id", "kind", "index", "t"],
}
"""The columns that tell a table's rows apart."""

RANGED = ("latent_dim", "lam", "gamma", "seed")
"""The columns of `runs` whose values must lie in a range."""

LIMIT = 1e100
"""Every metric lies far below this, and its square is still a finite number."""

Mask = npt.NDArray[np.bool_]
"""For each row of a frame, whether it breaks a rule."""

FileNames = npt.NDArray[np.object_]
"""For each row of a frame, the name of the file it comes from."""


def read_table(study_dir: Path, table: str, fingerprint: str, damaged: list[Damage]) -> pd.DataFrame:
    """The rows of all whole files of a table, in the files' order.

    Args:
        study_dir: the study's folder.
        table: one of `TABLES`.
        fingerprint: of the study's data; empty where it is not known.
        damaged: gets an entry for each file that is left out and for each that has rows left out.
    """
    parts: dict[str, pa.Table] = {}
    for path in sorted((study_dir / table).glob("[!.]*.parquet")):
        try:
            parts[path.name] = read_file(study_dir, path, table, fingerprint)
        except TableFileError as error:
            damaged.append(unreadable(table, path.name, error))
    rows = pa.concat_tables(parts.values(), promote_options="default") if parts else SCHEMAS[table].empty_table()
    names = np.repeat(np.array(list(parts), dtype=object), [len(part) for part in parts.values()])
    frame: pd.DataFrame = rows.to_pandas()
    for rule, breaks in (*_RULES, *_OF_TABLE.get(table, ())):
        wrong = breaks(table, frame, names)
        damaged += [bad_rows(table, name, rule, n) for name, n in _count(names[wrong])]
        frame, names = frame[~wrong], names[~wrong]
    # The rows that stay are converted again, so that a column without missing values has the type of whole tables.
    kept: pd.DataFrame = rows.take(pa.array(frame.index)).to_pandas() if len(frame) < len(rows) else frame
    return kept


def read_file(study_dir: Path, path: Path, table: str, fingerprint: str = "") -> pa.Table:
    """One file of a study's table.

    Raises:
        FileNotFoundError: there is none.
        TableFileError: it is not a whole file of this study and schema.
    """
    if path.exists() and not is_own_file(path, study_dir):
        raise TableFileError("a table's file must be a plain file in the study's folder", "this is a link out of it")
    try:
        content = pq.ParquetFile(path, memory_map=False, page_checksum_verification=True).read()
        content.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError) and not path.is_symlink():
            raise
        raise TableFileError(
            "a table's file must be whole", f"this is not a whole Parquet file ({one_line(error)})"
        ) from None
    footer = content.schema.metadata or {}
    _check_footer(
        {key.decode(errors="replace"): value.decode(errors="replace") for key, value in footer.items()}, fingerprint
    )
    if not content.schema.equals(with_further(table, content.schema.names)):
        raise TableFileError("a table's file must have the columns of this program", "its columns differ")
    return content.replace_schema_metadata(None)


def _check_footer(footer: dict[str, str], fingerprint: str) -> None:
    version = footer.get("schema_version", "none")
    if version in FORMER_VERSIONS:
        raise FormerTablesError(version)
    if version != SCHEMA_VERSION:
        raise TableFileError(
            f"this program reads tables of schema version {SCHEMA_VERSION}", f"this has version {version}"
        )
    data = footer.get("data_fingerprint", "")
    if data and fingerprint and data != fingerprint:
        raise TableFileError(
            f"a study has one data set, here {fingerprint[:12]}",
            f"this was measured on {data[:12]}, so it comes from another study",
        )


def _count(names: FileNames) -> list[tuple[str, int]]:
    distinct, counts = np.unique(names.astype(str), return_counts=True)
    return [(str(name), int(count)) for name, count in zip(distinct, counts, strict=True)]


def _without_key(table: str, frame: pd.DataFrame, _: FileNames) -> Mask:
    optional = {"t"} if table == "gallery" else set()
    required = [column for column in KEYS[table] if column not in optional]
    return np.asarray(frame[required].isna().any(axis="columns"))


def _of_another_file(_: str, frame: pd.DataFrame, names: FileNames) -> Mask:
    """Rows of a run that also stands in a better file: the one named after its trial, else the first by name."""
    places = pd.DataFrame({"run_id": frame["run_id"], "file": names}).drop_duplicates().dropna()
    if places["run_id"].is_unique:
        return np.zeros(len(frame), dtype=bool)
    named = [run.rpartition("-")[0] == file.removesuffix(".parquet") for run, file in places.itertuples(index=False)]
    best = places.assign(named=named).sort_values(["named", "file"], ascending=[False, True]).drop_duplicates("run_id")
    return np.asarray(frame["run_id"].map(best.set_index("run_id")["file"]).to_numpy() != names)


def _twice(table: str, frame: pd.DataFrame, _: FileNames) -> Mask:
    return np.asarray(frame.duplicated(KEYS[table], keep=False))


def _impossible_run(_: str, frame: pd.DataFrame, __: FileNames) -> Mask:
    size, lam, gamma, seed = (frame[name].to_numpy(dtype=float, na_value=np.nan) for name in RANGED)
    possible = (size >= 1) & (size <= 1e6) & (lam >= 0) & (lam <= 1e9) & ~((gamma < 0) | (gamma > 1)) & (seed >= 0)
    named = frame["status"].isin([*map(str, RunStatus)]) & frame["trial_id"].notna() & frame["arm"].notna()
    return np.asarray(~(possible & named.to_numpy(dtype=bool)))


def _absurd_number(_: str, frame: pd.DataFrame, __: FileNames) -> Mask:
    return np.asarray(np.abs(frame["value"].to_numpy(dtype=float, na_value=np.nan)) >= LIMIT)


def _impossible_pose(_: str, frame: pd.DataFrame, __: FileNames) -> Mask:
    return np.array([pose is None or not np.isfinite(pose).all() for pose in frame["pose"]], dtype=bool)


Rule = tuple[str, Callable[[str, pd.DataFrame, FileNames], Mask]]

_RULES: tuple[Rule, ...] = (
    ("every row must say which run and what it is of", _without_key),
    ("a run must stand in one file of a table", _of_another_file),
    ("a table must hold each number once", _twice),
)

_OF_TABLE: dict[str, tuple[Rule, ...]] = {
    "runs": (
        (
            "a run must have a latent size from 1, a λ from 0, a γ within 0 and 1, a seed, an arm and a known status",
            _impossible_run,
        ),
    ),
    "metrics": ((f"a metric must be missing or a number below {LIMIT:g}", _absurd_number),),
    "sensitivity": ((f"a metric must be missing or a number below {LIMIT:g}", _absurd_number),),
    "gallery": (("a pose must be finite", _impossible_pose),),
}
"""What each rule says and which rows break it."""

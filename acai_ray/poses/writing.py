"""Writing a `PoseSet` as one file that `load` reads back to the same poses, names and split."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from acai_ray.common.errors import UserError
from acai_ray.common.files import replacing
from acai_ray.common.skeleton import POSE_DIM
from acai_ray.poses.index import NAME_COLUMNS
from acai_ray.poses.pose_set import PoseSet

NAMES = (*NAME_COLUMNS, "split")
ROWS_AT_ONCE = 65_536
"""Poses in a row group of the file, which bounds the memory beside the poses."""

ENCODING: dict[str, Any] = {
    "compression": "lz4",
    "use_dictionary": list(NAMES),
    "column_encoding": {"poses.list.element": "BYTE_STREAM_SPLIT"},
    "write_page_checksum": True,
}
"""The compression that reads fastest.

Measured on the columns of 2.1 million poses (428 MB): 0.80 s to read and 374 MB on disk; without compression 0.64 s and
445 MB; with zstd 1.2 s and 341 MB.
"""


def refuse_target(path: Path, suffixes: tuple[str, ...], force: bool) -> None:
    """Refuse a file that cannot or must not be written; to be called before any work is done.

    Args:
        path: the file to write.
        suffixes: how its name may end.
        force: whether an existing file may be replaced.

    Raises:
        UserError: the name is wrong, the folder is missing, or the file exists.
    """
    if path.suffix not in suffixes:
        raise UserError(f"the file to write must end in {' or '.join(suffixes)}, but is {str(path)!r}; rename it")
    if not path.parent.is_dir():
        raise UserError(f"the file must be written to a folder that exists, but {str(path.parent)!r} does not; make it")
    if path.is_dir():
        raise UserError(f"the file to write must be a file, but {str(path)!r} is a folder; name another")
    if path.exists() and not force:
        raise UserError(f"the file to write must be new, but {str(path)!r} exists; give --force to replace it")


@contextmanager
def written(path: Path) -> Iterator[Path]:
    """A temporary path to write to; the file there takes the place of `path` when the block ends without an error.

    Raises:
        UserError: it cannot be written; nothing is left behind.
    """
    try:
        with replacing(path) as temporary:
            yield temporary
    except (OSError, pa.ArrowException) as error:
        reason = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else str(error)
        raise UserError(
            f"{path}: a file must be written whole, but writing it stopped at [{reason}]; make room or choose another "
            "folder"
        ) from None


def write_parquet(pose_set: PoseSet, path: Path) -> None:
    """Write one Parquet file; the same poses give the same bytes.

    Args:
        pose_set: the poses; its notes and its name are not kept.
        path: the file, replaced as a whole.

    Raises:
        UserError: it cannot be written; nothing is left behind.
    """
    schema = _columns(pose_set, slice(0, 0)).schema.with_metadata(_about(pose_set))
    with written(path) as temporary, pq.ParquetWriter(temporary, schema, **ENCODING) as writer:
        for start in range(0, len(pose_set), ROWS_AT_ONCE):
            columns = _columns(pose_set, slice(start, start + ROWS_AT_ONCE))
            writer.write_table(columns.replace_schema_metadata(schema.metadata), row_group_size=ROWS_AT_ONCE)


def write_npz(pose_set: PoseSet, path: Path) -> None:
    """Write one `.npz` of plain arrays: `poses`, and one for each column of the index.

    Args:
        pose_set: the poses; its notes and its name are not kept.
        path: the file, replaced as a whole.

    Raises:
        UserError: it cannot be written; nothing is left behind.
    """
    index = {name: pose_set.index[name].astype(str).to_numpy(dtype=str) for name in NAMES}
    arrays: dict[str, Any] = {
        "poses": pose_set.poses,
        **index,
        "frame": pose_set.index["frame"].to_numpy(dtype=np.int32),
    }
    arrays |= _about(pose_set)
    with written(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def _columns(pose_set: PoseSet, rows: slice) -> pa.Table:
    index = pose_set.index.iloc[rows]
    poses = pa.FixedSizeListArray.from_arrays(pa.array(pose_set.poses[rows].reshape(-1)), POSE_DIM)
    names = {name: _dictionary(index[name].array) for name in NAMES}
    return pa.table({"poses": poses, **names, "frame": pa.array(index["frame"].to_numpy(dtype=np.int32))})


def _dictionary(names: Any) -> pa.DictionaryArray:
    """A categorical column, with the same dictionary in every row group of the file."""
    codes = pa.array(names.codes.astype(np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array(names.categories.astype(str).tolist(), pa.string()))


def _about(pose_set: PoseSet) -> dict[str, str]:
    known = {} if pose_set.fps is None else {"fps": repr(pose_set.fps)}
    synthetic = "true" if pose_set.synthetic else "false"
    return {"units": "m", "acknowledgment": pose_set.acknowledgment, "synthetic": synthetic} | known

"""Files that are replaced as a whole, so that a reader never sees half of one; and a check against foreign links."""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from errno import ENOENT
from pathlib import Path
from typing import Any

MB = 1e6


class WriteError(OSError):
    """What could not be written; its text is one sentence that names file, reason, free space and remedy."""

    def __init__(self, path: Path, error: OSError) -> None:
        """Args: what was written, and what the system said."""
        reason = os.strerror(error.errno) if error.errno else str(error)
        super().__init__(error.errno, reason)
        folder = next((folder for folder in path.absolute().parents if folder.is_dir()), Path("/"))
        remedy = "was it moved? Move it back" if error.errno == ENOENT else "free some space there"
        self._text = (
            f"a folder that takes files is needed, but {path} could not be written ({reason}; "
            f"{shutil.disk_usage(folder).free / MB:,.1f} MB are free in {folder}); {remedy} or mend that"
        )

    def __str__(self) -> str:
        return self._text


def make_below(top: Path, folder: Path) -> None:
    """Make a folder below another one, which must be there: what was moved meanwhile is not made anew.

    Raises:
        FileNotFoundError: `top` is gone.
    """
    for place in [*reversed(folder.relative_to(top).parents), folder.relative_to(top)][1:]:
        (top / place).mkdir(exist_ok=True)


@contextmanager
def replacing(path: Path, within: Path | None = None) -> Iterator[Path]:
    """A temporary path beside `path` that takes its place, synced to disk, when the block ends well.

    Args:
        path: of the file; its folder is made.
        within: a folder above it that must be there.

    Raises:
        WriteError: the system refused; the old file is still at `path`, unless only the folder could not be synced.
    """
    temporary = path.parent / f".{path.name}.{os.getpid()}.tmp"
    with writing(path):
        if within is None:
            path.parent.mkdir(parents=True, exist_ok=True)
        else:
            make_below(within, path.parent)
        try:
            yield temporary
            with temporary.open("rb") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync_folder(path.parent)


def write_json(path: Path, content: Mapping[str, Any], within: Path | None = None) -> None:
    """Replace a JSON file durably and as a whole; arguments as of `replacing`."""
    with replacing(path, within) as temporary:
        temporary.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an `OSError` of the block into one sentence which says that `path` could not be written.

    Raises:
        WriteError: instead of any other `OSError`.
    """
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(path, error) from None


def tidy(folder: Path) -> None:
    """Delete the temporary files of processes that were killed while `replacing` a file of this folder."""
    for path in folder.glob(".*.tmp*"):
        path.unlink(missing_ok=True)


def is_own_file(path: Path, folder: Path) -> bool:
    """Whether `path` is a plain file that really lies in `folder`: no device, and no link to elsewhere."""
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

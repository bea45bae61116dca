"""The lock of a study: one process at a time writes it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from acai_ray.common.errors import UserError
from acai_ray.common.files import WriteError


@contextmanager
def lock(study_dir: Path) -> Iterator[None]:
    """Hold the study for writing; released when the process ends, however it ends.

    Raises:
        UserError: another process holds it.
        WriteError: the folder cannot be made or written.
    """
    held = FileLock(study_dir / ".lock", timeout=0)
    try:
        study_dir.mkdir(parents=True, exist_ok=True)
        held.acquire()
    except Timeout:
        raise UserError(
            f"one process at a time may write a study, but another holds {study_dir}; wait for it, stop it, "
            "or give this run another --study"
        ) from None
    except OSError as error:
        raise WriteError(study_dir / ".lock", error) from None
    try:
        yield
    finally:
        held.release()

"""Reading pose data in a command: it shows the progress, and then what was left out or assumed."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from acai_ray.common.command_line import doing
from acai_ray.common.status_line import StatusLine
from acai_ray.poses import PoseSet, load
from acai_ray.poses.recording import Progress


def read_poses(source: str, options: Mapping[str, Any]) -> PoseSet:
    """Read pose data as `poses.load` does, and write progress and notes to standard error.

    Args:
        source: `synthetic`, or a file or folder.
        options: fields of `LoadOptions`.

    Raises:
        UserError: as `poses.load`.
    """
    doing(f"reading poses: {source}")
    with progress_of(source) as progress:
        poses = load(source, progress=progress, **options)
    show_notes(poses)
    return poses


def show_notes(poses: PoseSet) -> None:
    """Write to standard error what was left out or assumed when the data was read."""
    for note in poses.notes:
        print(f"note: {note}", file=sys.stderr)


@contextmanager
def progress_of(source: str) -> Iterator[Progress]:
    """A `Progress` that shows on standard error how many files are read, as long as the block lasts."""
    status = StatusLine()
    try:
        yield lambda done, total: status.show(lambda: f"reading {source}: {done:,} of {total:,} files")
    finally:
        status.close()

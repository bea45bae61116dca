"""Reading pose data in a command: progress while it lasts, what was assumed when it is done."""

import sys
from collections.abc import Mapping
from typing import Any

from acai_ray.poses import PoseSet, load
from acai_ray.status_line import StatusLine


def read_poses(source: str, options: Mapping[str, Any]) -> PoseSet:
    """`poses.load`, with its progress and notes on standard error.

    Args:
        source: `synthetic`, or a file or folder.
        options: fields of `LoadOptions`.

    Raises:
        UserError: as `poses.load`.
    """
    status = StatusLine()
    try:
        poses = load(
            source,
            progress=lambda done, total: status.show(lambda: f"reading {source}: {done:,} of {total:,} files"),
            **options,
        )
    finally:
        status.close()
    for note in poses.notes:
        print(f"note: {note}", file=sys.stderr)
    return poses

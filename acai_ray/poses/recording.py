"""What a reader hands over: poses as the file holds them, and what is known about them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.poses.splits import Split

Up: TypeAlias = Literal["y", "z"]
"""The axis that points up in a world frame."""

Progress: TypeAlias = Callable[[int, int], None]
"""What a reader calls after each file, with the number of files it has read and the number of all files."""


def no_progress(done: int, total: int) -> None:
    """The `Progress` of a caller that does not show any."""


@dataclass(frozen=True, eq=False)
class Recording:
    """Poses of one file, before any conversion.

    Attributes:
        origin: the file's name, for messages.
        poses: `(N, 17, 3)` numbers (`checks.as_joints` makes them so).
        index: one row a pose, columns `subject action sequence camera frame`.
        up: the axis that points up in the file's world frame; None for camera axes.
        unit: `m`, `cm` or `mm`, the unit of the coordinates; None where they have no metric scale.
        fps: stored poses per second of a sequence, where that is known; frame numbers may count at another rate.
        keep: `(N,)` true for the poses to take unless the user gives `every`; None takes all.
        parts: the part of each subject, where the data brings its own split.
        cameras: world-to-camera rotations `(3, 3)` by name, where the file itself says which cameras saw the poses.
    """

    origin: str
    poses: NDArray[Any]
    index: pd.DataFrame
    up: Up | None = None
    unit: str | None = "m"
    fps: float | None = None
    keep: NDArray[np.bool_] | None = None
    parts: Mapping[str, Split] = field(default_factory=dict)
    cameras: Mapping[str, NDArray[np.float64]] | None = None


@dataclass(frozen=True, eq=False)
class Source:
    """All recordings of a data set, and what must be said wherever its results are shown.

    Attributes:
        recordings: one for each file, or for each part of a file.
        acknowledgment: what the data's owners ask to be printed; may be empty.
        synthetic: whether the people are computed and not recorded.
        notes: sentences on what the reader left out or assumed.
        motion_capture: whether these are motion-capture files, whose `01` and `S1` are not Human3.6M's people.
    """

    recordings: Sequence[Recording]
    acknowledgment: str = ""
    synthetic: bool = False
    notes: Sequence[str] = ()
    motion_capture: bool = False

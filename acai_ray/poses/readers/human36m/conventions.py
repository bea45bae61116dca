"""What all forms of Human3.6M share: its joints, its frame rate, the names of its sequences."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.poses import checks
from acai_ray.poses.index import index_of
from acai_ray.poses.recording import Recording

N_RECORDED = 32
"""Joints that were recorded, of which 17 are used."""
JOINTS_17 = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
"""The 17 joints among the 32 recorded ones."""
MOST_FRAMES = 100_000
"""Frames that no file of one sequence exceeds; the longest has about 6,400, seen by four cameras."""
MOST_NUMBERS = MOST_FRAMES * N_RECORDED * 3
"""Coordinates that no file of one sequence exceeds."""
FPS = 50.0
"""Frames per second of the recordings."""
EVERY = 10
"""Every 10th frame is taken by default, as in the report."""

BROKEN = frozenset({("S11", "Directions")})
"""(subject, sequence) of the recording that is broken in some releases, so that studies leave it out."""
BROKEN_NOTE = "S11 Directions is left out: its recording is broken in some releases"


def seventeen(poses: NDArray[Any], origin: str) -> NDArray[Any]:
    """The 17 joints `(T, 17, 3)` of poses `(T, 32, 3)` or `(T, 96)`; poses of 17 joints stay as they are.

    Raises:
        RuleError: the poses have another shape.
    """
    if poses.ndim in (2, 3) and poses.shape[1:] in ((N_RECORDED, 3), (3 * N_RECORDED,)):
        poses = poses.reshape(-1, N_RECORDED, 3)[:, JOINTS_17]
    return checks.as_joints(poses, origin)


def action_of(sequence: str) -> str:
    """`Directions` for `Directions 1`, `Directions-1` and `Directions_1`."""
    return sequence.rstrip("0123456789").rstrip(" -_.") or sequence


def world_recording(poses: NDArray[Any], subject: str, sequence: str, origin: str, unit: str) -> Recording:
    """The recording of one sequence at 50 fps in the world frame, z up.

    Args:
        poses: `(T, 32, 3)`, `(T, 96)` or `(T, 17, 3)` in `unit`.
        subject: such as `S1`.
        sequence: such as `Directions 1`.
        origin: the file, for messages.
        unit: `m` or `mm`.
    """
    chosen = seventeen(poses, origin)
    index = index_of(len(chosen), subject=subject, action=action_of(sequence), sequence=sequence)
    return Recording(origin, chosen, index, up="z", unit=unit, fps=FPS, keep=np.arange(len(chosen)) % EVERY == 0)


def rate_of(frames: NDArray[Any]) -> float:
    """Poses per second of poses whose frame numbers count at 50 per second: 50 over the median step of the numbers."""
    steps = np.diff(np.asarray(frames))
    forwards = steps[steps > 0]
    return FPS / float(np.median(forwards)) if len(forwards) else FPS

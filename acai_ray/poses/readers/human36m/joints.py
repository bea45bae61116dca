"""What the forms of Human3.6M share: 32 recorded joints of which 17 are used, sequences named after actions."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.poses import checks
from acai_ray.poses.index import index_of
from acai_ray.poses.recording import Recording

N_RECORDED = 32
JOINTS_17 = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
"""The 17 joints among the 32 recorded ones."""
MOST_FRAMES = 100_000
"""Frames that no file of one sequence exceeds: the longest has about 6,400, seen by four cameras."""
MOST_NUMBERS = MOST_FRAMES * N_RECORDED * 3
"""Coordinates that no file of one sequence exceeds."""
FPS = 50.0
EVERY = 10
"""Every 10th frame is taken by default, as in the report."""

BROKEN = frozenset({("S11", "Directions")})
"""(subject, sequence) whose recording is broken in some releases; nobody uses it."""
BROKEN_NOTE = "S11 Directions is left out: its recording is broken in some releases"


def seventeen(poses: NDArray[Any], origin: str) -> NDArray[Any]:
    """`(T, 17, 3)` from `(T, 32, 3)` or `(T, 96)`; 17 joints pass."""
    if poses.ndim in (2, 3) and poses.shape[1:] in ((N_RECORDED, 3), (3 * N_RECORDED,)):
        poses = poses.reshape(-1, N_RECORDED, 3)[:, JOINTS_17]
    return checks.as_joints(poses, origin)


def action_of(sequence: str) -> str:
    """`Directions` of `Directions 1`, `Directions-1` and `Directions_1`."""
    return sequence.rstrip("0123456789").rstrip(" -_.") or sequence


def world_recording(poses: NDArray[Any], subject: str, sequence: str, origin: str, unit: str) -> Recording:
    """A sequence recorded at 50 fps in the world frame, z up.

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
    """Poses per second where frames are numbered at 50 per second: 50 over their median step."""
    steps = np.diff(np.asarray(frames))
    forwards = steps[steps > 0]
    return FPS / float(np.median(forwards)) if len(forwards) else FPS

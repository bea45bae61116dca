"""Recordings without their faulty poses, in metres, so that the rest can be looked at."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from acai_ray.poses import checks
from acai_ray.poses.conversion import BONES_TOTAL_M
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.recording import Recording
from acai_ray.poses.views import camera_rotations

TYPICAL_BONE_M = 0.26
"""Median bone of people, to which poses in an unknown unit are scaled."""

Repair = Callable[[Recording, LoadOptions], Recording]


def finite(recording: Recording, options: LoadOptions) -> Recording:  # noqa: ARG001
    """Without poses that have NaN or infinity."""
    return _only(recording, np.isfinite(recording.poses).all(axis=(1, 2)))


def metric(recording: Recording, options: LoadOptions) -> Recording:
    """Pelvis at the origin, in metres: of the stated unit, or else scaled to people's size."""
    poses = checks.centred(recording.poses)
    if len(poses) == 0:
        return replace(recording, poses=poses, unit="m")
    unit = options.unit or recording.unit
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        bones = checks.bone_lengths(poses)
        if options.scale == "bones" or unit is None:
            factor = BONES_TOTAL_M / bones.sum(axis=1)[:, None, None]
        else:
            middle = np.median(bones).astype(np.float64) * checks.METRES[unit]
            is_human = checks.MEDIAN_BONE[0] < middle < checks.MEDIAN_BONE[1]
            factor = checks.METRES[unit] * (1.0 if is_human else TYPICAL_BONE_M / middle)
        scaled = (poses * factor).astype(np.float32)
    return finite(replace(recording, poses=scaled, unit="m"), options)


def within_reach(recording: Recording, options: LoadOptions) -> Recording:  # noqa: ARG001
    """Without poses that reach too far; expects metres."""
    return _only(recording, np.abs(recording.poses).max(axis=(1, 2), initial=0) < checks.REACH)


def of_people(recording: Recording, options: LoadOptions) -> Recording:  # noqa: ARG001
    """Without poses with a bone too long or hardly a body; expects metres."""
    bones = checks.bone_lengths(recording.poses)
    sound = (bones.max(axis=1, initial=0) <= checks.LONGEST_BONE) & (bones.sum(axis=1) >= checks.SHORTEST_BODY)
    return _only(recording, sound)


REPAIRS: tuple[Repair, ...] = (finite, metric, within_reach, of_people)
"""In the order in which `load` checks."""


def repaired(recording: Recording, options: LoadOptions) -> Recording:
    """The sound poses of a recording, in metres."""
    for repair in REPAIRS:
        recording = repair(recording, options)
    return recording


def in_camera_axes(recording: Recording, options: LoadOptions) -> NDArray[np.float32]:
    """Its poses as the first virtual camera sees them, where they are in world axes."""
    up = None if options.frame == "camera" else options.up or recording.up
    if up is None:
        return recording.poses
    turned: NDArray[np.float32] = recording.poses @ camera_rotations(up, 1)[0].astype(np.float32).T
    return turned


def _only(recording: Recording, sound: NDArray[np.bool_]) -> Recording:
    if sound.all():
        return recording
    keep = None if recording.keep is None else recording.keep[sound]
    return replace(recording, poses=recording.poses[sound], index=recording.index[sound], keep=keep)

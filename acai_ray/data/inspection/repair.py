"""Taking faulty poses out of a recording and bringing the others to metres, so that these can be inspected.

Each repair undoes what one check of `load` refuses, and they are applied in the order in which `load` checks.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from acai_ray.poses import checks
from acai_ray.poses.cameras import Cameras
from acai_ray.poses.conversion import BONES_TOTAL_M
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.recording import Recording
from acai_ray.poses.selection import world_up
from acai_ray.poses.views import camera_rotations

TYPICAL_BONE_M = 0.26
"""Median bone of people, metres; poses in an unknown unit are scaled to it."""

Repair: TypeAlias = Callable[[Recording, LoadOptions], Recording]


def without_nonfinite(recording: Recording, options: LoadOptions) -> Recording:  # noqa: ARG001
    """The recording without poses that hold NaN or infinity."""
    return _rows_where(recording, np.isfinite(recording.poses).all(axis=(1, 2)))


def without_missing_joints(recording: Recording, options: LoadOptions) -> Recording:  # noqa: ARG001
    """The recording without poses in which a joint was not found."""
    found: NDArray[np.bool_] = ~checks.missing_joints(recording.poses)
    return _rows_where(recording, np.all(found, axis=1))


def in_metres(recording: Recording, options: LoadOptions) -> Recording:
    """The recording in metres with the pelvis at the origin; scaled to people's size where its unit cannot be right."""
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
    return without_nonfinite(replace(recording, poses=scaled, unit="m"), options)


def without_far_joints(recording: Recording, options: LoadOptions) -> Recording:  # noqa: ARG001
    """A recording in metres without poses that have a joint too far from the pelvis."""
    return _rows_where(recording, np.abs(recording.poses).max(axis=(1, 2), initial=0) < checks.REACH)


def without_impossible_bodies(recording: Recording, options: LoadOptions) -> Recording:  # noqa: ARG001
    """A recording in metres without poses that have a bone too long, or bones too short for a body."""
    bones = checks.bone_lengths(recording.poses)
    sound = (bones.max(axis=1, initial=0) <= checks.LONGEST_BONE) & (bones.sum(axis=1) >= checks.SHORTEST_BODY)
    return _rows_where(recording, sound)


REPAIRS: tuple[Repair, ...] = (
    without_nonfinite,
    without_missing_joints,
    in_metres,
    without_far_joints,
    without_impossible_bodies,
)
"""The repairs in the order in which `load` checks."""


def repaired(recording: Recording, options: LoadOptions) -> Recording:
    """The sound poses of a recording, in metres."""
    for repair in REPAIRS:
        recording = repair(recording, options)
    return recording


def in_camera_axes(recording: Recording, options: LoadOptions, real: Cameras | None) -> NDArray[np.float32]:
    """The poses as the first camera of each subject sees them, a real one where `load` takes those.

    Args:
        recording: poses in world or in camera axes.
        options: what the user asked for.
        real: the real cameras of the data; subjects that have none there are seen by a virtual one.
    """
    up = world_up(recording, options)
    if up is None:
        return recording.poses
    virtual = camera_rotations(up, 1)[0]
    subjects = recording.index["subject"].astype(str).to_numpy()
    turned = np.empty_like(recording.poses)
    for who in np.unique(subjects):
        own = recording.cameras or (real or {}).get(who) or {}
        rows = np.flatnonzero(subjects == who)
        turned[rows] = recording.poses[rows] @ next(iter(own.values()), virtual).astype(np.float32).T
    return turned


def _rows_where(recording: Recording, sound: NDArray[np.bool_]) -> Recording:
    if sound.all():
        return recording
    keep = None if recording.keep is None else recording.keep[sound]
    return replace(recording, poses=recording.poses[sound], index=recording.index[sound], keep=keep)

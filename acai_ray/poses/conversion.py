"""From recordings to the poses that everything else works on: chosen, seen by cameras, in metres, checked."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.errors import RuleError
from acai_ray.common.skeleton import N_JOINTS
from acai_ray.poses import body_checks, cameras, checks, people_checks, splits
from acai_ray.poses.cameras import Cameras
from acai_ray.poses.index import concatenate
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.rates import taken_rate
from acai_ray.poses.recording import Recording, Source
from acai_ray.poses.selection import Seen, refuse_unequal_rates, seen_poses, subjects_of
from acai_ray.poses.splits import SPLITS, Split

AT_ONCE = 4_000
"""Poses converted at once, which bounds the memory beside the file's array and the result."""

ENOUGH_POSES = 20
"""Poses of a person from which on they must be upright on average."""
REAL_CAMERAS = f"the cameras of {cameras.FILE} are of another world, so give --cameras {cameras.VIRTUAL}"
"""The remedy where poses seen by real cameras are not upright."""

BONES_TOTAL_M = 4.09
"""Total length of the 16 bones that `scale=bones` gives every pose, metres: the mean of 36 people in motion capture."""


def from_source(source: Source, name: str, real: Cameras | None, options: LoadOptions) -> PoseSet:
    """The poses of a source that are wanted, converted and checked; split after split, so that a split is one block.

    Args:
        source: what a reader gave.
        name: what the data is called.
        real: the real cameras of the data; None where there are none.
        options: what the user asked for.

    Raises:
        RuleError: the data breaks a rule.
    """
    split = split_of(source, name, options)
    refuse_unequal_rates(source, name, options)
    seen = seen_poses(source.recordings, split, real, options)
    poses = converted(seen, options)
    index = concatenate([part.index for part in seen])
    index["split"] = _split_column(index["subject"], split)
    notes, fps = tuple(source.notes), taken_rate(source, index)
    pose_set = PoseSet(poses, index, name, source.synthetic, source.acknowledgment, notes, fps)
    seen_by_real = real is not None and any(part.cameras is not None for part in seen)
    _check_people(pose_set, REAL_CAMERAS if seen_by_real else people_checks.AXES)
    return pose_set


def split_of(source: Source, name: str, options: LoadOptions) -> dict[str, Split]:
    """The part of each subject of a source.

    Raises:
        RuleError: as `splits.assign`.
    """
    own = [(who, recording.parts.get(who)) for recording in source.recordings for who in subjects_of(recording)]
    return splits.assign(own, options, name)


def converted(seen: Sequence[Seen], options: LoadOptions) -> NDArray[np.float32]:
    """The poses as their cameras see them, each one checked.

    Returns:
        `(N, 17, 3)` metres, pelvis at the origin, camera axes.

    Raises:
        RuleError: a pose breaks a rule.
    """
    poses = np.empty((sum(part.count for part in seen), N_JOINTS, 3), dtype=np.float32)
    start = 0
    for part in seen:
        _convert(part, poses[start : start + part.count], options)
        start += part.count
    return poses


def _convert(seen: Seen, out: NDArray[np.float32], options: LoadOptions) -> None:
    """Fill `out` with the poses of one recording, camera after camera."""
    recording, origin, count = seen.recording, seen.recording.origin, len(seen.rows)
    for rows in _chunks(seen.rows):
        checks.refuse_nonfinite(_taken_at(recording.poses, rows), recording.index, rows, origin)
        checks.refuse_missing_joints(recording.poses, recording.index, rows, origin)
    scale = _scale(recording, seen.rows, options)
    for start, rows in zip(range(0, count, AT_ONCE), _chunks(seen.rows), strict=True):
        poses = checks.centred(_taken_at(recording.poses, rows))
        poses = poses * (_scale_by_bones(poses, origin) if scale is None else scale)
        checks.refuse_impossible_bodies(poses, recording.index, rows, origin)
        in_metres, here = poses.astype(np.float32, copy=False), slice(start, start + len(rows))
        if seen.cameras is None:
            out[here] = in_metres
            continue
        for view, rotation in zip(out.reshape(-1, count, N_JOINTS, 3), seen.cameras.values(), strict=True):
            view[here] = in_metres @ rotation.astype(np.float32).T


def _chunks(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _taken_at(poses: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    """`poses[rows]` for ascending rows, without a copy where they follow each other."""
    in_a_row = rows[-1] - rows[0] + 1 == len(rows)
    return poses[rows[0] : rows[-1] + 1] if in_a_row else poses[rows]


def _scale(recording: Recording, rows: NDArray[np.int64], options: LoadOptions) -> float | None:
    """Metres in one unit of the recording; None where each pose is to be scaled by its bones."""
    unit = options.unit or recording.unit
    if options.scale == "bones":
        return None
    if unit is None:
        raise RuleError(
            recording.origin,
            rule="poses must have a metric scale",
            value="these have none",
            remedy="give --scale bones to scale each pose to one total bone length, or leave these subjects out",
        )
    metres = checks.METRES[unit]
    checks.refuse_wrong_unit(recording.poses[checks.sample(rows)], metres, recording.origin)
    return metres


def _scale_by_bones(poses: NDArray[Any], origin: str) -> NDArray[Any]:
    """`(N, 1, 1)` factors that give every pose bones of `BONES_TOTAL_M` together."""
    total = checks.bone_lengths(poses).sum(axis=1)
    if not total.min() > 0:
        raise RuleError(
            origin,
            rule="a pose must have bones",
            value="all joints of one lie in a point",
            remedy="leave such poses out",
        )
    factors: NDArray[Any] = (BONES_TOTAL_M / total)[:, None, None]
    return factors


def _split_column(subject: pd.Series, split: Mapping[str, Split]) -> pd.Categorical:
    """The part of each pose, from the part of each subject."""
    parts = np.array([SPLITS.index(split[name]) if name in split else -1 for name in subject.cat.categories])
    categories: Any = list(SPLITS)
    return pd.Categorical.from_codes(parts[subject.cat.codes.to_numpy()], categories=categories)


def _check_people(pose_set: PoseSet, remedy: str) -> None:
    """Refuse parts and people whose poses cannot be right; `remedy` is what may help where they are not upright."""
    for split in pose_set.splits:
        rows, place = np.flatnonzero(pose_set.index["split"] == split), f"{pose_set.name}, {split}"
        camera = pose_set.index["camera"].cat.codes.to_numpy()[rows]
        people_checks.refuse_one_pose_repeated(pose_set.poses[checks.sample(rows[camera == camera[0]])], place)
        part = pose_set.poses[checks.sample(rows)]
        people_checks.refuse_not_upright(part, place, remedy)
        people_checks.refuse_mirrored(part, place)
        body_checks.refuse_flat(part, place)
    for subject in pose_set.subjects():
        rows = np.flatnonzero(pose_set.index["subject"] == subject)
        own, place = pose_set.poses[checks.sample(rows)], f"{pose_set.name}, {subject}"
        if len(own) >= ENOUGH_POSES:
            people_checks.refuse_not_upright(own, place, remedy)
        body_checks.refuse_unordered_trunk(own, place)
        people_checks.refuse_elastic_limbs(own, place)
        people_checks.refuse_mirrored(own, place)
    rows = checks.sample(np.arange(len(pose_set.poses)))
    body_checks.refuse_wrong_size(
        pose_set.poses[rows], pose_set.index["subject"].cat.codes.to_numpy()[rows], pose_set.name
    )

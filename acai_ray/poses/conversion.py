"""From recordings to the poses that everything else works on: chosen, seen by cameras, in metres, checked."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import N_JOINTS
from acai_ray.poses import cameras, checks, splits
from acai_ray.poses.cameras import Cameras
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.recording import SPLITS, Recording, Source, Split, Up, concatenate, named
from acai_ray.poses.views import camera_names, camera_rotations

AT_ONCE = 4_000
"""Poses converted at once, which bounds the memory beside the file's array and the result."""

ENOUGH_POSES = 20
"""Poses of a person from which on they must be upright on average."""
REAL_CAMERAS = f"the cameras of {cameras.FILE} are of another world, so give --cameras {cameras.VIRTUAL}"

BONES_TOTAL_M = 4.09
"""Total length of the 16 bones that `scale=bones` gives every pose, metres: the mean of 36 people in motion capture."""


def from_source(source: Source, name: str, real: Cameras | None, options: LoadOptions) -> PoseSet:
    """The poses of a source that are wanted, converted and checked; split after split, so that a split is one block.

    Args:
        source: what a reader gave.
        name: what the data is called.
        real: the cameras found for it.
        options: what the user asked for.

    Raises:
        UserError: the data breaks a rule.
    """
    own = [(subject, part.parts.get(subject)) for part in source.recordings for subject in _subjects(part)]
    split = splits.assign(own, options, name)
    _same_rate(source, name, options)
    seen = [
        part
        for wanted in SPLITS
        for recording in source.recordings
        for part in _seen(recording, {subject for subject in split if split[subject] == wanted}, real, options)
    ]
    poses = np.empty((sum(part.count for part in seen), N_JOINTS, 3), dtype=np.float32)
    index = concatenate([part.index for part in seen])
    index["split"] = _split_of(index["subject"], split)
    place = 0
    for part in seen:
        _convert(part, poses[place : place + part.count], options)
        place += part.count
    pose_set = PoseSet(poses, index, name, source.synthetic, source.acknowledgment, tuple(source.notes))
    seen_by_real = real is not None and any(part.cameras is not None for part in seen)
    _check(pose_set, REAL_CAMERAS if seen_by_real else checks.AXES)
    return pose_set


@dataclass(frozen=True, eq=False)
class _Seen:
    """Some poses of a recording, and the cameras that see them; none where the axes are a camera's already."""

    recording: Recording
    rows: NDArray[np.int64]
    cameras: Mapping[str, NDArray[np.float64]] | None = None

    @property
    def count(self) -> int:
        return len(self.rows) * (1 if self.cameras is None else len(self.cameras))

    @property
    def index(self) -> pd.DataFrame:
        """One row a pose, camera after camera."""
        rows = self.recording.index.iloc[self.rows]
        if self.cameras is None:
            return rows
        camera = named(np.repeat(np.arange(len(self.cameras)), len(rows)), list(self.cameras))
        return concatenate([rows] * len(self.cameras)).assign(camera=camera)


def _split_of(subject: pd.Series, split: Mapping[str, Split]) -> pd.Categorical:
    parts = np.array([SPLITS.index(split[name]) if name in split else -1 for name in subject.cat.categories])
    categories: Any = list(SPLITS)
    return pd.Categorical.from_codes(parts[subject.cat.codes.to_numpy()], categories=categories)


def _subjects(recording: Recording) -> list[str]:
    return list(recording.index["subject"].unique())


def _seen(recording: Recording, subjects: set[str], real: Cameras | None, options: LoadOptions) -> list[_Seen]:
    """The wanted poses of a recording with their cameras."""
    ours = recording.index["subject"].isin(subjects).to_numpy()
    if not ours.any():
        return []
    rows = np.flatnonzero(_taken(recording, options.every) & ours)
    if len(rows) == 0:
        few = ", ".join(sorted(subjects & set(_subjects(recording)))[:5])
        raise UserError(
            f"{recording.origin}: some poses of each part must be taken, but of {few} none is; give --every 1"
        )
    up = _up(recording, options)
    if up is not None and recording.cameras is None and real is not None:
        names = recording.index["subject"].to_numpy()[rows]
        return [_Seen(recording, rows[names == name], _of(real, name, recording)) for name in dict.fromkeys(names)]
    if up is not None:
        virtual = dict(zip(camera_names(options.views), camera_rotations(up, options.views), strict=True))
        return [_Seen(recording, rows, recording.cameras or virtual)]
    if options.cameras is not None:
        raise UserError(
            f"{recording.origin}: cameras see poses in world axes, but these are in camera axes; leave --cameras out"
        )
    return [_Seen(recording, rows)]


def _of(real: Cameras, subject: str, recording: Recording) -> Mapping[str, NDArray[np.float64]]:
    if subject not in real:
        raise UserError(
            f"{recording.origin}: {cameras.FILE} must hold the cameras of every subject, but has none of {subject!r}; "
            f"add them or give --cameras {cameras.VIRTUAL}"
        )
    return real[subject]


def _taken(recording: Recording, every: int | None) -> NDArray[np.bool_]:
    if every is not None:
        groups = recording.index.groupby(["subject", "sequence", "camera"], observed=True, sort=False)
        rows: NDArray[np.bool_] = (groups.cumcount() % every == 0).to_numpy()
        return rows
    return np.ones(len(recording.poses), dtype=bool) if recording.keep is None else recording.keep


def _same_rate(source: Source, name: str, options: LoadOptions) -> None:
    rates = sorted({part.fps for part in source.recordings if part.fps is not None})
    if options.every is not None and len(rates) > 1:
        raise UserError(
            f"{name}: every n-th pose needs one frame rate, but the recordings have {rates[0]:g} to {rates[-1]:g} "
            "frames per second; leave --every out to take 10 a second of each"
        )


def _up(recording: Recording, options: LoadOptions) -> Up | None:
    if options.frame == "camera":
        return None
    up = options.up or recording.up
    if options.frame == "world" and up is None:
        raise UserError(
            f"{recording.origin}: a world frame needs its up axis, but none is given; give --up y or --up z"
        )
    return up


def _convert(seen: _Seen, out: NDArray[np.float32], options: LoadOptions) -> None:
    """Fill `out` with the poses as each camera sees them, checked, in metres and camera axes."""
    recording, origin, count = seen.recording, seen.recording.origin, len(seen.rows)
    for rows in _chunks(seen.rows):
        checks.finite(_taken_at(recording.poses, rows), recording.index, rows, origin)
    scale = _scale(recording, seen.rows, options)
    for place, rows in zip(range(0, count, AT_ONCE), _chunks(seen.rows), strict=True):
        poses = checks.centred(_taken_at(recording.poses, rows))
        poses = poses * (_by_bones(poses, origin) if scale is None else scale)
        checks.of_people(poses, recording.index, rows, origin)
        in_metres, here = poses.astype(np.float32, copy=False), slice(place, place + len(rows))
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
    """Metres in one unit of the recording; none where each pose is to be scaled by its bones."""
    unit = options.unit or recording.unit
    if options.scale == "bones":
        return None
    if unit is None:
        raise UserError(
            f"{recording.origin}: poses must have a metric scale, but these have none; give --scale bones to scale "
            "each pose to one total bone length, or leave these subjects out"
        )
    metres = checks.METRES[unit]
    checks.metric(recording.poses[checks.some(rows)], metres, recording.origin)
    return metres


def _by_bones(poses: NDArray[Any], origin: str) -> NDArray[Any]:
    total = checks.bone_lengths(poses).sum(axis=1)
    if not total.min() > 0:
        raise UserError(f"{origin}: a pose must have bones, but all joints of one lie in a point; leave such poses out")
    factors: NDArray[Any] = (BONES_TOTAL_M / total)[:, None, None]
    return factors


def _check(pose_set: PoseSet, remedy: str) -> None:
    for split in pose_set.splits:
        rows, place = np.flatnonzero(pose_set.index["split"] == split), f"{pose_set.name}, {split}"
        camera = pose_set.index["camera"].cat.codes.to_numpy()[rows]
        checks.varied(pose_set.poses[checks.some(rows[camera == camera[0]])], place)
        checks.upright(pose_set.poses[checks.some(rows)], place, remedy)
        checks.not_mirrored(pose_set.poses[checks.some(rows)], place)
    for subject in pose_set.subjects():
        rows = np.flatnonzero(pose_set.index["subject"] == subject)
        own, place = pose_set.poses[checks.some(rows)], f"{pose_set.name}, {subject}"
        if len(own) >= ENOUGH_POSES:
            checks.upright(own, place, remedy)
        checks.rigid(own, place)
        checks.not_mirrored(own, place)

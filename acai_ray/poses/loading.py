"""From a name or a path to a checked `PoseSet`."""

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.config import parse
from acai_ray.errors import UserError
from acai_ray.poses import cameras, checks, formats, splits
from acai_ray.poses.cameras import Cameras
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.recording import SPLITS, Progress, Recording, Source, Up, concatenate, named, unheard
from acai_ray.poses.views import camera_names, camera_rotations
from acai_ray.skeleton import N_JOINTS

AT_ONCE = 20_000
"""Poses converted at once, which bounds the memory beside the file's array and the result."""

BONES_TOTAL_M = 4.09
"""Total length of the 16 bones that `scale=bones` gives every pose, metres: the mean of 36 people in motion capture."""


def load(name_or_path: str | PathLike[str] = "synthetic", *, progress: Progress = unheard, **options: Any) -> PoseSet:
    """Read pose data of any supported form; the form is recognised from the content.

    Poses recorded in a world frame are seen by the real cameras, where the data or a `camera-parameters.json` beside it
    gives them, else by `views` virtual ones. Unless `every` is given, raw Human3.6M gives every 10th frame, BVH files
    10 frames per second, a file with `keep10` its 10 fps subset, any other all poses. Unless subjects are listed, data
    that brings its own split keeps it, Human3.6M trains on S1 S5 S6 S7, validates on S8 and tests on S9 S11, and other
    people are shared out 70, 10 and 20 %.

    Args:
        name_or_path: `synthetic`, or a file or folder.
        progress: told how many files are read.
        options: the fields of `LoadOptions`.

    Raises:
        UserError: the data or an option breaks a rule.
    """
    chosen = parse(LoadOptions, options, "options of the data")
    path = Path(name_or_path).expanduser()
    source = formats.find(path).read(path, chosen, progress)
    return from_source(source, path.name or path.resolve().name, cameras.find(path, chosen), chosen)


def from_source(source: Source, name: str, real: Cameras | None, options: LoadOptions) -> PoseSet:
    """The poses of a source that are wanted, converted and checked.

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
    seen = [view for recording in source.recordings for view in _views(recording, set(split), real, options)]
    poses = np.empty((sum(len(view.rows) for view in seen), N_JOINTS, 3), dtype=np.float32)
    index = concatenate([view.index for view in seen])
    index["split"] = pd.Categorical(index["subject"].map(split).astype(object), categories=list(SPLITS))
    place = 0
    for view in seen:
        _convert(view, poses[place : place + len(view.rows)], options)
        place += len(view.rows)
    pose_set = PoseSet(poses, index, name, source.synthetic, source.acknowledgment, tuple(source.notes))
    _check(pose_set)
    return pose_set


@dataclass(frozen=True, eq=False)
class _View:
    """Some poses of a recording as one camera sees them; no rotation where the axes are a camera's already."""

    recording: Recording
    rows: NDArray[np.int64]
    camera: str | None = None
    rotation: NDArray[np.float64] | None = None

    @property
    def index(self) -> pd.DataFrame:
        rows = self.recording.index.iloc[self.rows]
        if self.camera is None:
            return rows
        return rows.assign(camera=named(np.zeros(len(rows), dtype=np.int8), [self.camera]))


def _subjects(recording: Recording) -> list[str]:
    return list(recording.index["subject"].unique())


def _views(recording: Recording, subjects: set[str], real: Cameras | None, options: LoadOptions) -> list[_View]:
    """The wanted poses of a recording, camera after camera."""
    ours = recording.index["subject"].isin(subjects).to_numpy()
    if not ours.any():
        return []
    rows = np.flatnonzero(_taken(recording, options.every) & ours)
    if len(rows) == 0:
        raise UserError(f"{recording.origin}: a file must hold a pose that is taken, but holds none; give every=1")
    up = _up(recording, options)
    if up is None:
        if options.cameras is not None:
            raise UserError(
                f"{recording.origin}: cameras see poses in world axes, but these are in camera axes; leave cameras out"
            )
        return [_View(recording, rows)]
    return list(_seen(recording, rows, up, real, options.views))


def _seen(recording: Recording, rows: NDArray[np.int64], up: Up, real: Cameras | None, views: int) -> Iterator[_View]:
    if recording.cameras is None and real is not None:
        names = recording.index["subject"].to_numpy()[rows]
        for subject in dict.fromkeys(names):
            if subject not in real:
                raise UserError(
                    f"{recording.origin}: {cameras.FILE} must hold the cameras of every subject, but has none of "
                    f"{subject!r}; add them or give cameras={cameras.VIRTUAL}"
                )
            for name, rotation in real[subject].items():
                yield _View(recording, rows[names == subject], name, rotation)
    else:
        virtual = dict(zip(camera_names(views), camera_rotations(up, views), strict=True))
        for name, rotation in (recording.cameras or virtual).items():
            yield _View(recording, rows, name, rotation)


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
            "frames per second; leave every out to take 10 a second of each"
        )


def _up(recording: Recording, options: LoadOptions) -> Up | None:
    if options.frame == "camera":
        return None
    up = options.up or recording.up
    if options.frame == "world" and up is None:
        raise UserError(f"{recording.origin}: a world frame needs its up axis, but none is given; give up=y or up=z")
    return up


def _convert(view: _View, out: NDArray[np.float32], options: LoadOptions) -> None:
    """Fill `out` with the view's poses, checked, in metres and camera axes."""
    recording, origin = view.recording, view.recording.origin
    for rows in _chunks(view.rows):
        checks.finite(recording.poses[rows], recording.index.iloc[rows], origin)
    scale = _scale(recording, view.rows, options)
    for place, rows in zip(range(0, len(out), AT_ONCE), _chunks(view.rows), strict=True):
        poses = checks.centred(recording.poses[rows])
        poses = poses * (_by_bones(poses, origin) if scale is None else scale)
        checks.of_people(poses, recording.index.iloc[rows], origin)
        in_metres = poses.astype(np.float32, copy=False)
        out[place : place + len(rows)] = (
            in_metres if view.rotation is None else in_metres @ view.rotation.astype(np.float32).T
        )


def _chunks(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _scale(recording: Recording, rows: NDArray[np.int64], options: LoadOptions) -> float | None:
    """Metres in one unit of the recording; none where each pose is to be scaled by its bones."""
    unit = options.unit or recording.unit
    if options.scale == "bones":
        return None
    if unit is None:
        raise UserError(
            f"{recording.origin}: poses must have a metric scale, but these have none; give scale=bones to scale each "
            "pose to one total bone length, or leave these subjects out"
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


def _check(pose_set: PoseSet) -> None:
    for split in pose_set.splits:
        rows, place = np.flatnonzero(pose_set.index["split"] == split), f"{pose_set.name}, {split}"
        if (pose_set.poses[checks.some(rows)] == pose_set.poses[rows[0]]).all():
            checks.varied(pose_set.poses[rows], place)
        checks.upright(pose_set.poses[checks.some(rows)], place)
    for subject in pose_set.subjects():
        rows = np.flatnonzero(pose_set.index["subject"] == subject)
        checks.not_mirrored(pose_set.poses[checks.some(rows)], f"{pose_set.name}, {subject}")

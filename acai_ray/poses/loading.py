"""From a name or a path to a checked `PoseSet`."""

from collections.abc import Collection
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.config import parse
from acai_ray.errors import UserError
from acai_ray.poses import checks, formats, splits
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.recording import SPLITS, Recording, Up, concatenate, named
from acai_ray.poses.views import camera_names, seen_from_all_sides


def load(name_or_path: str | PathLike[str] = "synthetic", **options: Any) -> PoseSet:
    """Read pose data of any supported form; the form is recognised from the content.

    Poses recorded in a world frame are seen by `views` virtual cameras. Unless `every` is given, VideoPose3D's file
    gives every 10th frame, a file with `keep10` its 10 fps subset, any other all poses. Unless subjects are listed,
    data that brings its own split keeps it, Human3.6M trains on S1 S5 S6 S7, validates on S8 and tests on S9 S11, and
    other people are shared out 70, 10 and 20 %.

    Args:
        name_or_path: `synthetic`, or a file or folder.
        options: the fields of `LoadOptions`.

    Raises:
        UserError: the data or an option breaks a rule.
    """
    chosen = parse(LoadOptions, options, "options of the data")
    path = Path(name_or_path).expanduser()
    source = formats.find(path).read(path, chosen)
    name = path.name or path.resolve().name
    own = [(subject, part.split) for part in source.recordings for subject in part.index["subject"].unique()]
    split = splits.assign(own, chosen, name)
    wanted = [part for part in source.recordings if part.index["subject"].isin(list(split)).any()]
    parts = [_prepare(recording, chosen, split) for recording in wanted]
    poses, index = np.concatenate([poses for poses, _ in parts]), concatenate([index for _, index in parts])
    index["split"] = pd.Categorical(index["subject"].map(split).astype(object), categories=list(SPLITS))
    pose_set = PoseSet(poses, index, name, source.synthetic, source.acknowledgment)
    _check(pose_set)
    return pose_set


def _check(pose_set: PoseSet) -> None:
    for split in pose_set.splits:
        rows, place = (pose_set.index["split"] == split).to_numpy(), f"{pose_set.name}, {split}"
        checks.varied(pose_set.poses[rows], place)
        checks.upright(pose_set.poses[rows], place)
        checks.not_mirrored(pose_set.poses[rows], place)


def _prepare(
    recording: Recording, options: LoadOptions, subjects: Collection[str]
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    """One recording's poses as a `PoseSet` holds them, checked, with their index."""
    rows = _rows(recording, options.every) & recording.index["subject"].isin(list(subjects)).to_numpy()
    if not rows.any():
        raise UserError(f"{recording.origin}: a file must hold a pose that is taken, but holds none; give every=1")
    raw, index, origin = recording.poses[rows], recording.index[rows], recording.origin
    checks.finite(raw, index, origin)
    poses = checks.metres(raw, checks.METRES[options.unit or recording.unit], index, origin)
    up = _up(recording, options)
    return (poses, index) if up is None else _from_all_sides(poses, index, up, options.views)


def _rows(recording: Recording, every: int | None) -> NDArray[np.bool_]:
    if every is not None:
        groups = recording.index.groupby(["subject", "sequence", "camera"], observed=True, sort=False)
        rows: NDArray[np.bool_] = (groups.cumcount() % every == 0).to_numpy()
        return rows
    return np.ones(len(recording.poses), dtype=bool) if recording.keep is None else recording.keep


def _up(recording: Recording, options: LoadOptions) -> Up | None:
    if options.frame == "camera":
        return None
    up = options.up or recording.up
    if options.frame == "world" and up is None:
        raise UserError(f"{recording.origin}: a world frame needs its up axis, but none is given; give up=y or up=z")
    return up


def _from_all_sides(
    poses: NDArray[np.float32], index: pd.DataFrame, up: Up, views: int
) -> tuple[NDArray[np.float32], pd.DataFrame]:
    cameras = named(np.repeat(np.arange(views), len(poses)), camera_names(views))
    return seen_from_all_sides(poses, up, views), concatenate([index] * views).assign(camera=cameras)

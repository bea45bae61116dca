"""Which poses of a recording are taken, and which cameras see them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.errors import RuleError
from acai_ray.poses import cameras
from acai_ray.poses.cameras import Cameras, Rotations
from acai_ray.poses.index import concatenate, named
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.recording import Recording, Source, Up
from acai_ray.poses.splits import SPLITS, Split
from acai_ray.poses.views import camera_names, camera_rotations


@dataclass(frozen=True, eq=False)
class Seen:
    """Some poses of a recording, and the cameras that see them.

    Attributes:
        recording: where the poses are.
        rows: `(n,)` which of its poses, ascending.
        cameras: the cameras; None where the poses are in the axes of a camera already.
    """

    recording: Recording
    rows: NDArray[np.int64]
    cameras: Rotations | None = None

    @property
    def count(self) -> int:
        """How many poses this gives, all cameras together."""
        return len(self.rows) * (1 if self.cameras is None else len(self.cameras))

    @property
    def index(self) -> pd.DataFrame:
        """One row for each of these poses, camera after camera."""
        rows = self.recording.index.iloc[self.rows]
        if self.cameras is None:
            return rows
        camera = named(np.repeat(np.arange(len(self.cameras)), len(rows)), list(self.cameras))
        return concatenate([rows] * len(self.cameras)).assign(camera=camera)


def seen_poses(
    recordings: Iterable[Recording], split: Mapping[str, Split], real: Cameras | None, options: LoadOptions
) -> list[Seen]:
    """The poses to take of all recordings, those of the training people first.

    Raises:
        RuleError: no pose of a recording is taken, or it is not known how cameras see the poses.
    """
    return [
        part
        for wanted in SPLITS
        for recording in recordings
        for part in _seen(recording, {who for who in split if split[who] == wanted}, real, options)
    ]


def _seen(recording: Recording, subjects: set[str], real: Cameras | None, options: LoadOptions) -> list[Seen]:
    """The poses to take of these subjects of a recording, with the cameras that see them."""
    ours = recording.index["subject"].isin(subjects).to_numpy()
    if not ours.any():
        return []
    rows = np.flatnonzero(_taken(recording, options.every) & ours)
    if len(rows) == 0:
        raise RuleError(
            recording.origin,
            rule="some poses of each part must be taken",
            value=f"of {', '.join(sorted(subjects & set(subjects_of(recording)))[:5])} none is",
            remedy="give --every 1",
        )
    up = _stated_up(recording, options)
    if up is not None and recording.cameras is None and real is not None:
        names = recording.index["subject"].to_numpy()[rows]
        return [
            Seen(recording, rows[names == name], cameras.of_subject(real, name, recording.origin))
            for name in dict.fromkeys(names)
        ]
    if up is not None:
        virtual = dict(zip(camera_names(options.views), camera_rotations(up, options.views), strict=True))
        return [Seen(recording, rows, recording.cameras or virtual)]
    if options.cameras is not None:
        raise RuleError(
            recording.origin,
            rule="cameras see poses in world axes",
            value="these are in camera axes",
            remedy="leave --cameras out",
        )
    return [Seen(recording, rows)]


def world_up(recording: Recording, options: LoadOptions) -> Up | None:
    """The axis that points up in the world of a recording; None where its axes are a camera's."""
    return None if options.frame == "camera" else options.up or recording.up


def _stated_up(recording: Recording, options: LoadOptions) -> Up | None:
    """The same, refused where a world frame is asked for and nothing says which axis points up."""
    up = world_up(recording, options)
    if options.frame == "world" and up is None:
        raise RuleError(
            recording.origin,
            rule="a world frame needs its up axis",
            value="none is given",
            remedy="give --up y or --up z",
        )
    return up


def _taken(recording: Recording, every: int | None) -> NDArray[np.bool_]:
    """`(N,)` true for every n-th pose of a sequence, or else for those that are taken by default."""
    if every is not None:
        groups = recording.index.groupby(["subject", "sequence", "camera"], observed=True, sort=False)
        rows: NDArray[np.bool_] = (groups.cumcount() % every == 0).to_numpy()
        return rows
    return np.ones(len(recording.poses), dtype=bool) if recording.keep is None else recording.keep


def subjects_of(recording: Recording) -> list[str]:
    """The people of a recording, in the order in which they occur."""
    return [str(who) for who in recording.index["subject"].unique()]


def refuse_unequal_rates(source: Source, name: str, options: LoadOptions) -> None:
    """Refuse to take every n-th pose of recordings whose frame rates differ."""
    rates = sorted({recording.fps for recording in source.recordings if recording.fps is not None})
    if options.every is not None and len(rates) > 1:
        raise RuleError(
            name,
            rule="every n-th pose needs one frame rate",
            value=f"the recordings have {rates[0]:g} to {rates[-1]:g} frames per second",
            remedy="leave --every out to take 10 a second of each",
        )

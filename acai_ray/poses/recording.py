"""What a reader hands over: poses as the file holds them, and what is known about them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Split: TypeAlias = Literal["train", "valid", "test"]
Up: TypeAlias = Literal["y", "z"]

SPLITS: tuple[Split, ...] = get_args(Split)
NAME_COLUMNS = ("subject", "action", "sequence", "camera")
"""Columns of the index that hold names; `frame` is a number."""

Progress: TypeAlias = Callable[[int, int], None]
"""Told, now and then, how many files are read of how many."""


def unheard(done: int, total: int) -> None:
    """Progress that nobody hears."""


@dataclass(frozen=True, eq=False)
class Recording:
    """Poses of one file, before any conversion.

    Attributes:
        origin: the file's name, for messages.
        poses: `(N, 17, 3)` numbers (`checks.joints` makes them so).
        index: one row a pose, columns `subject action sequence camera frame`.
        up: the axis that points up in the file's world frame; none for camera axes.
        unit: unit of the coordinates; none where they have no metric scale.
        fps: stored poses per second of a sequence, where that is known; frame numbers may count otherwise.
        keep: `(N,)` the poses taken unless the user asks for another step; none takes all.
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
        recordings: its files, or their parts.
        acknowledgment: what the data's owners ask to be printed; may be empty.
        synthetic: whether the people are computed.
        notes: sentences on what was left out or assumed.
    """

    recordings: Sequence[Recording]
    acknowledgment: str = ""
    synthetic: bool = False
    notes: Sequence[str] = ()


def at_rate(frames: NDArray[Any] | int, fps: float, wanted: float = 10.0) -> NDArray[np.bool_]:
    """Which frames make up a subset of `wanted` frames per second, the first one included; all where fps is lower.

    Args:
        frames: `(N,)` frame numbers that begin at their smallest, or how many there are.
        fps: frames per second of the recording.
        wanted: frames per second of the subset.
    """
    numbers = np.arange(frames) if isinstance(frames, int) else np.asarray(frames) - np.min(frames, initial=0)
    slots = np.floor(numbers * min(1.0, wanted / fps) + 1e-9)
    taken: NDArray[np.bool_] = np.diff(slots, prepend=-1) > 0
    return taken


def index_of(count: int, *, frame: NDArray[Any] | None = None, **names: str | pd.Categorical) -> pd.DataFrame:
    """The index of `count` poses; a string holds for all of them, a column that is not given is empty.

    Args:
        count: number of poses N.
        frame: `(N,)` frame numbers; counted from 0 where not given.
        names: `(N,)` names, or one, for some of `NAME_COLUMNS`.
    """
    columns: dict[str, Any] = {name: _categorical(names.get(name, ""), count) for name in NAME_COLUMNS}
    columns["frame"] = np.arange(count, dtype=np.int32) if frame is None else np.asarray(frame).astype(np.int32)
    return pd.DataFrame(columns)


def named(codes: NDArray[Any], names: Sequence[str] | NDArray[Any]) -> pd.Categorical:
    """The names that `codes` point at; `names` may repeat."""
    places, unique = pd.factorize(np.asarray(names, dtype=str))
    categories: Any = unique
    return pd.Categorical.from_codes(places[codes], categories=categories)


def concatenate(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The rows of all frames, categories united and sorted."""
    columns: dict[str, Any] = {}
    for name in frames[0].columns:
        parts = [frame[name] for frame in frames]
        if isinstance(parts[0].dtype, pd.CategoricalDtype):
            columns[name] = pd.api.types.union_categoricals([part.array for part in parts], sort_categories=True)
        else:
            columns[name] = np.concatenate([part.to_numpy() for part in parts])
    return pd.DataFrame(columns)


def _categorical(names: str | pd.Categorical, count: int) -> pd.Categorical:
    return named(np.zeros(count, dtype=np.int8), [names]) if isinstance(names, str) else names

"""Choosing which poses and which sequence a preview shows."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses import PoseSet

MOST_NAMED = 5
"""Names that a message suggests at most."""

Rows = NDArray[np.int64]


def seen_by(pose_set: PoseSet, camera: str | None) -> Rows:
    """The rows that one camera sees: the named one, or else the first of each person.

    Raises:
        UserError: there is no such camera.
    """
    names = pose_set.index["camera"].astype(str)
    if camera is None:
        first = names.groupby(pose_set.index["subject"].astype(str)).transform("first")
        return np.flatnonzero(names == first)
    rows = np.flatnonzero(names == camera)
    if len(rows) == 0:
        raise _unknown("camera", camera, list(names.unique()), pose_set.name)
    return rows


def at_random(rows: Rows, count: int, seed: int) -> Rows:
    """`count` of the rows, drawn at random and in ascending order; all where there are not more."""
    rng = np.random.default_rng(seed)
    return np.sort(rng.choice(rows, min(count, len(rows)), replace=False))


def sequence(pose_set: PoseSet, rows: Rows, name: str | None) -> Rows:
    """The rows of one sequence of one person in the order of its frames: the named sequence, or else the longest.

    Args:
        pose_set: the data.
        rows: the rows that one camera sees.
        name: a sequence, or a subject and a sequence, such as `A01 walk 1`; the poses of a person without sequences are
            one sequence, which has the name of the person.

    Raises:
        UserError: there is no such sequence.
    """
    index = pose_set.index.iloc[rows]
    titles = (index["subject"].astype(str) + " " + index["sequence"].astype(str)).str.strip()
    if name is not None:
        known = titles.where(index["sequence"].astype(str) != name, name)
        if not (known == name).any():
            names = [*dict.fromkeys(index["sequence"].astype(str)), *titles.unique()]
            raise _unknown("sequence", name, names, pose_set.name)
        titles = titles[known == name]
    chosen = titles.value_counts(sort=False).idxmax()
    ours = index.loc[titles.index[titles == chosen]]
    at = pd.Series(rows, index=index.index)[ours.index].to_numpy()
    in_order: Rows = at[np.argsort(ours["frame"].to_numpy(), kind="stable")]
    return in_order


def _unknown(kind: str, given: str, names: Sequence[str], data: str) -> UserError:
    known = [name for name in names if name]
    near = get_close_matches(given, known, MOST_NAMED, cutoff=0.4) or known[:MOST_NAMED]
    if not near:
        return UserError(f"{data}: a {kind} must be one of the data, but it names none; leave --{kind} out")
    return UserError(f"{data}: there must be a {kind} {given!r}, but there is none; near it are {', '.join(near)}")

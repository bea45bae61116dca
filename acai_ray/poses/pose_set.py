"""The poses that everything else works on."""

import hashlib
import json
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.splits import SPLITS, Split

HASHED_AT_ONCE = 50_000
"""Poses hashed at once, which bounds the memory."""


@dataclass(frozen=True, eq=False, repr=False)
class PoseSet:
    """Poses of several people, split so that nobody is in two parts.

    `np.asarray(pose_set)` gives the poses alone.

    Attributes:
        poses: `(N, 17, 3)` float32, metres, pelvis at the origin, camera axes (x right, y down, z away from
            the viewer).
        index: one row for each pose: `subject action sequence camera split` (categorical) and `frame`.
        name: what the data is called.
        synthetic: whether the people are computed and not recorded.
        acknowledgment: what must be printed wherever results are shown; may be empty.
        notes: sentences on what was left out or assumed when the data was read.
        fps: poses per second of a sequence; None where that is unknown or differs between recordings.
    """

    poses: NDArray[np.float32]
    index: pd.DataFrame
    name: str
    synthetic: bool = False
    acknowledgment: str = ""
    notes: tuple[str, ...] = ()
    fps: float | None = None

    def __len__(self) -> int:
        return len(self.poses)

    def __repr__(self) -> str:
        parts = self.index.groupby("split", observed=True)
        told = ", ".join(f"{split} {len(rows):,} of {rows['subject'].nunique()}" for split, rows in parts)
        return f"<PoseSet {self.name!r}: {len(self):,} poses of {self.index['subject'].nunique()} people; {told}>"

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        if copy is False and dtype not in (None, self.poses.dtype):
            raise ValueError(f"poses are {self.poses.dtype}, and {dtype} needs a copy")
        return self.poses.astype(dtype or self.poses.dtype, copy=bool(copy))

    @cached_property
    def fingerprint(self) -> str:
        """Hash of poses, subjects and split; the names and the folder of the files do not matter."""
        digest = hashlib.sha256()
        for start in range(0, len(self.poses), HASHED_AT_ONCE):
            # -0 and 0 are the same coordinate, but not the same bytes; adding 0 makes both 0
            unsigned_zeros = self.poses[start : start + HASHED_AT_ONCE] + np.float32(0)
            digest.update(unsigned_zeros.astype("<f4", order="C", copy=False).data)
        for column in ("subject", "split"):
            names = sorted(self.index[column].unique())
            digest.update(json.dumps(names).encode())
            digest.update(self.index[column].cat.set_categories(names).cat.codes.to_numpy(dtype="<i4").data)
        return digest.hexdigest()

    @property
    def splits(self) -> tuple[Split, ...]:
        """Those of the parts `train valid test` that hold poses."""
        present = set(self.index["split"].unique())
        return tuple(split for split in SPLITS if split in present)

    def split(self, name: Split) -> "PoseSet":
        """The poses of one part; they share memory with this set where they lie in one block, as `load` gives them.

        Raises:
            UserError: there is no such part, or it is empty.
        """
        if name not in self.splits:
            raise UserError(f"split must be one of {', '.join(self.splits)} for the data {self.name}, but got {name!r}")
        rows = np.flatnonzero(self.index["split"] == name)
        block = slice(rows[0], rows[-1] + 1)
        taken = block if rows[-1] - rows[0] + 1 == len(rows) else rows
        return replace(self, poses=self.poses[taken], index=self.index.iloc[taken].reset_index(drop=True))

    def subjects(self, split: Split | None = None) -> tuple[str, ...]:
        """The names of the people in a part, or in all parts, sorted."""
        index = self.index if split is None else self.index[self.index["split"] == split]
        return tuple(sorted(index["subject"].unique()))

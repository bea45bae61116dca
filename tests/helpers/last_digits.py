"""A study as another processor would have left it: every measured number moved in its last digits."""

from pathlib import Path
from zlib import crc32

import numpy as np
import pyarrow.parquet as pq

from acai_ray import store

SHARE = 1e-12
"""By so much of itself a number is moved."""

CHOSEN = {"lam", "gamma", "fraction", "t", *store.SETTINGS}
"""What nobody measured: settings, places on a path."""


def move(study: Path) -> int:
    """Move the numbers of all tables up or down; returns how many. Equal numbers stay equal, as on any processor."""
    n = 0
    for table in store.TABLES:
        for path in sorted((study / table).glob("*.parquet")):
            footer = {key.decode(): text.decode() for key, text in pq.read_schema(path).metadata.items()}
            frame = pq.read_table(path).to_pandas()
            names = [name for name in frame if frame[name].dtype == np.float64 and name not in CHOSEN]
            moved = frame.assign(**{name: frame[name].map(_moved, na_action="ignore") for name in names})
            if table == "gallery":
                moved["pose"] = frame["pose"].map(_moved_pose)
            n += int((moved[names].fillna(0) != frame[names].fillna(0)).to_numpy().sum())
            store.write(study, table, path.stem, moved, **footer)
    return n


def _moved(value: float) -> float:
    return value * (1 + SHARE * _sign(value))


def _sign(value: float) -> int:
    return 1 if crc32(np.float64(value).tobytes()) % 2 else -1


def _moved_pose(pose: "np.ndarray") -> "np.ndarray":
    """A float32 has no digits left at 1e-12: one unit in its last place."""
    return np.array([np.nextafter(x, np.float32(_sign(x) * np.inf)) if x else x for x in pose], dtype=np.float32)

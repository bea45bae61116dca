"""Poses of one recording a fixed time apart."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.poses.rates import SAME

RECORDING = ["subject", "sequence", "camera"]
"""The columns that tell recordings apart."""


def before_and_after(index: pd.DataFrame, fps: float | None, seconds: float) -> NDArray[np.int64]:
    """Every pose that has others of its recording `seconds` before and after it.

    Such a time is a whole number of poses that differs from it by at most a tenth, and must be as long in frame numbers
    as it mostly is in the recording: a hole lies in no such time. Recordings in which a frame number occurs twice are
    left out, as nobody knows which poses follow each other there.

    Args:
        index: rows with the columns `subject sequence camera frame`.
        fps: poses per second; None gives no poses.
        seconds: how far apart, more than 0.

    Returns:
        `(M, 3)` rows of `index`: before, between and after. They are in the order of names and frame numbers, however
        `index` is ordered.
    """
    apart = 0 if fps is None else round(seconds * fps)
    if apart == 0 or fps is None or abs(apart / (seconds * fps) - 1) > SAME:
        return np.empty((0, 3), dtype=np.int64)
    which = index[RECORDING].astype(str).groupby(RECORDING).ngroup().to_numpy()
    order = np.lexsort((index["frame"].to_numpy(), which))
    recording, frame = pd.Series(which[order]), pd.Series(index["frame"].to_numpy()[order])
    ahead = frame.groupby(recording).shift(-apart) - frame
    usual = ahead.groupby(recording).transform("median")
    twice = pd.DataFrame({"recording": recording, "frame": frame}).duplicated().groupby(recording).transform("any")
    whole = (((ahead / usual - 1).abs() <= SAME) & ~twice).to_numpy()
    first = np.flatnonzero(whole[:-apart] & whole[apart:])
    rows: NDArray[np.int64] = order[first[:, None] + apart * np.arange(3)]
    return rows

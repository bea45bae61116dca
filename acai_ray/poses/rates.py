"""Frames per second of recordings, and of the poses that are taken of them."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.poses.recording import Recording, Source

SAME = 0.1
"""Share by which the rates of sequences may differ from their median and still count as one rate."""


def at_rate(frames: NDArray[Any] | int, fps: float, wanted: float = 10.0) -> NDArray[np.bool_]:
    """Which frames to take for `wanted` frames per second; the first one is taken, and all are where `fps` is lower.

    Args:
        frames: `(N,)` ascending frame numbers, or how many frames there are.
        fps: frames per second of the recording.
        wanted: frames per second to keep.

    Returns:
        `(N,)` true for the frames to take.
    """
    numbers = np.arange(frames) if isinstance(frames, int) else np.asarray(frames) - np.min(frames, initial=0)
    slots = np.floor(numbers * min(1.0, wanted / fps) + 1e-9)
    taken: NDArray[np.bool_] = np.diff(slots, prepend=-1) > 0
    return taken


def taken_rate(source: Source, index: pd.DataFrame) -> float | None:
    """Poses per second of the sequences in `index`; None where it is unknown or not the same for all.

    The stored poses of a recording follow each other at its `fps`, at whatever rate its frame numbers count. The rate
    of the taken poses is therefore `fps` times the mean step of the stored frame numbers over that of the taken ones.

    Args:
        source: the recordings that the poses come from.
        index: rows of the index of the `PoseSet` made of them.
    """
    if all(recording.fps is None for recording in source.recordings):
        return None  # at once: the steps of millions of poses take seconds
    taken = mean_steps(index)
    rates = pd.concat([_rates(recording, taken) for recording in source.recordings])
    middle = rates.median()
    if not np.isfinite(rates).all() or len(rates) == 0 or ((rates / middle - 1).abs() > SAME).any():
        return None
    return round(float(middle), 3)


def mean_steps(index: pd.DataFrame) -> pd.Series:
    """Mean difference of neighbouring frame numbers in every sequence of two poses or more, by `subject sequence`.

    Args:
        index: rows with the columns `subject sequence camera frame`.
    """
    frames = index.groupby(["subject", "sequence", "camera"], observed=True, sort=False)["frame"]
    ends = frames.agg(["min", "max", "count"]).query("count > 1 and max > min")
    steps = (ends["max"] - ends["min"]) / (ends["count"] - 1)
    steps.index = pd.MultiIndex.from_frame(steps.index.to_frame().astype(str))
    return steps.groupby(["subject", "sequence"], sort=False).mean()


def _rates(recording: Recording, taken: pd.Series) -> pd.Series:
    """Poses per second of the sequences of a recording of which poses were taken; NaN where its rate is unknown."""
    stored = mean_steps(recording.index)
    both = stored.index.intersection(taken.index)
    return (np.nan if recording.fps is None else recording.fps) * stored[both] / taken[both]

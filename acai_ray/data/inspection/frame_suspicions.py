"""What `load` accepts, but looks wrong in the order of frames: sentences with the worst place and what to do."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from acai_ray.data.inspection import measures
from acai_ray.data.inspection.wording import agreeing, counted
from acai_ray.poses.recording import Recording

FASTEST_M_S = 15.0
"""Metres per second, relative to the pelvis, that a joint seldom exceeds."""
LEAST_JUMP_M, UNTIMED_JUMP_M = 0.3, 1.0
"""Metres that a jump exceeds at any frame rate, and where the rate is not known."""
USUAL_STEPS = 10.0
"""A jump also exceeds the recording's median step this many times, because fast sports are no faults."""
SKIPPED = 1.9
"""A frame number that grows by more than this many median steps skips a frame; just below 2, for rounded numbers."""


def missing_frames(stored: Sequence[Recording]) -> Iterator[str]:
    """Frame numbers that skip some."""
    count, first = _count_and_first(stored, _skipping)
    if count:
        yield (
            f"{first}: frames should follow each other, but some are missing before it, as in "
            f"{counted(count, 'place', 'places')}; expect every n-th pose to be spaced unevenly there"
        )


def falling_frames(stored: Sequence[Recording]) -> Iterator[str]:
    """Frame numbers that do not ascend within a sequence and camera."""
    count, first = _count_and_first(stored, _falling)
    if count:
        yield (
            f"{first}: frame numbers should ascend within a sequence and camera, but do not in "
            f"{counted(count, 'place', 'places')}; name sequences and cameras, or sort them"
        )


def jumps(sound: Sequence[Recording]) -> Iterator[str]:
    """Joints that move farther from a frame to the next than people can."""
    count, farthest, place = 0, 0.0, ""
    for recording in sound:
        steps, limit = _steps_and_limit(recording)
        count += int((steps > limit).sum())
        if steps.max(initial=0) > max(farthest, limit):
            farthest, place = float(steps.max()), _place(recording, int(steps.argmax()))
    if count:
        yield (
            f"{place}: a joint should move little from a frame to the next, but moves {farthest:.2f} m, and "
            f"{counted(count, 'frame', 'frames')} {agreeing(count, 'does', 'do')} more than people can; look at it "
            "with preview, and leave such frames out"
        )


def _count_and_first(
    recordings: Sequence[Recording], rows_of: Callable[[Recording], NDArray[np.bool_]]
) -> tuple[int, str]:
    """How many poses of all recordings are meant, and where the first of them is."""
    count, first = 0, ""
    for recording in recordings:
        rows = np.flatnonzero(rows_of(recording))
        count += len(rows)
        if len(rows) and not first:
            first = _place(recording, int(rows[0]))
    return count, first


def _skipping(recording: Recording) -> NDArray[np.bool_]:
    """`(N,)` true for poses before which a frame is missing."""
    steps = _frame_steps(recording, measures.previous_rows(recording.index))
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0
    skipping: NDArray[np.bool_] = steps > SKIPPED * usual
    return skipping


def _falling(recording: Recording) -> NDArray[np.bool_]:
    """`(N,)` true for poses whose frame number is not above that of the pose before."""
    before = measures.previous_rows(recording.index)
    return (before >= 0) & (_frame_steps(recording, before) <= 0)


def _steps_and_limit(recording: Recording) -> tuple[NDArray[np.floating], float]:
    """`(N,)` metres that the fastest joint of each pose moves, and from how many metres on that is a jump.

    A pose before which a frame is missing, or whose order is not known, moves 0 m.
    """
    before = measures.previous_rows(recording.index)
    usual = _follows_as_most(recording, before)
    steps = np.where(usual, measures.step_lengths(recording.poses, np.where(usual, before, -1)), 0)
    limit = UNTIMED_JUMP_M if recording.fps is None else max(LEAST_JUMP_M, FASTEST_M_S / recording.fps)
    return steps, max(limit, USUAL_STEPS * float(np.median(steps[usual])) if usual.any() else 0.0)


def _follows_as_most(recording: Recording, before: NDArray[np.int64]) -> NDArray[np.bool_]:
    """`(N,)` true for poses that follow the one before at the usual step of frame numbers or a smaller one."""
    steps = _frame_steps(recording, before)
    ordered = (recording.index["sequence"].astype(str) != "").to_numpy() | (recording.fps is not None)
    usual = np.median(steps[steps > 0]) if (steps > 0).any() else 1
    return (before >= 0) & ordered & (steps > 0) & (steps <= usual)


def _frame_steps(recording: Recording, before: NDArray[np.int64]) -> NDArray[np.int64]:
    """`(N,)` differences of the frame numbers of poses and of those before; 0 for the first of a sequence."""
    frames = recording.index["frame"].to_numpy(dtype=np.int64)
    return np.where(before >= 0, frames - frames[before], 0)


def _place(recording: Recording, row: int) -> str:
    at = recording.index.iloc[row]
    known = [f"{name} {at[name]}" for name in ("subject", "sequence", "camera", "frame") if at[name] != ""]
    return f"{recording.origin}, {', '.join(known)}"

"""What `load` accepts, but looks wrong: one sentence a kind, with its worst place and what to do."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.skeleton import BONE_PAIRS, BONES, JOINTS
from acai_ray.data.inspection import measures
from acai_ray.data.inspection.measures import Stats
from acai_ray.data.inspection.record import Person
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.recording import Recording

ELASTIC = 0.03
"""Standard deviation of a limb's bone over its mean length that motion capture does not have."""
ASYMMETRIC = 0.08
"""Difference of a left and a right limb's bone over its length that few people have."""
OTHER_SIZE = 0.25
"""Share by which a person may differ in height from the median of all."""
FEW_POSES = 100
REPEATED = 0.01
"""Share of poses that repeat another one exactly."""
FASTEST_M_S = 15.0
"""Metres per second relative to the pelvis that a joint seldom exceeds."""
LEAST_JUMP_M, UNTIMED_JUMP_M, USUAL_STEPS = 0.3, 1.0, 10.0
"""Metres from a frame to the next, at any rate and where it is unknown, and median steps that a jump exceeds."""
HEAD = JOINTS.index("head")


def of_bones(stats: Stats) -> Iterator[str]:
    """Bones that change their length, or differ between left and right."""
    mean, _ = stats
    elastic = measures.limb_spreads(stats).fillna(0)
    who, bone, share = _worst(elastic)
    if share > ELASTIC:
        yield (
            f"a person's bones should keep their lengths, but those of {_some(elastic, ELASTIC)} vary, most the one to "
            f"the {JOINTS[BONES[bone][0]]} of {who!r} by {share:.0%}; poses estimated from images do "
            "so, recorded ones should not: check where they come from"
        )
    longer = pd.DataFrame(
        {pair: mean[[*both]].max(axis=1) for pair, both in enumerate(BONE_PAIRS) if both[1] in measures.LIMBS}
    )
    uneven = (measures.asymmetries(mean)[longer.columns] / longer.where(longer > measures.NO_LENGTH_M)).fillna(0)
    who, pair, share = _worst(uneven)
    if share > ASYMMETRIC:
        joint = JOINTS[BONES[BONE_PAIRS[pair][1]][0]].removeprefix("left_")
        yield (
            f"left and right bones should be equally long, but those of {_some(uneven, ASYMMETRIC)} differ, most the "
            f"ones to the {joint} of {who!r} by {share:.0%}; check the order of the joints"
        )


def of_people(people: Sequence[Person], test: Sequence[str]) -> Iterator[str]:
    """People with few poses or of another size, and a test on one person."""
    few = [person for person in people if person.stored < FEW_POSES]
    if few:
        least = min(few, key=lambda person: person.stored)
        yield (
            f"a person should have at least {FEW_POSES} poses, but {_count(len(few), len(people))} "
            f"{_verb(len(few), 'has', 'have')} fewer, {least.subject!r} only {least.stored}; add poses or leave such "
            "people out with --train, --valid, --test"
        )
    tall = {person.subject: person.height_mm for person in people if person.height_mm}
    middle = float(np.median(list(tall.values()))) if tall else 0.0
    other = [who for who, height in tall.items() if abs(height / middle - 1) > OTHER_SIZE]
    if other:
        yield (
            f"people should be of similar size, but {_count(len(other), len(people))} "
            f"{_verb(len(other), 'differs', 'differ')} by more than {OTHER_SIZE:.0%} from the median {middle:.0f} mm, "
            f"{other[0]!r} has {tall[other[0]]:.0f} mm from ankle to head; check the unit of each file"
        )
    if len(test) == 1:
        yield (
            f"a test should be on several people, but is on {test[0]!r} alone; name more with --test, or say so "
            "beside the results"
        )


def of_cameras(names: Sequence[str]) -> Iterator[str]:
    """Poses that one camera sees."""
    if len(names) == 1 and names[0]:
        yield (
            f"poses should be seen from several sides, but all are seen by {names[0]!r}; add cameras, or expect a "
            "model of that side alone"
        )


def of_heads(pose_set: PoseSet) -> Iterator[str]:
    """People whose heads are below the pelvis in most poses, as their cameras see them."""
    below = pd.Series(pose_set.poses[:, HEAD, 1] > 0)
    shares = below.groupby(pose_set.index["subject"].astype(str).to_numpy()).mean()
    if (shares > 0.5).any():
        yield (
            f"heads should be above the pelvis, but those of {_count(int((shares > 0.5).sum()), len(shares))} are "
            f"below it in most poses, of {shares.idxmax()!r} in {shares.max():.0%}; check the up axis and the "
            "cameras of these files"
        )


def of_repeats(sound: Sequence[Recording]) -> Iterator[str]:
    """Poses that a person has more than once."""
    keys = np.concatenate([measures.content_keys(recording.poses) for recording in sound])
    subjects = np.concatenate([recording.index["subject"].astype(str) for recording in sound])
    repeated = pd.DataFrame({"subject": subjects, "key": keys}).duplicated()
    if repeated.mean() > REPEATED:
        worst = pd.Series(subjects[repeated.to_numpy()]).value_counts()
        yield (
            f"poses should differ, but {repeated.mean():.0%} repeat another one exactly, {worst.iloc[0]} of them of "
            f"{worst.index[0]!r}; take frozen or padded frames out"
        )


def of_jumps(sound: Sequence[Recording]) -> Iterator[str]:
    """Joints that are somewhere else in the next frame."""
    jumps, worst, place = 0, 0.0, ""
    for recording in sound:
        before = measures.previous_rows(recording.index)
        usual = _usual_step(recording, before)
        steps = np.where(usual, measures.step_lengths(recording.poses, np.where(usual, before, -1)), 0)
        limit = UNTIMED_JUMP_M if recording.fps is None else max(LEAST_JUMP_M, FASTEST_M_S / recording.fps)
        limit = max(limit, USUAL_STEPS * float(np.median(steps[usual])) if usual.any() else 0.0)
        jumps += int((steps > limit).sum())
        if steps.max(initial=0) > max(worst, limit):
            worst, place = float(steps.max()), _place(recording, int(steps.argmax()))
    if jumps:
        yield (
            f"{place}: a joint should move little from a frame to the next, but moves {worst:.2f} m, and "
            f"{_times(jumps, 'frame')} {_verb(jumps, 'does', 'do')} more than people can; look at it with preview, and "
            "leave such frames out"
        )


def of_frames(stored: Sequence[Recording]) -> Iterator[str]:
    """Frame numbers that skip, or do not ascend."""
    skips, falls, skip, fall = 0, 0, "", ""
    for recording in stored:
        before = measures.previous_rows(recording.index)
        steps = _frame_steps(recording, before)
        usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 1.0
        skipped, fallen = steps > 1.9 * usual, (before >= 0) & (steps <= 0)
        skips, falls = skips + int(skipped.sum()), falls + int(fallen.sum())
        skip = skip or (_place(recording, int(skipped.argmax())) if skipped.any() else "")
        fall = fall or (_place(recording, int(fallen.argmax())) if fallen.any() else "")
    if skips:
        yield (
            f"{skip}: frames should follow each other, but some are missing before it, as in "
            f"{_times(skips, 'place')}; expect every n-th pose to be spaced unevenly there"
        )
    if falls:
        yield (
            f"{fall}: frame numbers should ascend within a sequence and camera, but do not in "
            f"{_times(falls, 'place')}; name sequences and cameras, or sort them"
        )


def _usual_step(recording: Recording, before: NDArray[np.int64]) -> NDArray[np.bool_]:
    """The poses that follow the one before as most do, in an order that is known."""
    steps = _frame_steps(recording, before)
    ordered = (recording.index["sequence"].astype(str) != "").to_numpy() | (recording.fps is not None)
    usual = np.median(steps[steps > 0]) if (steps > 0).any() else 1
    return (before >= 0) & ordered & (steps > 0) & (steps <= usual)


def _frame_steps(recording: Recording, before: NDArray[np.int64]) -> NDArray[np.int64]:
    frames = recording.index["frame"].to_numpy(dtype=np.int64)
    return np.where(before >= 0, frames - frames[before], 0)


def _place(recording: Recording, row: int) -> str:
    at = recording.index.iloc[row]
    known = [f"{name} {at[name]}" for name in ("subject", "sequence", "camera", "frame") if at[name] != ""]
    return f"{recording.origin}, {', '.join(known)}"


def _worst(shares: pd.DataFrame) -> tuple[str, int, float]:
    """The row and column of the largest share, and the share."""
    values = shares.to_numpy(dtype=np.float64)
    row, column = divmod(int(values.argmax()), values.shape[1])
    return str(shares.index[row]), int(shares.columns[column]), float(values[row, column])


def _some(shares: pd.DataFrame, limit: float) -> str:
    return _count(int((shares.max(axis=1) > limit).sum()), len(shares))


def _verb(count: int, one: str, many: str) -> str:
    return one if count == 1 else many


def _times(count: int, thing: str) -> str:
    return f"{count} {thing}{_verb(count, '', 's')}"


def _count(some: int, everybody: int) -> str:
    return f"{some} of {everybody} {'person' if everybody == 1 else 'people'}"

"""What is measured of sound poses: lengths of bones, sizes of people, steps between frames."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.skeleton import BONE_PAIRS, BONES, JOINTS
from acai_ray.data.inspection.findings import Bone
from acai_ray.poses import checks
from acai_ray.poses.people_checks import LIMBS
from acai_ray.poses.recording import Recording

AT_ONCE = 50_000
"""Poses worked on at once, which bounds the memory."""
HEIGHT = {"spine": 1.0, "thorax": 1.0, "neck": 1.0, "head": 1.0} | {
    f"{side}_{joint}": 0.5 for side in ("left", "right") for joint in ("knee", "ankle")
}
"""How often the bone that ends in a joint counts on the way from ankle to head; half for each of two legs."""

NO_LENGTH_M = 0.01
"""Metres that any bone of a person exceeds; a shorter one is two joints in one place."""


@dataclass(frozen=True, eq=False)
class BoneStats:
    """Lengths of bones over the poses of each subject, metres: one row for each subject, one column for each bone.

    Attributes:
        mean: mean lengths.
        spread: standard deviations.
    """

    mean: pd.DataFrame
    spread: pd.DataFrame


def bone_stats(sound: Sequence[Recording]) -> BoneStats:
    """Mean and standard deviation of every bone's length, summed up one recording after another to save memory."""
    counts, sums, squares = [], [], []
    for recording in sound:
        lengths = pd.DataFrame(checks.bone_lengths(recording.poses).astype(np.float64))
        subjects = recording.index["subject"].astype(str).to_numpy()
        counts.append(lengths.groupby(subjects).size())
        sums.append(lengths.groupby(subjects).sum())
        squares.append((lengths**2).groupby(subjects).sum())
    count = pd.concat(counts).groupby(level=0).sum()
    mean = pd.concat(sums).groupby(level=0).sum().div(count, axis=0)
    variance = pd.concat(squares).groupby(level=0).sum().div(count, axis=0) - mean**2
    return BoneStats(mean, variance.clip(lower=0) ** 0.5)


def heights(stats: BoneStats) -> pd.Series:
    """Metres along the bones from the ankle to the top of the head, for each subject."""
    share = np.array([HEIGHT.get(JOINTS[child], 0.0) for child, _ in BONES])
    return (stats.mean * share).sum(axis=1)


def limb_spreads(stats: BoneStats) -> pd.DataFrame:
    """Standard deviation of each limb's length as a share of its mean; NaN for a bone without a length."""
    mean, spread = stats.mean[LIMBS], stats.spread[LIMBS]
    return spread / mean.where(mean > NO_LENGTH_M)


def bones(stats: BoneStats) -> tuple[Bone, ...]:
    """Every bone over all subjects."""
    asymmetry = dict[int, float]()
    for pair, metres in zip(BONE_PAIRS, asymmetries(stats).mean(), strict=True):
        asymmetry |= dict.fromkeys(pair, float(metres))
    return tuple(
        Bone(
            bone=f"{JOINTS[parent]}-{JOINTS[child]}",
            mean_mm=1000 * float(stats.mean[bone].mean()),
            between_mm=1000 * float(stats.mean[bone].std(ddof=0)),
            within_mm=1000 * float(stats.spread[bone].mean()),
            asymmetry_mm=1000 * asymmetry[bone] if bone in asymmetry else None,
        )
        for bone, (child, parent) in enumerate(BONES)
    )


def asymmetries(stats: BoneStats) -> pd.DataFrame:
    """`|left - right|` of paired bones, metres: one row for each subject, one column for each pair of `BONE_PAIRS`."""
    mean = stats.mean
    return pd.DataFrame({pair: (mean[left] - mean[right]).abs() for pair, (right, left) in enumerate(BONE_PAIRS)})


def mean_pose_mpjpe(poses: NDArray[np.float32]) -> float:
    """Mean distance of a joint from its place in the mean pose, metres, over a sample of the `(N, 17, 3)` poses."""
    some = checks.sample(poses)
    return float(np.linalg.norm(some - some.mean(axis=0), axis=-1).mean())


def previous_rows(index: pd.DataFrame) -> NDArray[np.int64]:
    """`(N,)` the row of the pose before in the same sequence and camera; -1 for the first."""
    groups = index.groupby(["subject", "sequence", "camera"], observed=True, sort=False)
    rows = pd.Series(np.arange(len(index)), index=index.index)
    before: NDArray[np.int64] = rows.groupby(groups.ngroup()).shift(fill_value=-1).to_numpy(dtype=np.int64)
    return before


def step_lengths(poses: NDArray[np.float32], before: NDArray[np.int64]) -> NDArray[np.float32]:
    """`(N,)` metres that the fastest joint moves from the pose before, relative to the pelvis; 0 for the first."""
    steps = np.zeros(len(poses), dtype=np.float32)
    for start in range(0, len(poses), AT_ONCE):
        rows = np.arange(start, min(start + AT_ONCE, len(poses)))
        rows = rows[before[rows] >= 0]
        moved = poses[rows] - poses[before[rows]]
        steps[rows] = np.sqrt(np.einsum("njc,njc->nj", moved, moved).max(axis=1, initial=0))
    return steps


def content_keys(poses: NDArray[np.float32]) -> NDArray[np.uint64]:
    """`(N,)` numbers that are equal for equal poses, and practically only for them."""
    weights = np.random.default_rng(0).integers(1, 2**63, size=poses[0].size, dtype=np.uint64)
    keys = np.empty(len(poses), dtype=np.uint64)
    for start in range(0, len(poses), AT_ONCE):
        part = np.ascontiguousarray(poses[start : start + AT_ONCE], dtype=np.float32) + np.float32(0)
        keys[start : start + AT_ONCE] = (part.reshape(len(part), -1).view(np.uint32) * weights).sum(axis=1)
    return keys

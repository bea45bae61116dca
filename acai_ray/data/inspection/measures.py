"""Numbers of sound poses, recording after recording."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.skeleton import BONE_PAIRS, BONES, JOINTS
from acai_ray.data.inspection.record import Bone
from acai_ray.poses import checks
from acai_ray.poses.recording import Recording

AT_ONCE = 50_000
HEIGHT = {"spine": 1.0, "thorax": 1.0, "neck": 1.0, "head": 1.0} | {
    f"{side}_{joint}": 0.5 for side in ("left", "right") for joint in ("knee", "ankle")
}
"""How often the bone to a joint is in the way from ankle to head."""

LIMBS = [
    number for number, (child, _) in enumerate(BONES) if JOINTS[child].endswith(("knee", "ankle", "elbow", "wrist"))
]
"""Bones that are rigid and even in motion capture; a shoulder moves against the thorax by 8 mm there."""

NO_LENGTH_M = 0.01
"""Metres that any bone of a person exceeds; a shorter one is two joints in one place."""

Stats = tuple[pd.DataFrame, pd.DataFrame]
"""Mean and standard deviation of the 16 bones, metres, one row a subject."""


def bone_stats(sound: Sequence[Recording]) -> Stats:
    """Mean and standard deviation of every bone's length by subject."""
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
    return mean, variance.clip(lower=0) ** 0.5


def heights(mean: pd.DataFrame) -> pd.Series:
    """Metres along the bones from ankle to head top, one a subject."""
    share = np.array([HEIGHT.get(JOINTS[child], 0.0) for child, _ in BONES])
    return (mean * share).sum(axis=1)


def limb_spreads(stats: Stats) -> pd.DataFrame:
    """Standard deviation of each limb's bone as a share of its mean; NaN for a bone without a length."""
    mean, spread = stats[0][LIMBS], stats[1][LIMBS]
    return spread / mean.where(mean > NO_LENGTH_M)


def bones(stats: Stats) -> tuple[Bone, ...]:
    """Every bone over all subjects."""
    mean, spread = stats
    asymmetry = dict[int, float]()
    for pair, found in zip(BONE_PAIRS, asymmetries(mean).mean(), strict=True):
        asymmetry |= dict.fromkeys(pair, float(found))
    return tuple(
        Bone(
            f"{JOINTS[parent]}-{JOINTS[child]}",
            1000 * float(mean[bone].mean()),
            1000 * float(mean[bone].std(ddof=0)),
            1000 * float(spread[bone].mean()),
            1000 * asymmetry[bone] if bone in asymmetry else None,
        )
        for bone, (child, parent) in enumerate(BONES)
    )


def asymmetries(mean: pd.DataFrame) -> pd.DataFrame:
    """`|left - right|` of the paired bones in metres: a row a subject, a column a pair of `BONE_PAIRS`."""
    return pd.DataFrame({pair: (mean[left] - mean[right]).abs() for pair, (right, left) in enumerate(BONE_PAIRS)})


def mean_pose_mpjpe(poses: NDArray[np.float32]) -> float:
    """Mean distance of a joint from where it is in the mean pose, metres; `(N, 17, 3)`, a sample of them."""
    sample = checks.some(poses)
    return float(np.linalg.norm(sample - sample.mean(axis=0), axis=-1).mean())


def previous_rows(index: pd.DataFrame) -> NDArray[np.int64]:
    """`(N,)` the row before in the same sequence and camera; -1 for the first."""
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

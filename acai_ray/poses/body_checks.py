"""Rules for what a body is, over all poses of a part or person: depth, size, a trunk that ascends.

The limits leave room around what was measured in motion capture of 36 people and in the synthetic ones
(`python -m benchmarks.false_alarms` prints it).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import RuleError
from acai_ray.common.skeleton import JOINTS

FLATTEST = 0.2
"""Least depth of a data set, its spread beside the geometric mean of those of width and height."""
HEIGHTS = (1.0, 2.1)
"""Metres from ankle to head, along the bones, between which somebody of a data set must lie."""
FALLING = 0.05
"""How far a joint of the trunk may lie below the one beneath it on average, metres."""

TRUNK = [JOINTS.index(name) for name in ("pelvis", "spine", "thorax", "neck", "head")]
LEGS = [[JOINTS.index(f"{side}_{part}") for part in ("hip", "knee", "ankle")] for side in ("right", "left")]
SHOULDERS = [JOINTS.index(f"{side}_shoulder") for side in ("right", "left")]


def depth_share(poses: NDArray[np.float32]) -> float:
    """The spread of depth over the geometric mean of the spreads of width and height; 0 for flat poses.

    Args:
        poses: `(N, 17, 3)` metres, pelvis at the origin, camera axes.
    """
    width, height, depth = np.sqrt(poses[:, 1:].astype(np.float64).var(axis=(0, 1)))
    return float(depth / max(np.sqrt(width * height), 1e-12))


def heights(poses: NDArray[np.float32]) -> NDArray[np.float64]:
    """`(N,)` metres from ankle to head along the bones of legs (their mean), trunk and neck, whatever the pose."""
    legs = [_chain(poses, leg) for leg in LEGS]
    total: NDArray[np.float64] = np.mean(legs, axis=0) + _chain(poses, TRUNK)
    return total


def trunk_steps(poses: NDArray[np.float32]) -> NDArray[np.float64]:
    """`(4,)` median metres by which each joint of the trunk lies above the one beneath it, towards the shoulders."""
    axis = poses[:, SHOULDERS].mean(axis=1)
    axis = axis / np.maximum(np.linalg.norm(axis, axis=-1, keepdims=True), 1e-9)
    along = np.einsum("njc,nc->nj", poses[:, TRUNK], axis)
    steps: NDArray[np.float64] = np.median(np.diff(along, axis=1), axis=0)
    return steps


def refuse_flat(poses: NDArray[np.float32], origin: str) -> None:
    """Refuse poses without depth: 2D keypoints with a zero or a detector's confidence as third number."""
    if (share := depth_share(poses)) < FLATTEST:
        raise RuleError(
            origin,
            rule=f"depth must spread at least {FLATTEST:g} times as far as width and height",
            value=f"spreads {share:.2g} times as far, so the third number is no depth",
            remedy="give poses in 3D, such as what a lifter makes of 2D keypoints",
        )


def refuse_wrong_size(poses: NDArray[np.float32], people: NDArray[np.integer[Any]], origin: str) -> None:
    """Refuse a data set in which everybody is smaller, or everybody is taller, than people are.

    Args:
        poses: `(N, 17, 3)` metres.
        people: `(N,)` the number of each pose's person.
        origin: whose they are, for messages.
    """
    tall = heights(poses)
    middle = [float(np.median(tall[people == person])) for person in np.unique(people)]
    low, high = HEIGHTS
    if max(middle) < low or min(middle) > high:
        least, most = min(middle), max(middle)
        raise RuleError(
            origin,
            rule=f"people must measure {low:g} to {high:g} m from ankle to head",
            value=f"everybody measures {least:.2f} m" if len(middle) == 1 else f"measure {least:.2f} to {most:.2f} m",
            remedy="give --unit where the file is in another unit, or --scale bones where it has no metric scale",
        )


def refuse_unordered_trunk(poses: NDArray[np.float32], origin: str) -> None:
    """Refuse a person whose spine, thorax, neck and head do not follow each other upwards."""
    steps = trunk_steps(poses)
    worst = int(steps.argmin())
    if steps[worst] < -FALLING:
        lower, upper = (JOINTS[joint] for joint in TRUNK[worst : worst + 2])
        raise RuleError(
            origin,
            rule="the trunk's joints must ascend from pelvis through spine, thorax and neck to head",
            value=f"the {upper} lies {-steps[worst]:.2f} m below the {lower}",
            remedy="bring the joints into Human3.6M's order",
        )


def _chain(poses: NDArray[np.float32], joints: list[int]) -> NDArray[np.float64]:
    bones = np.diff(poses[:, joints].astype(np.float64), axis=1)
    length: NDArray[np.float64] = np.linalg.norm(bones, axis=-1).sum(axis=1)
    return length

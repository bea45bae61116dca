"""Rules for the poses of one person or one part taken together; each one judges averages over many poses."""

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import RuleError
from acai_ray.common.skeleton import BONES, JOINTS
from acai_ray.poses.bending import ELBOWS, KNEES, clear_bends
from acai_ray.poses.checks import ORDER, bone_lengths

LIMBS = [bone for bone, (child, _) in enumerate(BONES) if JOINTS[child].endswith(("knee", "ankle", "elbow", "wrist"))]
"""Places in `BONES` of thighs, shins, upper arms and forearms."""
LOOSEST_LIMB = 0.5
"""Share of its median by which the quartiles of a limb's length may differ."""
SHORTEST_LIMB = 0.05
"""Least median length of a limb, metres."""
STILL = 1e-4
"""Poses that differ by less than this count as one pose, metres; above the rounding of a pose's place in a room."""
MIN_UPRIGHT = 0.2
"""Least mean height of the head over its mean distance from the pelvis."""
AXES = "give --frame camera where y points down, or --frame world with --up y or --up z"
ENOUGH_BENT_KNEES = 20
"""Clearly bent knees from which on their directions are judged."""
ENOUGH_BENT_ELBOWS, MOST_FORWARD_ELBOWS = 100, 0.95
"""Clearly bent elbows from which on their directions are judged, and the share of them that may point forwards."""
OPPOSITE = -0.3
"""Cosine between the mean directions of head and ankles above which the joints are in another order."""

HEAD, RIGHT_HIP, LEFT_HIP = (JOINTS.index(name) for name in ("head", "right_hip", "left_hip"))
ANKLES = [JOINTS.index(name) for name in ("right_ankle", "left_ankle")]
RIGHT_ARM, LEFT_ARM = JOINTS.index("right_shoulder"), JOINTS.index("left_shoulder")


def refuse_not_upright(poses: NDArray[np.float32], origin: str, remedy: str = AXES) -> None:
    """Refuse poses in camera axes whose heads are not above the pelvis on average.

    With a wrong up axis heads are as high as the pelvis on average, so a mean height of a fifth of the mean distance
    is asked for.

    Args:
        poses: `(N, 17, 3)` metres.
        origin: whose they are, for messages.
        remedy: what may help.
    """
    head = poses[:, HEAD]
    height, distance = -float(head[:, 1].mean()), float(np.linalg.norm(head, axis=-1).mean())
    if height < MIN_UPRIGHT * distance:
        raise RuleError(
            origin,
            rule="heads must lie above the pelvis on average",
            value=f"are {height:.2f} m above it at a distance of {distance:.2f} m",
            remedy=remedy if _opposite(poses) else ORDER,
        )


def _opposite(poses: NDArray[np.float32]) -> bool:
    """Whether heads and ankles lie on opposite sides of the pelvis, as they do with any axes."""
    head, feet = poses[:, HEAD], poses[:, ANKLES].mean(axis=1)
    product, lengths = (head * feet).sum(axis=-1), np.linalg.norm(head, axis=-1) * np.linalg.norm(feet, axis=-1)
    return bool(np.median(product / np.maximum(lengths, 1e-9)) < OPPOSITE)


def refuse_mirrored(poses: NDArray[np.float32], origin: str) -> None:
    """Refuse poses whose knees or elbows bend the wrong way, or whose arms are not on the same side as their legs.

    Then left and right are exchanged, or an axis is mirrored. The axes must be right-handed. In motion capture of 36
    people at least 99 % of anybody's clearly bent knees pointed forwards, at most 86 % of their elbows did, and
    shoulders were turned against the hips in 0.02 % of the poses.
    """
    hips, shoulders = poses[:, RIGHT_HIP] - poses[:, LEFT_HIP], poses[:, RIGHT_ARM] - poses[:, LEFT_ARM]
    twisted = float(((hips * shoulders).sum(axis=-1) < 0).mean())
    if twisted > 0.5:
        raise RuleError(
            origin,
            rule="shoulders must be on the side of their hips",
            value=f"are not in {twisted:.0%} of the poses",
            remedy="left and right are exchanged in arms or legs, so exchange those joints",
        )
    exchanged = "left and right are exchanged or one axis is mirrored, so exchange the joints or negate that axis"
    knees, elbows = clear_bends(poses, KNEES), clear_bends(poses, ELBOWS)
    if len(knees) >= ENOUGH_BENT_KNEES and (backwards := 1 - knees.mean()) > 0.5:
        raise RuleError(
            origin, rule="knees must bend forwards", value=f"{backwards:.0%} of the bent ones do not", remedy=exchanged
        )
    if len(elbows) >= ENOUGH_BENT_ELBOWS and (forwards := elbows.mean()) > MOST_FORWARD_ELBOWS:
        raise RuleError(
            origin,
            rule="elbows must point backwards where they are bent",
            value=f"{forwards:.0%} of the bent ones point forwards",
            remedy=exchanged,
        )


def refuse_elastic_limbs(poses: NDArray[np.float32], origin: str) -> None:
    """Refuse a person whose arms or legs change their length, or have none.

    Then the joints are in a wrong order, or the file is damaged. In motion capture these bones are constant; where
    poses are estimated from pictures, half of the lengths lie within about 10 % of each other.
    """
    lengths = bone_lengths(poses)[:, LIMBS]
    low, middle, high = np.quantile(lengths, (0.25, 0.5, 0.75), axis=0)
    names = [JOINTS[BONES[limb][0]] for limb in LIMBS]
    if middle.min() < SHORTEST_LIMB:
        raise RuleError(
            origin,
            rule=f"limbs must be at least {SHORTEST_LIMB:g} m long",
            value=f"the one to the {names[int(middle.argmin())]} has {middle.min():.2g} m",
            remedy="give each joint its own place",
        )
    excess = high - low - LOOSEST_LIMB * middle
    worst = int(excess.argmax())
    if excess[worst] > 0:
        raise RuleError(
            origin,
            rule="bones must keep their length",
            value=f"the one to the {names[worst]} is below {low[worst]:.2f} m in a quarter of the poses and above "
            f"{high[worst]:.2f} m in another",
            remedy="bring the joints into Human3.6M's order, or export the file again",
        )


def refuse_one_pose_repeated(poses: NDArray[np.float32], origin: str) -> None:
    """Refuse poses, as one camera sees them, that are all the same."""
    if len(poses) > 1 and np.ptp(poses, axis=0).max() < STILL:
        raise RuleError(
            origin, rule="poses must differ", value=f"all {len(poses)} are the same", remedy="export them again"
        )

"""The 17 joints of the Human3.6M skeleton."""

from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

JOINTS: Final = (
    "pelvis",
    "right_hip",
    "right_knee",
    "right_ankle",
    "left_hip",
    "left_knee",
    "left_ankle",
    "spine",
    "thorax",
    "neck",
    "head",
    "left_shoulder",
    "left_elbow",
    "left_wrist",
    "right_shoulder",
    "right_elbow",
    "right_wrist",
)
"""Joint names in array order."""

PARENTS: Final = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 9, 8, 11, 12, 8, 14, 15)
"""Index of each joint's parent; -1 for the root."""

BONES: Final = tuple((child, parent) for child, parent in enumerate(PARENTS) if parent >= 0)
"""The 16 bones as (child, parent) joint indices."""

JOINT_PAIRS: Final = ((1, 4), (2, 5), (3, 6), (14, 11), (15, 12), (16, 13))
"""(right, left) joints that a horizontal flip exchanges."""

FLIP: Final = (0, 4, 5, 6, 1, 2, 3, 7, 8, 9, 10, 14, 15, 16, 11, 12, 13)
"""The joint order after left and right are exchanged."""

BONE_PAIRS: Final = tuple(
    (BONES.index((right, PARENTS[right])), BONES.index((left, PARENTS[left]))) for right, left in JOINT_PAIRS
)
"""(right, left) bones, as indices into `BONES`."""

N_JOINTS: Final = len(JOINTS)
AXES: Final = 3
POSE_DIM: Final = AXES * N_JOINTS


@cache
def adjacency() -> npt.NDArray[np.float32]:
    """`D^(−1/2) A D^(−1/2)`, `(17, 17)`: A is 1 where a bone joins two joints, D counts the bones of a joint."""
    joined = np.zeros((N_JOINTS, N_JOINTS), np.float32)
    for child, parent in BONES:
        joined[child, parent] = joined[parent, child] = 1
    root = np.sqrt(joined.sum(1))
    normalised: npt.NDArray[np.float32] = joined / (root[:, None] * root)
    normalised.setflags(write=False)
    return normalised

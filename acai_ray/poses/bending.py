"""Which way knees and elbows bend."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.skeleton import JOINTS

BENT = np.radians(20)
"""Angle between the two bones at a joint from which on it is bent, radians."""
CLEAR = 0.5
"""Least part of a bend's direction that is forward or backward; other bends are to the side."""

THORAX, RIGHT_HIP, LEFT_HIP = (JOINTS.index(name) for name in ("thorax", "right_hip", "left_hip"))


def _limbs(*parts: str) -> list[tuple[int, int, int]]:
    right, left = ([JOINTS.index(f"{side}_{part}") for part in parts] for side in ("right", "left"))
    return [(right[0], right[1], right[2]), (left[0], left[1], left[2])]


KNEES, ELBOWS = _limbs("hip", "knee", "ankle"), _limbs("shoulder", "elbow", "wrist")


def clear_bends(poses: NDArray[np.float32], limbs: Sequence[tuple[int, int, int]]) -> NDArray[np.bool_]:
    """Of all joints that are clearly bent forward or backward, whether the joint points forward.

    A joint points along what is perpendicular to the line between its limb's ends. Forward is perpendicular to trunk
    and hips.

    Args:
        poses: `(N, 17, 3)`, pelvis at the origin, right-handed axes.
        limbs: the two ends and the joint between them, as `KNEES` and `ELBOWS`.

    Returns:
        One value for each clear bend, in any order.
    """
    forward = _unit(np.cross(poses[:, THORAX], poses[:, RIGHT_HIP] - poses[:, LEFT_HIP]))
    clear = [_clear(poses[:, first], poses[:, joint], poses[:, last], forward) for first, joint, last in limbs]
    return np.concatenate(clear)


def _clear(
    first: NDArray[np.float32], joint: NDArray[np.float32], last: NDArray[np.float32], forward: NDArray[np.float32]
) -> NDArray[np.bool_]:
    upper, lower, line = _unit(joint - first), _unit(last - joint), _unit(last - first)
    angle = np.arccos(np.clip((upper * lower).sum(axis=-1), -1, 1))
    aside = joint - first
    aside = _unit(aside - (aside * line).sum(axis=-1, keepdims=True) * line)
    ahead = (aside * forward).sum(axis=-1)
    pointing: NDArray[np.bool_] = ahead[(angle > BENT) & (np.abs(ahead) > CLEAR)] > 0
    return pointing


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    scaled: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled

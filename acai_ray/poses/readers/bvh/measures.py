"""What the poses of a BVH file tell about its unit and its axes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.skeleton import JOINTS

UNITS = {
    "metres": 1.0,
    "feet": 0.3048,
    "decimetres": 0.1,
    "CMU's units of 1/0.45 inches": 0.0254 / 0.45,
    "inches": 0.0254,
    "centimetres": 0.01,
    "millimetres": 0.001,
}
"""Metres in units that BVH files are written in."""
LEG = (0.65, 1.0)
"""Metres between which thigh and shin together lie; two units are at least 1.77 times apart, so only one can fit."""
MEAN_LEG = 0.83
"""Metres that thigh and shin together have on average; a skeleton to which no unit fits is scaled to it."""
CLEAR = 0.8
"""Least cosine between an axis and the mean direction from the pelvis to the head, where that axis points up."""
STEADY = 0.5
"""Least length of the mean of those directions, each of length 1; it is less where people turn over."""

LEGS = [[JOINTS.index(f"{side}_{part}") for part in ("hip", "knee", "ankle")] for side in ("right", "left")]
HEAD = JOINTS.index("head")


def leg_length(poses: NDArray[Any]) -> float:
    """Length of thigh and shin of the first of `(F, 17, 3)` poses, mean of both legs."""
    bones = [poses[0, leg[part + 1]] - poses[0, leg[part]] for leg in LEGS for part in (0, 1)]
    return float(sum(np.linalg.norm(bone) for bone in bones)) / len(LEGS)


def unit_of(leg: float) -> str | None:
    """The unit in which a leg of this length is a person's; none where there is no such unit."""
    return next((name for name, metres in UNITS.items() if LEG[0] <= leg * metres <= LEG[1]), None)


def up_axis(poses: NDArray[Any]) -> str | None:
    """The axis that points from the pelvis to the head on average, such as `y` or `-z`; none where it is unclear.

    Args:
        poses: `(F, 17, 3)`, pelvis at the origin.
    """
    if len(poses) == 0:
        return None
    heads = poses[:, HEAD].astype(np.float64)
    mean = (heads / np.maximum(np.linalg.norm(heads, axis=1, keepdims=True), 1e-12)).mean(axis=0)
    axis, length = int(np.abs(mean).argmax()), float(np.linalg.norm(mean))
    if length < STEADY or abs(mean[axis]) < CLEAR * length:
        return None
    return ("-" if mean[axis] < 0 else "") + "xyz"[axis]

"""Finding the unit and the axis that points up of a BVH file from its poses."""

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
"""Metres between which a person's thigh and shin together lie; any two units differ more, so that only one can fit."""
MEAN_LEG = 0.83
"""Mean length of thigh and shin together, metres; a skeleton to which no unit fits is scaled to it."""
CLEAR = 0.8
"""Least cosine between the mean direction from pelvis to head and the axis that is said to point up."""
STEADY = 0.5
"""Least length of the mean of those directions, each of length 1; the mean is shorter where people turn over."""

LEGS = [[JOINTS.index(f"{side}_{part}") for part in ("hip", "knee", "ankle")] for side in ("right", "left")]
HEAD = JOINTS.index("head")


def leg_length(poses: NDArray[Any]) -> float:
    """Length of thigh and shin in the first of `(F, 17, 3)` poses, as the mean of both legs."""
    bones = [poses[0, leg[part + 1]] - poses[0, leg[part]] for leg in LEGS for part in (0, 1)]
    return float(sum(np.linalg.norm(bone) for bone in bones)) / len(LEGS)


def unit_of(leg: float) -> str | None:
    """The unit in which a leg of this length is a person's; None where there is no such unit."""
    return next((name for name, metres in UNITS.items() if LEG[0] <= leg * metres <= LEG[1]), None)


def up_axis(poses: NDArray[Any]) -> str | None:
    """The axis that points from the pelvis to the head on average, such as `y` or `-z`; None where it is unclear.

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

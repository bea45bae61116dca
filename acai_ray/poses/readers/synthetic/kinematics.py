"""A figure with joints: from joint angles to joint positions.

Axes at rest: x to the figure's left, y up, z forward. A limb is first twisted about its own axis and then swung:
flexion and abduction together are one rotation about a horizontal axis. Knees and elbows bend in one direction only.
"""

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.skeleton import JOINTS, N_JOINTS, PARENTS

Array: TypeAlias = NDArray[np.float64]
Angles: TypeAlias = Mapping[str, Array]

CENTRAL_LIMITS = {
    "pelvis_lean": (-90.0, 90.0),
    "pelvis_roll": (-25.0, 25.0),
    "spine_flex": (-25.0, 70.0),
    "spine_side": (-30.0, 30.0),
    "spine_twist": (-40.0, 40.0),
    "neck_flex": (-40.0, 45.0),
    "neck_side": (-30.0, 30.0),
    "neck_twist": (-65.0, 65.0),
}
SIDED_LIMITS = {
    "hip_flex": (-25.0, 120.0),
    "hip_abd": (-15.0, 50.0),
    "hip_twist": (-35.0, 45.0),
    "knee": (0.0, 145.0),
    "shoulder_flex": (-50.0, 170.0),
    "shoulder_abd": (-25.0, 150.0),
    "shoulder_twist": (-55.0, 45.0),
    "elbow": (2.0, 145.0),
}
"""Degrees; flexion lifts a limb forwards, abduction sideways, a positive twist turns it outwards."""

LIMITS = CENTRAL_LIMITS | {
    f"{side}_{name}": limits for side in ("left", "right") for name, limits in SIDED_LIMITS.items()
}
SWAPPED = {f"{a}_{name}": f"{b}_{name}" for a, b in (("left", "right"), ("right", "left")) for name in SIDED_LIMITS}
"""For each angle of a side, the same angle of the other side."""
SIGN_FLIPS = ("pelvis_roll", "spine_side", "spine_twist", "neck_side", "neck_twist")
"""Angles that change sign when left and right are exchanged."""

LARGEST_SWING = np.deg2rad(165.0)
"""Largest rotation of a limb by flexion and abduction together, radians."""
SHRUG_FROM, SHRUG_RATE = np.deg2rad(30.0), 0.25
"""An arm that is lifted beyond this angle (radians) lifts the shoulder too, by this share of the rest."""


def within_limits(angles: Angles) -> dict[str, Array]:
    """The angles clipped to what a body can do; an arm crosses the chest only as far as it is lifted forwards."""
    free = {name: np.clip(angles[name], *np.deg2rad(limits)) for name, limits in LIMITS.items()}
    for side in ("left", "right"):
        lifted = np.clip(free[f"{side}_shoulder_flex"] / np.deg2rad(60), 0, 1)
        lowest = np.deg2rad(SIDED_LIMITS["shoulder_abd"][0]) * lifted + np.deg2rad(4) * (1 - lifted)
        free[f"{side}_shoulder_abd"] = np.maximum(free[f"{side}_shoulder_abd"], lowest)
    return free


def mirrored(angles: Angles) -> dict[str, Array]:
    """The angles of the mirror image."""
    return {SWAPPED.get(name, name): -angle if name in SIGN_FLIPS else angle for name, angle in angles.items()}


def positions(angles: Angles, facing: Array, offsets: Array) -> Array:
    """Forward kinematics.

    Args:
        angles: `(F,)` radians for every name in `LIMITS`.
        facing: `(F,)` yaw in radians; 0 faces +z, positive turns to the figure's left.
        offsets: `(F, 17, 3)` each joint in its parent's frame at rest, metres.

    Returns:
        `(F, 17, 3)` world positions, y up, pelvis at the origin.
    """
    local = _local_rotations(angles, facing)
    rotation: list[Array] = [local["pelvis"]]
    position = np.zeros((len(facing), N_JOINTS, 3))
    for joint in range(1, N_JOINTS):
        parent, turn = PARENTS[joint], local.get(JOINTS[joint])
        rotation.append(rotation[parent] if turn is None else rotation[parent] @ turn)
        position[:, joint] = position[:, parent] + (rotation[joint] @ offsets[:, joint, :, None])[..., 0]
    return position


def _local_rotations(angles: Angles, facing: Array) -> dict[str, Array]:
    """The rotation of the bone that ends in each joint, relative to the bone before it."""
    zero = np.zeros_like(facing)
    spine = _rotation(angles["spine_flex"] / 2, angles["spine_twist"] / 2, angles["spine_side"] / 2)
    neck = _rotation(angles["neck_flex"] / 2, angles["neck_twist"] / 2, angles["neck_side"] / 2)
    pelvis = _rotation(zero, facing, zero) @ _rotation(angles["pelvis_lean"], zero, angles["pelvis_roll"])
    local = {"pelvis": pelvis, "spine": spine, "thorax": spine, "neck": neck, "head": neck}
    for side, sign in (("left", 1), ("right", -1)):
        flex, abd = angles[f"{side}_shoulder_flex"], angles[f"{side}_shoulder_abd"]
        shrug = SHRUG_RATE * np.maximum(np.hypot(flex, abd) - SHRUG_FROM, 0)
        local[f"{side}_shoulder"] = _rotation(zero, zero, sign * shrug)
        local[f"{side}_elbow"] = _limb(flex, abd, angles[f"{side}_shoulder_twist"], sign)
        local[f"{side}_wrist"] = _rotation(-angles[f"{side}_elbow"], zero, zero)
        hip = (angles[f"{side}_hip_flex"], angles[f"{side}_hip_abd"], angles[f"{side}_hip_twist"])
        local[f"{side}_knee"] = _limb(*hip, sign)
        local[f"{side}_ankle"] = _rotation(angles[f"{side}_knee"], zero, zero)
    return local


def _limb(flex: Array, abd: Array, twist: Array, sign: int) -> Array:
    zero = np.zeros_like(flex)
    shorter = np.minimum(1, LARGEST_SWING / np.maximum(np.hypot(flex, abd), 1e-9))
    return _rotation(-flex * shorter, zero, sign * abd * shorter) @ _rotation(zero, sign * twist, zero)


def _rotation(x: Array, y: Array, z: Array) -> Array:
    """Rodrigues' formula: `(F, 3, 3)` rotations by the vectors (x, y, z)."""
    zero, angle = np.zeros_like(x), np.sqrt(x * x + y * y + z * z)[:, None, None]
    half = np.sinc(angle / (2 * np.pi))
    cross = np.array([[zero, -z, y], [z, zero, -x], [-y, x, zero]]).transpose(2, 0, 1)
    rotation: Array = np.eye(3) + np.sinc(angle / np.pi) * cross + half * half / 2 * (cross @ cross)
    return rotation

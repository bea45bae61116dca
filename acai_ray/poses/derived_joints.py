"""Human3.6M joints that other skeletons lack, computed from those they have."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.skeleton import JOINT_PAIRS, JOINTS

HEAD_OF_LEG = 0.12
"""Length from the base of the skull to the top of the head over that of a leg: 0.099 m of 0.83 m in motion capture."""

PLACE = {name: place for place, name in enumerate(JOINTS)}


def head_along_neck(poses: NDArray[Any], leg: Any) -> NDArray[Any]:
    """The top of the head on the line through thorax and neck.

    Args:
        poses: `(N, 17, 3)`, their heads yet unknown.
        leg: length of thigh and shin in the same unit; one number, or `(N, 1)`.

    Returns:
        `(N, 3)`.
    """
    neck = poses[:, PLACE["neck"]]
    along = neck - poses[:, PLACE["thorax"]]
    along = along / np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-12)
    head: NDArray[Any] = neck + HEAD_OF_LEG * leg * along
    return head


def _between(*joints: str) -> Callable[[NDArray[Any]], NDArray[Any]]:
    def middle(poses: NDArray[Any]) -> NDArray[Any]:
        mean: NDArray[Any] = poses[:, [PLACE[joint] for joint in joints]].mean(axis=1)
        return mean

    return middle


def _head(poses: NDArray[Any]) -> NDArray[Any]:
    legs = [pair[side] for side in (0, 1) for pair in JOINT_PAIRS[:3]]
    of_legs = poses[:, legs].reshape(-1, 2, 3, 3)
    bones = np.linalg.norm(np.diff(of_legs, axis=2), axis=-1)
    return head_along_neck(poses, bones.sum(axis=(1, 2))[:, None] / 2)


RULES: Mapping[str, tuple[tuple[str, ...], Callable[[NDArray[Any]], NDArray[Any]], str]] = {
    "pelvis": (("right_hip", "left_hip"), _between("right_hip", "left_hip"), "the middle of the hips"),
    "spine": (("pelvis", "thorax"), _between("pelvis", "thorax"), "halfway from pelvis to thorax"),
    "neck": (("thorax", "head"), _between("thorax", "head"), "halfway from thorax to head"),
    "head": (("thorax", "neck"), _head, "on the line through thorax and neck"),
}
"""For each joint that may be missing, in this order: of which it is computed, how, and in words."""


def underivable(known: Collection[str]) -> list[str]:
    """The joints that are neither known nor can be computed from those that are."""
    have = set(known)
    for joint, (needed, _, _) in RULES.items():
        if have.issuperset(needed):
            have.add(joint)
    return [joint for joint in JOINTS if joint not in have]


def computed(known: Collection[str]) -> list[str]:
    """What is computed where these joints are known, in words: `spine (halfway from pelvis to thorax)`."""
    return [f"{joint} ({rule[2]})" for joint, rule in RULES.items() if joint not in known]


def derive(poses: NDArray[Any], known: Collection[str]) -> None:
    """Fill in the joints that are not known.

    Args:
        poses: `(N, 17, 3)` floating-point numbers. Changed.
        known: the names of those that are there; `underivable` finds nothing.
    """
    for joint, (_, rule, _) in RULES.items():
        if joint not in known:
            poses[:, PLACE[joint]] = rule(poses)

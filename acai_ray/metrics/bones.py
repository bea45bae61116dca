"""Bone lengths: whether a pose has a possible body."""

from typing import Any

import torch
from torch import Tensor

from acai_ray.common.arrays import as_tensor
from acai_ray.common.skeleton import BONE_PAIRS, BONES

RANGE = (0.005, 0.995)
"""Quantiles of the training set's bone lengths between which a length is normal."""


def bone_lengths(poses: Any) -> Tensor:
    """Lengths of the 16 bones in the order of `skeleton.BONES`; `(..., 17, 3) -> (..., 16)`, metres."""
    joints = as_tensor(poses)
    ends = (torch.tensor(joint, device=joints.device) for joint in zip(*BONES, strict=True))
    child, parent = (joints.index_select(-2, joint) for joint in ends)  # many times faster than indexing by a tuple
    lengths: Tensor = torch.linalg.vector_norm(child - parent, dim=-1)
    return lengths


def bone_length_range(train_poses: Any) -> Tensor:
    """The 0.5 and 99.5 percentiles of each bone's length.

    Args:
        train_poses: `(N, 17, 3)` metres.

    Returns:
        `(16, 2)` metres.
    """
    lengths = bone_lengths(train_poses)
    levels = lengths.new_tensor(RANGE)
    return torch.stack([length.quantile(levels) for length in lengths.unbind(-1)])


def bone_excess(poses: Any, limits: Any) -> Tensor:
    """How far the bones of each pose lie outside the normal range, mean over the 16 bones.

    Args:
        poses: `(N, 17, 3)` metres.
        limits: `(16, 2)` of `bone_length_range`.

    Returns:
        `(N,)` metres, 0 for a pose whose every bone is in range.
    """
    lengths = bone_lengths(poses)
    low, high = as_tensor(limits).to(lengths).unbind(-1)
    return ((low - lengths).relu() + (lengths - high).relu()).mean(-1)


def bone_asymmetry(poses: Any) -> Tensor:
    """Mean `|left - right|` over the paired bones of each pose; `(N, 17, 3) -> (N,)`, metres."""
    lengths = bone_lengths(poses)
    right, left = zip(*BONE_PAIRS, strict=True)
    return (lengths[..., left] - lengths[..., right]).abs().mean(-1)


def bone_variation(paths: Any) -> Tensor:
    """Standard deviation (population) of each bone's length along a path, mean over the bones.

    Args:
        paths: `(B, T+1, 17, 3)` metres.

    Returns:
        `(B,)` metres, 0 for rigid bones.
    """
    return bone_lengths(paths).std(1, correction=0).mean(-1)

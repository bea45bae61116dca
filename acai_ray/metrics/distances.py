"""Distances between poses, in metres."""

from typing import Any

import torch
from torch import Tensor

from acai_ray.common.arrays import as_tensor


def mpjpe(a: Any, b: Any) -> Tensor:
    """Mean per-joint position error `mean_v ‖a_v - b_v‖` (report eq. 8).

    Args:
        a: `(..., 17, 3)` metres.
        b: the same; the two broadcast.

    Returns:
        `(...)` metres.

    Examples:
        >>> poses = acai_ray.poses.load("synthetic").poses[:2]
        >>> shift = numpy.float32([0.03, 0.04, 0])
        >>> acai_ray.metrics.mpjpe(poses, poses + shift)
        tensor([0.0500, 0.0500])
    """
    per_joint: Tensor = torch.linalg.vector_norm(as_tensor(a) - as_tensor(b), dim=-1)
    return per_joint.mean(-1)


def euclidean(a: Any, b: Any) -> Tensor:
    """`‖a - b‖` over the flat 51-D vector, the distance of the report's Table I.

    Args:
        a: `(..., 17, 3)` metres.
        b: the same; the two broadcast.

    Returns:
        `(...)` metres.
    """
    flat: Tensor = torch.linalg.vector_norm(as_tensor(a) - as_tensor(b), dim=(-2, -1))
    return flat


def pa_mpjpe(a: Any, b: Any) -> Tensor:
    """`mpjpe` after the similarity (Procrustes) transform of `a` that brings it closest to `b` in least squares.

    Rotation, uniform scale and shift, never a reflection (Umeyama 1991).

    Args:
        a: `(..., 17, 3)` metres, the poses that are moved.
        b: `(..., 17, 3)` metres.

    Returns:
        `(...)` metres.
    """
    moved, target = as_tensor(a), as_tensor(b)
    moved, centre = moved - moved.mean(-2, keepdim=True), target.mean(-2, keepdim=True)
    u, scales, vh = torch.linalg.svd(moved.mT @ (target - centre))
    proper = torch.ones_like(scales)
    proper[..., -1] = torch.linalg.det(u @ vh).sign()
    rotation = (u * proper[..., None, :]) @ vh
    size = moved.square().sum((-2, -1))
    scale = (scales * proper).sum(-1) / size.where(size > 0, 1)
    return mpjpe(scale[..., None, None] * moved @ rotation + centre, target)

"""Augmentation of training poses: rotation in the image plane, horizontal flip with left and right exchanged."""

import numpy as np
import torch
from torch import Tensor

from acai_ray.common.skeleton import FLIP


def augment(poses: Tensor, flip: Tensor, angle: Tensor) -> Tensor:
    """Flip, then rotate about the viewing axis, each pose by its own amount.

    Args:
        poses: `(…, 17, 3)` in camera axes.
        flip: `(…,)` bool.
        angle: `(…,)` in radians.

    Returns:
        `(…, 17, 3)`, a copy.
    """
    mirrored = poses[..., FLIP, :] * poses.new_tensor([-1.0, 1.0, 1.0])
    x, y, z = torch.where(flip[..., None, None], mirrored, poses).unbind(-1)
    cos, sin = torch.cos(angle)[..., None], torch.sin(angle)[..., None]
    return torch.stack((cos * x - sin * y, sin * x + cos * y, z), dim=-1)


def draw(
    shape: tuple[int, ...], rotation_deg: float, flip_probability: float, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Random `flip` (bool) and `angle` (radians, float32) of a shape, for `augment`."""
    flip = rng.random(shape) < flip_probability
    limit = np.deg2rad(rotation_deg)
    angle = rng.uniform(-limit, limit, shape).astype(np.float32)
    return torch.from_numpy(flip), torch.from_numpy(angle)

"""Distance of two sets by the Gaussians fitted to them."""

from typing import Any

import torch
from torch import Tensor

from acai_ray.common.arrays import as_tensor


def frechet_distance(a: Any, b: Any) -> Tensor:
    """Fréchet distance (squared) `‖μ_a - μ_b‖² + tr(A + B - 2(AB)^½)` of two Gaussians (Dowson and Landau 1982).

    The root joint, a constant 0, is left out: 48-D. Computed in float64.

    Args:
        a: `(N, 17, 3)` metres; a single pose has covariance 0.
        b: `(M, 17, 3)` metres.

    Returns:
        Scalar, m².
    """
    (mean_a, root_a), (mean_b, root_b) = _fit(a), _fit(b)
    cross: Tensor = torch.linalg.svdvals(root_a @ root_b)
    spread = root_a.square().sum() + root_b.square().sum() - 2 * cross.sum()
    return (mean_a - mean_b).square().sum() + spread.clamp(min=0)


def _fit(poses: Any) -> tuple[Tensor, Tensor]:
    """Mean `(48,)` and the symmetric root `(48, 48)` of the unbiased covariance."""
    flat = as_tensor(poses)[:, 1:].flatten(1).double()
    centred = flat - flat.mean(0)
    values, vectors = torch.linalg.eigh(centred.T @ centred / max(len(flat) - 1, 1))
    return flat.mean(0), vectors * values.clamp(min=0).sqrt() @ vectors.T

"""Reconstruction and ACAI loss terms as pure functions (report eq. 2 and 3; Berthelot et al. 2018, eq. 1 and 2).

Symbols: `x` poses, `x_hat` = g(f(x)), `d_mixed` = d(x̂_α), `d_real` = d(γx + (1−γ)x̂). Batches have the shape `(…, B,
n)`, 51 for poses, the critic's answers `(…, B)`; each term is a mean over the batch and keeps the leading axes.
"""

from torch import Tensor

from acai_ray.common.skeleton import N_JOINTS

ALPHA_MAX = 0.5
"""α is uniform on [0, ALPHA_MAX]."""


def reconstruction(x: Tensor, x_hat: Tensor, points: int = N_JOINTS) -> Tensor:
    """`L_rec`: squared distance of a point (a joint, a pixel), mean over batch and points; for poses in m²."""
    return (x - x_hat).square().sum(dim=-1).mean(dim=-1) / points


def adversarial(d_mixed: Tensor) -> Tensor:
    """What λ weighs: `mean d(x̂_α)²`."""
    return d_mixed.square().mean(dim=-1)


def critic_alpha(d_mixed: Tensor, alpha: Tensor) -> Tensor:
    """The critic's first term: `mean (d(x̂_α) − α)²`."""
    return (d_mixed - alpha).square().mean(dim=-1)


def critic_real(d_real: Tensor) -> Tensor:
    """The critic's second term: `mean d(γx + (1−γ)x̂)²`."""
    return d_real.square().mean(dim=-1)


def mix(x: Tensor, x_hat: Tensor, gamma: float | Tensor) -> Tensor:
    """The critic's second input: `γx + (1−γ)x̂`."""
    return gamma * x + (1 - gamma) * x_hat

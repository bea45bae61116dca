"""Where codes lie, on the unit sphere or anywhere: samples of the prior and paths between two codes."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

_EQUAL = 1e-6
"""Cosines above 1 - `_EQUAL` are clamped; the weights are then those of linear interpolation to within `_EQUAL / 4`."""

_OPPOSITE = 1e-5
"""Cosines below -1 + `_OPPOSITE` are within 0.26° of opposite: rounding decides on which great circle they lie."""


def sample_sphere(n: int, d: int, generator: torch.Generator) -> Tensor:
    """`n` codes `(n, d)`, uniform on the unit sphere of dimension `d`; always drawn on the generator's device."""
    return functional.normalize(torch.randn(n, d, generator=generator, device=generator.device), dim=-1)


def slerp(z1: Any, z2: Any, t: Any) -> Tensor:
    """Codes at the same places `t` on every pair's path; see `slerp_at`.

    Args:
        z1: `(B, d)` unit codes where the paths start.
        z2: `(B, d)` unit codes where they end.
        t: `(K,)` places on the path, 0 at `z1` and 1 at `z2`.

    Returns:
        `(B, K, d)`.

    Examples:
        >>> east, north = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.0, 1.0]])
        >>> acai_ray.latent.slerp(east, north, [0.0, 0.5, 1.0])
        tensor([[[1.0000, 0.0000],
                 [0.7071, 0.7071],
                 [0.0000, 1.0000]]])
    """
    start, end = torch.as_tensor(z1), torch.as_tensor(z2)
    places = torch.as_tensor(t, dtype=start.dtype, device=start.device)
    return slerp_at(start[:, None], end[:, None], places)


def slerp_at(z1: Tensor, z2: Tensor, t: Tensor) -> Tensor:
    """Spherical linear interpolation, one place a pair: `sin((1-t)θ)/sinθ z1 + sin(tθ)/sinθ z2`, `cosθ = z1·z2`.

    Differentiable, with finite gradients everywhere: for equal codes the weights take their limit (lerp). Opposite
    codes are joined by many shortest paths; the one taken leads at constant speed through the direction of the
    coordinate axis most nearly perpendicular to `z1`. At `t=0` the result is `z1` to the last bit, at `t=1` it is `z2`.

    Args:
        z1: `(..., d)` unit codes.
        z2: `(..., d)` unit codes.
        t: `(...)` in [0, 1]; all three broadcast.

    Returns:
        `(..., d)` codes of unit length to rounding.
    """
    t = t[..., None]
    cosine = (z1 * z2).sum(-1, keepdim=True)
    angle = cosine.clamp(-1 + _OPPOSITE, 1 - _EQUAL).acos()
    arc = (((1 - t) * angle).sin() * z1 + (t * angle).sin() * z2) / angle.sin()
    path = torch.where(cosine < -1 + _OPPOSITE, _detour(z1, z2, t), arc)
    return torch.where(t == 0, z1, torch.where(t == 1, z2, path))


def _detour(z1: Tensor, z2: Tensor, t: Tensor) -> Tensor:
    """Two quarter circles from `z1` to its opposite `z2`, through a direction perpendicular to `z1`."""
    axis = functional.one_hot(z1.detach().abs().argmin(-1), z1.shape[-1]).to(z1)
    middle = functional.normalize(axis - (axis * z1).sum(-1, keepdim=True) * z1, dim=-1)
    along = (math.pi * t).cos()
    return along.relu() * z1 + (-along).relu() * z2 + (math.pi * t).sin() * middle


def lerp_at(z1: Tensor, z2: Tensor, t: Tensor) -> Tensor:
    """Linear interpolation, one place a pair: `(1-t) z1 + t z2`; shapes as in `slerp_at`."""
    t = t[..., None]
    return (1 - t) * z1 + t * z2


def sample_normal(n: int, d: int, generator: torch.Generator) -> Tensor:
    """`n` codes `(n, d)`, normal with mean 0 and variance 1; always drawn on the generator's device."""
    return torch.randn(n, d, generator=generator, device=generator.device)


class CodeSpace(NamedTuple):
    """Where an autoencoder's codes lie.

    Attributes:
        project: from what an encoder gives, `(..., d)`, to codes.
        between: codes on the paths between codes, as `slerp_at`.
        sample: codes of the prior, as `sample_sphere`.
        spherical: whether codes have unit length.
        words: as the end of a sentence.
    """

    project: Callable[[Tensor], Tensor]
    between: Callable[[Tensor, Tensor, Tensor], Tensor]
    sample: Callable[[int, int, torch.Generator], Tensor]
    spherical: bool
    words: str


def _to_unit_length(z: Tensor) -> Tensor:
    return functional.normalize(z, dim=-1)


def _unchanged(z: Tensor) -> Tensor:
    return z


CODE_SPACES = {
    "sphere": CodeSpace(_to_unit_length, slerp_at, sample_sphere, spherical=True, words="on the unit sphere"),
    "flat": CodeSpace(_unchanged, lerp_at, sample_normal, spherical=False, words="anywhere in space"),
}
"""By the setting `codes` of a trial: great circles and a uniform prior, or straight lines and a normal one."""

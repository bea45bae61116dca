"""Paths of constant speed (Geng et al. 2020; Chen et al. 2020): equal steps of a code shall be equal steps of a pose.

Each pair's path is decoded at K + 1 even places. With `l_k` the Euclidean lengths of its K steps, the autoencoder adds
`λ · mean Var_k(l) / Mean_k(l)²`: the squared coefficient of variation, which does not depend on how long a path is.
"""

from types import MappingProxyType

import torch
from torch import Tensor

from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import CODE_SPACES
from acai_ray.training import losses
from acai_ray.training.regularizers.regularizer import (
    Batch,
    Losses,
    Networks,
    Probe,
    Regularizer,
    Weights,
)

LEAST = 1e-12
"""Added to squared lengths, in m²: the root of 0 has no finite slope, and a path of length 0 has no speed."""


class ConstantSpeed(Regularizer):
    """Steps of equal length on decoded paths."""

    name = "constant_speed"
    title = "Constant speed"
    weighs = "the squared coefficient of variation of the lengths of a path's steps"
    unit = "m²"
    source = "Geng et al. 2020; Chen et al. 2020"
    lam_range = (1e-5, 0.1)
    options = MappingProxyType({"places": 8})
    terms = ("loss_speed",)

    def losses(self, networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> Losses:
        """Both halves are encoded as two passes; the places of the paths are decoded together, as one pass."""
        autoencoder, (first, _), masks = networks.autoencoder, batch.halves, batch.masks
        z, partner = autoencoder.encode(batch.x, passes=2, track=0, mask=masks.both).chunk(2, dim=1)
        x_hat = autoencoder.decode(z, track=0, mask=masks.reconstruction)
        loss_rec = losses.reconstruction(first, x_hat, autoencoder.domain.points)
        t = torch.linspace(0, 1, self.option(config, "places") + 1, dtype=z.dtype, device=z.device)
        codes = CODE_SPACES[config.codes].between(z[:, :, None], partner[:, :, None], t)
        paths = autoencoder.decode(codes.flatten(1, 2), mask=masks.own).unflatten(1, codes.shape[1:3])
        loss_speed = speed_variation(paths).mean(dim=-1)
        return Losses(loss_rec, loss_rec + weights.lam * loss_speed, terms=(loss_speed,))

    def health(self, probe: Probe) -> dict[str, float]:
        """The same on paths between poses of one split."""
        z1, z2 = probe.encode(probe.first)[:, None], probe.encode(probe.second)[:, None]
        codes = probe.between(z1, z2, torch.linspace(0, 1, self.option(probe.config, "places") + 1))
        paths = probe.decode(codes.flatten(0, 1)).flatten(-2).unflatten(0, codes.shape[:2])
        return {"speed_variation": float(speed_variation(paths.double()).mean())}


def speed_variation(paths: Tensor) -> Tensor:
    """The squared coefficient of variation of the lengths of a path's steps.

    Args:
        paths: `(…, K+1, n)`.

    Returns:
        `(…)`; 0 where all steps have the same length.
    """
    lengths = (paths.diff(dim=-2).square().sum(dim=-1) + LEAST).sqrt()
    mean = lengths.mean(dim=-1, keepdim=True)
    return ((lengths - mean) / mean).square().mean(dim=-1)

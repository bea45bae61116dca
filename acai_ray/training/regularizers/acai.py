"""ACAI (Berthelot et al. 2018; the report's eq. 2 and 3): a critic guesses α from what is decoded of a mixed code.

The autoencoder adds `λ · mean d(x̂_α)²`, with `x̂_α = g(z_α)` and `z_α` at α on the path from `f(x)` to a partner's code;
the critic minimises `mean (d(x̂_α) − α)² + mean d(γx + (1−γ)x̂)²`.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from acai_ray import metrics
from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import CODE_SPACES
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.models.domain import Domain
from acai_ray.models.layers import MLP, Mask
from acai_ray.training import losses
from acai_ray.training.regularizers.regularizer import (
    Batch,
    Losses,
    Networks,
    Probe,
    Regularizer,
    Weights,
    of_one,
    reconstructed,
    uniform,
)


class Critic(nn.Module):
    """R critics: the encoder's shape, averaged to one number an example (Berthelot et al. 2018, section 2)."""

    def __init__(self, members: int, config: TrialConfig, domain: Domain) -> None:
        super().__init__()
        hidden = [config.width] * config.depth
        self.network = MLP(members, [domain.size, *hidden, config.latent_dim], config.critic_norm)

    def forward(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """The critic's guess of α, `(R, B)`, for examples `(R, B, n)`; passes as in `MLP`."""
        return self.network(x, passes=passes, track=track, mask=mask).mean(dim=-1)  # type: ignore[no-any-return]


class Acai(Regularizer):
    """Adversarially constrained autoencoder interpolation."""

    name = "acai"
    title = "ACAI"
    weighs = "the critic's squared answer to poses decoded from mixed codes"
    unit = "m²"
    source = "Berthelot et al. 2018"
    lam_range = (1e-5, 1.0)
    terms = ("loss_adv", "critic_alpha_mse", "critic_real_mse")

    def network(self, members: int, config: TrialConfig, domain: Domain) -> nn.Module | None:
        """The critic; it may be left out where λ is 0."""
        return Critic(members, config, domain) if config.critic else None

    def draw(
        self, rng: np.random.Generator, steps: int, half: int, config: TrialConfig, domain: Domain
    ) -> npt.NDArray[np.float32]:
        """α, `(steps, half)`, uniform from 0 to 1/2."""
        return uniform(rng, 0, losses.ALPHA_MAX, (steps, half))

    def losses(self, networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> Losses:
        """x̂ and x̂_α, each a pass of its own for batch normalisation, and the critic's answers to both."""
        passes = _together(networks.autoencoder, config, batch)
        judged = _judged(networks, batch, passes, weights)
        total = passes.loss_rec + weights.lam * judged.adversarial
        return Losses(passes.loss_rec, total, judged.of_critic, judged.terms)

    def beside_vanilla(self, networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> Losses:
        """The reconstruction apart, so that it is the same as without a critic to the last bit; the critic looks on."""
        if networks.own is None:
            return super().beside_vanilla(networks, config, batch, weights)
        passes = _apart(networks.autoencoder, config, batch)
        judged = _judged(networks, batch, passes, weights)
        return Losses(passes.loss_rec, passes.loss_rec, judged.of_critic, judged.terms)

    def health(self, probe: Probe) -> dict[str, float]:
        """How well the critic tells α: the terms of its loss, and its answers beside α and beside reconstructions."""
        if probe.own is None:
            return {}
        alpha = torch.from_numpy(uniform(probe.rng, 0, losses.ALPHA_MAX, (len(probe.first),)))
        z = probe.encode(probe.first)
        x_hat, mixed = probe.decode(z), probe.decode(probe.between(z, probe.encode(probe.second), alpha))
        blend = losses.mix(probe.first, x_hat, probe.config.gamma)
        health = metrics.critic_health(
            mixed=of_one(probe.own, mixed.flatten(-2)),
            real=of_one(probe.own, blend.flatten(-2)),
            reconstructed=of_one(probe.own, x_hat.flatten(-2)),
            alpha=alpha,
        )
        return {f"critic_{name}": value for name, value in health.items()}


class _Passes(NamedTuple):
    """What the autoencoder made of a batch: x̂ and x̂_α, `(R, B/2, n)`, and the loss of x̂, `(R,)`."""

    x_hat: Tensor
    mixed: Tensor
    loss_rec: Tensor


def _together(autoencoder: Autoencoder, config: TrialConfig, batch: Batch) -> _Passes:
    """x̂ and x̂_α, two passes in each product: half as many products, each twice as large."""
    first, _ = batch.halves
    z, partner = autoencoder.encode(batch.x, passes=2, track=0, mask=batch.masks.both).chunk(2, dim=1)
    codes = torch.cat((z, CODE_SPACES[config.codes].between(z, partner, batch.drawn)), dim=1)
    x_hat, mixed = autoencoder.decode(codes, passes=2, track=0, mask=batch.masks.both).chunk(2, dim=1)
    return _Passes(x_hat, mixed, losses.reconstruction(first, x_hat, autoencoder.domain.points))


def _apart(autoencoder: Autoencoder, config: TrialConfig, batch: Batch) -> _Passes:
    """x̂ as without a critic, then x̂_α for a critic from which the autoencoder learns nothing."""
    _, partners = batch.halves
    own = reconstructed(autoencoder, batch)
    with torch.no_grad():
        partner = autoencoder.encode(partners, mask=batch.masks.own)
        codes = CODE_SPACES[config.codes].between(own.z, partner, batch.drawn)
        mixed = autoencoder.decode(codes, mask=batch.masks.own)
    return _Passes(own.x_hat, mixed, own.loss)


class _Judged(NamedTuple):
    """What the critic's answers are worth: the term that λ weighs, the critic's loss, and what the history tells."""

    adversarial: Tensor
    of_critic: Tensor
    terms: tuple[Tensor, ...]


def _judged(networks: Networks, batch: Batch, passes: _Passes, weights: Weights) -> _Judged:
    """Only the critic's answer to `γx + (1−γ)x̂` moves its running statistics."""
    assert networks.own is not None
    first, _ = batch.halves
    seen = torch.cat((passes.mixed, losses.mix(first, passes.x_hat.detach(), weights.gamma)), dim=1)
    d_mixed, d_real = networks.own(seen, passes=2, track=1, mask=batch.masks.own).chunk(2, dim=1)
    adversarial = losses.adversarial(d_mixed)
    alpha_term, real_term = losses.critic_alpha(d_mixed, batch.drawn), losses.critic_real(d_real)
    return _Judged(adversarial, alpha_term + real_term, (adversarial, alpha_term, real_term))

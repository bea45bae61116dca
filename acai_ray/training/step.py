"""One training step of all members: the loss terms, the gradients of both losses, the update."""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import slerp_at
from acai_ray.models.autoencoder import Autoencoder, Networks
from acai_ray.models.layers import Mask
from acai_ray.training import losses

LOSSES = ("loss_rec", "loss_adv", "critic_alpha_mse", "critic_real_mse")


class Masks(NamedTuple):
    """Dropout of the reconstruction path, and of the passes only the critic needs.

    Apart, so that a run without a critic draws the same.
    """

    reconstruction: Mask | None = None
    critic: Mask | None = None

    @property
    def both(self) -> Mask | None:
        """Of two passes together, the reconstruction first."""
        first, second = self
        if first is None or second is None:
            return None

        def mask(activation: Tensor) -> Tensor:
            one, other = activation.chunk(2, dim=1)
            return torch.cat((first(one), second(other)), dim=1)

        return mask


NO_MASKS = Masks()


class Weights(NamedTuple):
    """λ and γ, as numbers or as tensors without axes."""

    lam: float | Tensor
    gamma: float | Tensor


def step(
    networks: Networks,
    optimizer: torch.optim.Optimizer,
    config: TrialConfig,
    x: Tensor,
    alpha: Tensor,
    masks: Masks = NO_MASKS,
) -> Tensor:
    """One update of both networks, changed in place; arguments and result as in `gradients`."""
    weights = Weights(config.lam, config.gamma)
    terms, found = gradients(networks, x, alpha, weights, acai=config.lam > 0, masks=masks)
    for parameter, gradient in zip(networks.parameters(), found, strict=True):
        parameter.grad = gradient
    optimizer.step()
    return terms


def gradients(
    networks: Networks, x: Tensor, alpha: Tensor, weights: Weights, *, acai: bool, masks: Masks
) -> tuple[Tensor, list[Tensor]]:
    """The loss terms of a step, and the gradients of both losses.

    The first half of the batch is reconstructed, the second half gives the partners to interpolate with. Each half,
    each decoding and each input of the critic is a pass of its own for batch normalisation. Only the path x → z → x̂
    (for the critic: its answer to γx + (1−γ)x̂) moves running statistics.

    Args:
        networks: the members' networks; of them only running statistics are changed.
        x: `(R, B, n)`, 51 numbers of a pose.
        alpha: `(R, B/2)`.
        weights: λ and γ.
        acai: whether λ is above 0. Where it is not, nothing the critic sees enters the autoencoder's gradient, and
            the reconstruction is computed apart, so that it is the same as without a critic to the last bit.
        masks: dropout.

    Returns:
        The terms named by `LOSSES`, `(4, R)`, and each network's gradient of its own loss, in the order of
        `networks.parameters()`.
    """
    autoencoder, critic = networks.autoencoder, networks.critic
    first, partners = x.chunk(2, dim=1)
    if acai:
        x_hat, mixed = _decoded_together(autoencoder, x, alpha, masks)
    else:
        z = autoencoder.encode(first, track=0, mask=masks.reconstruction)
        x_hat = autoencoder.decode(z, track=0, mask=masks.reconstruction)
    loss_rec = losses.reconstruction(first, x_hat, autoencoder.domain.points)
    if critic is None:
        terms = torch.stack((loss_rec.detach(), *[torch.full_like(loss_rec, math.nan)] * 3))
        return terms, [*_gradient(loss_rec, autoencoder)]
    if not acai:
        with torch.no_grad():
            codes = slerp_at(z, autoencoder.encode(partners, mask=masks.critic), alpha)
            mixed = autoencoder.decode(codes, mask=masks.critic)
    judged = torch.cat((mixed, losses.mix(first, x_hat.detach(), weights.gamma)), dim=1)
    d_mixed, d_real = critic(judged, passes=2, track=1, mask=masks.critic).chunk(2, dim=1)
    loss_adv = losses.adversarial(d_mixed)
    alpha_term, real_term = losses.critic_alpha(d_mixed, alpha), losses.critic_real(d_real)
    of_critic = _gradient(alpha_term + real_term, critic, keep=True)
    of_autoencoder = _gradient(loss_rec + weights.lam * loss_adv if acai else loss_rec, autoencoder)
    terms = torch.stack([term.detach() for term in (loss_rec, loss_adv, alpha_term, real_term)])
    return terms, [*of_autoencoder, *of_critic]


def _decoded_together(autoencoder: Autoencoder, x: Tensor, alpha: Tensor, masks: Masks) -> tuple[Tensor, ...]:
    """x̂ and x̂_α, two passes in each product: half as many, twice as large."""
    z, partner = autoencoder.encode(x, passes=2, track=0, mask=masks.both).chunk(2, dim=1)
    codes = torch.cat((z, slerp_at(z, partner, alpha)), dim=1)
    return autoencoder.decode(codes, passes=2, track=0, mask=masks.both).chunk(2, dim=1)


def _gradient(loss: Tensor, network: nn.Module, *, keep: bool = False) -> tuple[Tensor, ...]:
    """Each member's own loss, derived by the network's parameters and no others."""
    return torch.autograd.grad(loss.sum(), list(network.parameters()), retain_graph=keep)

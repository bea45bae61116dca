"""One training step of all members: the losses of the regularizer, the gradients of both, the update."""

import torch
from torch import Tensor, nn

from acai_ray.common.trial_config import TrialConfig
from acai_ray.training.regularizers import Batch, Networks, Weights, regularizer_of


def loss_names(config: TrialConfig) -> tuple[str, ...]:
    """What a step tells, in order: the reconstruction, then the regularizer's terms."""
    return ("loss_rec", *regularizer_of(config).terms)


def step(networks: Networks, optimizer: torch.optim.Optimizer, config: TrialConfig, batch: Batch) -> Tensor:
    """One update of all networks, changed in place; returns the values of `loss_names`, `(L, R)`."""
    weights = Weights(config.lam, config.gamma)
    terms, of_parameters = gradients(networks, config, batch, weights)
    for parameter, gradient in zip(networks.parameters(), of_parameters, strict=True):
        parameter.grad = gradient
    optimizer.step()
    return terms


def gradients(networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> tuple[Tensor, list[Tensor]]:
    """The losses of a step, and the gradient of each network's own loss.

    Where λ is 0 the autoencoder's loss is the plain reconstruction, computed apart, so that it is the same for every
    regularizer to the last bit.

    Args:
        networks: the members' networks; of them only running statistics are changed.
        config: the trial's settings; of λ only whether it is above 0.
        batch: examples, and what the regularizer drew.
        weights: λ and γ.

    Returns:
        The values of `loss_names`, `(L, R)`, and the gradients in the order of `networks.parameters()`.
    """
    part = regularizer_of(config)
    losses = (part.losses if config.lam > 0 else part.beside_vanilla)(networks, config, batch, weights)
    of_own = _of_own(networks.own, losses.of_own)
    of_autoencoder = _gradient(losses.of_autoencoder, networks.autoencoder)
    terms = torch.stack([term.detach() for term in (losses.reconstruction, *losses.terms)])
    return terms, [*of_autoencoder, *of_own]


def _of_own(network: nn.Module | None, loss: Tensor | None) -> list[Tensor]:
    """The gradients of the regularizer's own network; 0 where it has nothing to learn."""
    if network is None:
        return []
    if loss is None:
        return [torch.zeros_like(parameter) for parameter in network.parameters()]
    return [*_gradient(loss, network, keep=True)]


def _gradient(loss: Tensor, network: nn.Module, *, keep: bool = False) -> tuple[Tensor, ...]:
    """The gradients of each member's own loss by the parameters of this network alone."""
    # Members share no weights, so the gradient of the sum is that of each member's loss.
    return torch.autograd.grad(loss.sum(), list(network.parameters()), retain_graph=keep)

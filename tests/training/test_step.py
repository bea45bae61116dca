"""One step: the right gradients of both losses, and which pass moves which running statistics."""

from types import SimpleNamespace

import pytest
import torch

from acai_ray.training.regularizers import Batch
from acai_ray.training.state import TrainState
from acai_ray.training.step import step
from tests.helpers.training import batch, differing, small

FROZEN = SimpleNamespace(step=lambda: None)
"""An optimizer that leaves the weights, so that a step only computes gradients."""

ROUNDING = {"rtol": 1e-4, "atol": 1e-6}
"""With λ the two decodings are one product of twice the rows, and some processors sum its rows otherwise."""


@pytest.mark.parametrize("norm", ["batch", "none"])
def test_gradients_are_those_of_the_two_losses(norm) -> None:
    """Along a random direction, the change of the losses that `step` itself returns."""
    config = small(lam=0.7, gamma=0.3, norm=norm, critic_norm=norm, lr=1e-3)
    networks = TrainState.start(config, [0, 1]).networks.double()
    x, alpha, _ = batch(config, 2, torch.float64)

    def terms() -> torch.Tensor:
        return step(networks, FROZEN, config, Batch(x, alpha))

    rng = torch.Generator().manual_seed(1)
    for network, loss in (
        (networks.autoencoder, lambda t: t[0] + config.lam * t[1]),
        (networks.own, lambda t: t[2] + t[3]),
    ):
        terms()
        parameters = list(network.parameters())
        gradients = [parameter.grad.clone() for parameter in parameters]
        direction = [torch.randn(p.shape, generator=rng, dtype=torch.float64) for p in parameters]
        slope = sum((g * d).flatten(1).sum(1) for g, d in zip(gradients, direction, strict=True))
        found, eps = [], 1e-6
        with torch.no_grad():
            for sign in (1, -2):
                for parameter, along in zip(parameters, direction, strict=True):
                    parameter += sign * eps * along
                with torch.enable_grad():
                    found.append(loss(terms()))
            for parameter, along in zip(parameters, direction, strict=True):
                parameter += eps * along
        torch.testing.assert_close((found[0] - found[1]) / (2 * eps), slope, rtol=1e-4, atol=1e-7)


def test_gamma_changes_no_gradient_of_the_autoencoder() -> None:
    gradients = []
    for gamma in (0.0, 0.6):
        config = small(lam=0.7, gamma=gamma)
        networks = TrainState.start(config, [0, 1]).networks
        step(networks, FROZEN, config, batch(config, 2))
        gradients.append([p.grad for p in networks.autoencoder.parameters()])
    assert all(map(torch.equal, *gradients))


def test_lambda_changes_no_gradient_of_the_critic() -> None:
    gradients = []
    for lam in (0.0, 0.1, 5.0):
        config = small(lam=lam)
        networks = TrainState.start(config, [0, 1]).networks
        step(networks, FROZEN, config, batch(config, 2))
        gradients.append([p.grad for p in networks.own.parameters()])
    assert all(map(torch.equal, gradients[1], gradients[2]))
    torch.testing.assert_close(gradients[0], gradients[1], **ROUNDING)


def test_an_infinite_critic_does_not_reach_a_vanilla_autoencoder() -> None:
    config = small(lam=0)
    networks = TrainState.start(config, [0]).networks
    with torch.no_grad():
        networks.own.network.linears[-1].bias.fill_(torch.inf)
    step(networks, FROZEN, config, batch(config, 1))
    assert all(p.grad.isfinite().all() for p in networks.autoencoder.parameters())


def test_only_the_reconstruction_moves_running_statistics() -> None:
    config = small(lam=0.7)
    networks = [TrainState.start(small(**c), [0, 1]).networks for c in ({}, {"lam": 0, "critic": False}, {})]
    x, alpha, _ = batch(config, 2)
    moved = x.clone()
    moved[:, config.batch_size // 2 :] += 1
    step(networks[0], FROZEN, config, Batch(x, alpha))
    step(networks[1], FROZEN, small(lam=0, critic=False), Batch(x, alpha))
    step(networks[2], FROZEN, config, Batch(moved, alpha / 2))
    buffers = [dict(network.autoencoder.named_buffers()) for network in networks]
    assert len(buffers[0]) == 8
    assert differing(buffers[0], buffers[2]) == []
    torch.testing.assert_close(buffers[0], buffers[1], **ROUNDING)
    assert all(value.any() for name, value in buffers[0].items() if name.endswith("mean"))


def test_the_critics_statistics_follow_its_second_input() -> None:
    config = small(gamma=1.0)  # then that input is x itself
    networks = TrainState.start(config, [0]).networks
    x, alpha, _ = batch(config, 1)
    step(networks, FROZEN, config, Batch(x, alpha))
    first = networks.own.network.linears[0](x[:, : config.batch_size // 2])
    moved = networks.own.network.norms[0].mean
    torch.testing.assert_close(moved, 0.1 * first.mean(1, keepdim=True).detach(), atol=1e-6, rtol=1e-5)


def test_the_terms_are_before_the_update() -> None:
    config = small()
    state = TrainState.start(config, [0, 1])
    x, alpha, _ = batch(config, 2)
    frozen = step(state.networks, FROZEN, config, Batch(x, alpha))
    assert torch.equal(step(state.networks, state.optimizer, config, Batch(x, alpha)), frozen)
    assert not torch.equal(step(state.networks, FROZEN, config, Batch(x, alpha)), frozen)


def test_at_alpha_0_the_critic_sees_the_reconstruction() -> None:
    config = small(gamma=0.0, norm="none")  # γ = 0: its second input is x̂
    networks = TrainState.start(config, [0]).networks
    x, alpha, _ = batch(config, 1)
    _, adversarial, alpha_term, real_term = step(networks, FROZEN, config, Batch(x, alpha * 0))
    torch.testing.assert_close(adversarial, real_term)
    torch.testing.assert_close(alpha_term, real_term)


def test_without_a_critic_there_are_no_critic_losses() -> None:
    config = small(lam=0, critic=False)
    terms = step(TrainState.start(config, [0]).networks, FROZEN, config, batch(config, 1))
    assert terms.isnan().tolist() == [[False], [True], [True], [True]]

"""Layers with a member axis against torch's own, one member at a time."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from acai_ray.models.layers import MLP, BatchNorm, initialise


def generators(*seeds: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in seeds]


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def torch_twin(mlp: MLP, member: int) -> nn.Sequential:
    """One member as torch would write it, its weights copied."""
    layers: list[nn.Module] = []
    for number, linear in enumerate(mlp.linears):
        _, n_in, n_out = linear.weight.shape
        layers.append(nn.Linear(n_in, n_out, bias=linear.bias is not None))
        layers[-1].weight.data = linear.weight[member].detach().T.clone()
        if linear.bias is not None:
            layers[-1].bias.data = linear.bias[member, 0].detach().clone()
        if number < len(mlp.linears) - 1:
            if mlp.norms is not None:
                layers.append(nn.BatchNorm1d(n_out))
            layers.append(nn.LeakyReLU(0.2))
    return nn.Sequential(*layers)


@given(st.integers(2, 40), st.integers(1, 20), st.integers(0, 100))
@settings(max_examples=20)
def test_batch_norm_is_torchs(batch: int, channels: int, seed: int) -> None:
    ours, theirs = BatchNorm(1, channels), nn.BatchNorm1d(channels)
    with torch.no_grad():
        ours.scale.copy_(1 + normal(1, 1, channels, seed=seed) / 2)
        ours.shift.copy_(normal(1, 1, channels, seed=seed + 1))
        theirs.weight.copy_(ours.scale[0, 0])
        theirs.bias.copy_(ours.shift[0, 0])
    for number in range(3):
        x = (3 * normal(1, batch, channels, seed=seed + 2 + number) + 1).requires_grad_()
        y = x.detach()[0].clone().requires_grad_()
        weight = normal(batch, channels, seed=seed + 9)
        mine, reference = ours(x, track=0)[0], theirs(y)
        torch.testing.assert_close(mine, reference, atol=1e-4, rtol=1e-4)
        (mine * weight).sum().backward()
        (reference * weight).sum().backward()
        torch.testing.assert_close(x.grad[0], y.grad, atol=2e-3, rtol=2e-3)
    torch.testing.assert_close(ours.scale.grad[0, 0], theirs.weight.grad, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(ours.shift.grad[0, 0], theirs.bias.grad, atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(ours.mean[0, 0], theirs.running_mean)
    torch.testing.assert_close(ours.variance[0, 0], theirs.running_var)
    ours.eval()
    theirs.eval()
    x = normal(1, batch, channels, seed=seed + 5)
    torch.testing.assert_close(ours(x, track=0)[0], theirs(x[0]), atol=1e-5, rtol=1e-5)


def test_an_untracked_pass_and_eval_mode_leave_the_running_statistics() -> None:
    norm = BatchNorm(2, 5)
    norm(normal(2, 8, 5))
    norm.eval()(normal(2, 8, 5), track=0)
    assert torch.equal(norm.mean, torch.zeros(2, 1, 5))
    assert torch.equal(norm.variance, torch.ones(2, 1, 5))


def test_batch_statistics_ignore_the_running_ones_in_training() -> None:
    norm = BatchNorm(1, 5)
    x = normal(1, 8, 5)
    before = norm(x)
    norm(100 * x + 7, track=0)
    assert torch.equal(norm(x), before)


@pytest.mark.parametrize("norm", ["batch", "none"])
@pytest.mark.parametrize("sizes", [(51, 16, 3), (7, 32, 16, 5)])
def test_members_are_separate_torch_networks(norm: str, sizes: tuple[int, ...]) -> None:
    mlp = MLP(3, sizes, norm)
    initialise(mlp, generators(1, 2, 3))
    x = normal(3, 12, sizes[0])
    answers = mlp(x, track=0)
    answers.square().sum().backward()
    for member in range(3):
        twin = torch_twin(mlp, member)
        expected = twin(x[member])
        torch.testing.assert_close(answers[member], expected)
        expected.square().sum().backward()
        gradients = [layer.weight.grad.T for layer in twin if isinstance(layer, nn.Linear)]
        for linear, gradient in zip(mlp.linears, gradients, strict=True):
            torch.testing.assert_close(linear.weight.grad[member], gradient, atol=1e-5, rtol=1e-4)
        if norm == "batch":
            twin_norms = [layer for layer in twin if isinstance(layer, nn.BatchNorm1d)]
            for ours, theirs in zip(mlp.norms, twin_norms, strict=True):
                torch.testing.assert_close(ours.mean[member, 0], theirs.running_mean)
                torch.testing.assert_close(ours.variance[member, 0], theirs.running_var)
        torch.testing.assert_close(mlp.eval()(x)[member], twin.eval()(x[member]))
        mlp.train()


def test_a_members_loss_has_no_gradient_in_another() -> None:
    mlp = MLP(3, (6, 16, 4), "batch")
    initialise(mlp, generators(1, 2, 3))
    mlp(normal(3, 8, 6))[1].square().sum().backward()
    for parameter in mlp.parameters():
        assert not parameter.grad[[0, 2]].any()
    assert mlp.linears[0].weight.grad[1].any()


def test_a_normalised_layer_has_no_bias_and_the_last_always_has_one() -> None:
    for norm, biases in (("batch", [False, False, True]), ("none", [True, True, True])):
        assert [linear.bias is not None for linear in MLP(1, (5, 16, 16, 2), norm).linears] == biases


def test_initial_weights_fill_the_bound_and_belong_to_the_members_generator() -> None:
    mlp = MLP(3, (100, 64, 9), "none")
    initialise(mlp, generators(5, 6, 5))
    for linear in mlp.linears:
        bound = 1 / math.sqrt(linear.weight.shape[1])
        assert 0.9 * bound < float(linear.weight.detach().abs().max()) <= bound * (1 + 1e-6)
        assert float(linear.bias.detach().abs().max()) <= bound * (1 + 1e-6)
        assert torch.equal(linear.weight[0], linear.weight[2])
        assert not torch.equal(linear.weight[0], linear.weight[1])
    alone = MLP(1, (100, 64, 9), "none")
    initialise(alone, generators(6))
    assert torch.equal(alone.linears[1].bias[0], mlp.linears[1].bias[1])


def test_masks_act_on_every_hidden_layer_and_on_nothing_else() -> None:
    mlp = MLP(2, (6, 16, 32, 4), "none")
    initialise(mlp, generators(1, 2))
    x, seen = normal(2, 8, 6), []

    def ones(activation: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(activation.shape))
        return torch.ones_like(activation)

    assert torch.equal(mlp(x, mask=ones), mlp(x))
    assert seen == [(2, 8, 16), (2, 8, 32)]
    dropped = mlp(x, mask=torch.zeros_like)
    assert torch.equal(dropped, mlp.linears[-1].bias.expand(2, 8, 4))

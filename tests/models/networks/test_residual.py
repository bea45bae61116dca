"""The residual network is that of Martinez et al. 2017, as torch would write it."""

import torch
from torch import nn
from torch.nn import functional

from acai_ray.models.layers import BatchNorm, Linear
from tests.helpers.networks import batch, built, each_norm, settings


def linear(layer: Linear, member: int, x: torch.Tensor) -> torch.Tensor:
    return x @ layer.weight[member] + (0 if layer.bias is None else layer.bias[member])


def normalised(norm: BatchNorm | None, member: int, x: torch.Tensor) -> torch.Tensor:
    if norm is None:
        return x
    theirs = nn.BatchNorm1d(x.shape[1])
    theirs.weight.data, theirs.bias.data = norm.scale[member, 0].detach(), norm.shift[member, 0].detach()
    normed: torch.Tensor = theirs(x)
    return normed


@each_norm
def test_blocks_of_two_layers_with_a_skip_around_each(norm: str) -> None:
    config = settings("residual", norm=norm, depth=3)
    made, x = built(config, "encoder"), batch(config, "encoder")
    assert len(made.blocks) == 3

    def layer(of: nn.Module, h: torch.Tensor) -> torch.Tensor:
        return functional.leaky_relu(normalised(of.activation.norm, 1, linear(of.linear, 1, h)), 0.2)

    h = layer(made.first, x[1])
    for block in made.blocks:
        h = h + layer(block.second, layer(block.first, h))
    torch.testing.assert_close(made(x)[1], linear(made.last, 1, h), atol=1e-5, rtol=1e-4)


def test_dropout_within_a_block_leaves_its_skip() -> None:
    config = settings("residual", norm="none", depth=1)
    made, x, calls = built(config, "encoder"), batch(config, "encoder"), []

    def drop_all_but_the_first_layer(activation: torch.Tensor) -> torch.Tensor:
        calls.append(activation)
        return torch.ones_like(activation) if len(calls) == 1 else torch.zeros_like(activation)

    torch.testing.assert_close(made(x, mask=drop_all_but_the_first_layer), made.last(calls[0]))

"""Layers with a member axis: linear maps, batch normalisation, the multilayer perceptron made of them.

Every tensor has the member axis R in front: weights `(R, in, out)`, batches `(R, B, features)`. Nothing reduces over
that axis, so a member's numbers do not depend on the others it is trained with.
"""

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from acai_ray.common.architecture import BATCH_NORM_EPS, LEAKY_SLOPE

BATCH_NORM_MOMENTUM = 0.1

Mask = Callable[[Tensor], Tensor]
"""Gives the dropout mask of an activation `(R, B, C)`, already divided by the share that is kept."""


class Linear(nn.Module):
    """R affine maps: `(R, B, in)` to `(R, B, out)`."""

    def __init__(self, members: int, n_in: int, n_out: int, *, bias: bool) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(members, n_in, n_out))
        self.bias = nn.Parameter(torch.zeros(members, 1, n_out)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Map `(R, B, in)` to `(R, B, out)`."""
        product = torch.bmm(x, self.weight)
        return product if self.bias is None else product + self.bias  # baddbmm would first copy it into each row


class BatchNorm(nn.Module):
    """Batch normalisation of each member's channels (Ioffe & Szegedy 2015).

    Written out, because `torch.nn.functional.batch_norm` over `(B, R·C)` gives other last bits to a channel that
    falls into the remainder of a vector register, and so to a member depending on its neighbours.
    """

    mean: Tensor
    variance: Tensor

    def __init__(self, members: int, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(members, 1, channels))
        self.shift = nn.Parameter(torch.zeros(members, 1, channels))
        self.register_buffer("mean", torch.zeros(members, 1, channels))
        self.register_buffer("variance", torch.ones(members, 1, channels))

    def forward(self, x: Tensor, *, passes: int = 1, track: int | None = None) -> Tensor:
        """Normalise `(R, P·B, C)` by the batch statistics of each of its P passes; by the running ones in evaluation.

        `track` is the pass that moves the running statistics, if one does.
        """
        if not self.training:
            scale = self.scale / torch.sqrt(self.variance + BATCH_NORM_EPS)
            return torch.addcmul(self.shift - self.mean * scale, x, scale)
        each = x.unflatten(1, (passes, -1))
        mean = each.mean(dim=2, keepdim=True)
        centred = each - mean
        variance = centred.square().mean(dim=2, keepdim=True)  # two passes here are faster than torch.var_mean
        if track is not None:
            self._track(mean[:, track].detach(), variance[:, track].detach(), each.shape[2])
        factor = self.scale[:, None] / torch.sqrt(variance + BATCH_NORM_EPS)
        normalised: Tensor = centred * factor + self.shift[:, None]
        return normalised.flatten(1, 2)

    @torch.no_grad()
    def _track(self, mean: Tensor, variance: Tensor, batch: int) -> None:
        self.mean.lerp_(mean, BATCH_NORM_MOMENTUM)
        self.variance.lerp_(variance * (batch / (batch - 1)), BATCH_NORM_MOMENTUM)


class MLP(nn.Module):
    """R perceptrons: hidden layers of linear, norm, LeakyReLU(0.2), dropout; then a linear layer.

    Args:
        members: R.
        sizes: units of each layer, input and output included.
        norm: `batch` or `none`; a hidden layer that is normalised has no bias, which the norm would remove.
    """

    def __init__(self, members: int, sizes: Sequence[int], norm: str) -> None:
        super().__init__()
        pairs = list(pairwise(sizes))
        last = len(pairs) - 1
        self.linears = nn.ModuleList(
            Linear(members, n_in, n_out, bias=norm == "none" or layer == last)
            for layer, (n_in, n_out) in enumerate(pairs)
        )
        self.norms = nn.ModuleList(BatchNorm(members, size) for size in sizes[1:-1]) if norm == "batch" else None

    def forward(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Map `(R, P·B, in)` to `(R, P·B, out)`.

        Args:
            x: batches of P passes, one after the other; they share the products, but not the batch statistics.
            passes: P.
            track: the pass that moves the running statistics, if one does.
            mask: dropout.
        """
        *hidden, output = self.linears
        for layer, linear in enumerate(hidden):
            x = linear(x)
            if self.norms is not None:
                x = self.norms[layer](x, passes=passes, track=track)
            x = functional.leaky_relu(x, LEAKY_SLOPE)
            if mask is not None:
                x = x * mask(x)
        return output(x)  # type: ignore[no-any-return]


@torch.no_grad()
def initialise(network: nn.Module, generators: Sequence[np.random.Generator]) -> None:
    """Draw each member's weights and biases from its own generator, uniform within ±1/√fan_in."""
    for module in network.modules():
        if isinstance(module, Linear):
            bound = 1 / math.sqrt(module.weight.shape[1])
            for parameter in module.parameters():
                for member, generator in zip(parameter, generators, strict=True):
                    member.copy_(torch.from_numpy(generator.uniform(-bound, bound, tuple(member.shape))))

"""Perceptrons with skip connections, the baseline of pose estimation (Martinez et al. 2017, arXiv:1705.03098).

Kept from there: the block and what surrounds it. As in this program's other networks the activation is LeakyReLU(0.2)
and not ReLU, weights are drawn by `layers.initialise`, and their norms are not limited.
"""

from torch import Tensor, nn

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import Domain
from acai_ray.models.layers import Linear, Mask
from acai_ray.models.networks.activation import Activation
from acai_ray.models.networks.network import Network


class Layer(nn.Module):
    """R linear maps, each with norm, LeakyReLU(0.2) and dropout behind it; no bias where the norm would remove it."""

    def __init__(self, members: int, n_in: int, n_out: int, norm: str) -> None:
        super().__init__()
        self.linear = Linear(members, n_in, n_out, bias=norm == "none")
        self.activation = Activation(members, n_out, norm)

    def forward(self, x: Tensor, *, passes: int, track: int | None, mask: Mask | None) -> Tensor:
        """Map `(R, P·B, in)` to `(R, P·B, out)`; arguments as of `MLP`."""
        activated: Tensor = self.activation(self.linear(x), passes=passes, track=track, mask=mask)
        return activated


class Block(nn.Module):
    """`x + layer₂(layer₁(x))`."""

    def __init__(self, members: int, width: int, norm: str) -> None:
        super().__init__()
        self.first = Layer(members, width, width, norm)
        self.second = Layer(members, width, width, norm)

    def forward(self, x: Tensor, *, passes: int, track: int | None, mask: Mask | None) -> Tensor:
        """Map `(R, P·B, width)` to the same shape; arguments as of `MLP`."""
        between = self.first(x, passes=passes, track=track, mask=mask)
        changed: Tensor = self.second(between, passes=passes, track=track, mask=mask)
        return x + changed


class Residual(nn.Module):
    """R networks: a layer to `width` units, blocks, then a linear map."""

    def __init__(self, members: int, n_in: int, n_out: int, config: TrialConfig) -> None:
        super().__init__()
        self.first = Layer(members, n_in, config.width, config.norm)
        self.blocks = nn.ModuleList(Block(members, config.width, config.norm) for _ in range(config.depth))
        self.last = Linear(members, config.width, n_out, bias=True)

    def forward(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Map `(R, P·B, in)` to `(R, P·B, out)`; arguments as of `MLP`."""
        x = self.first(x, passes=passes, track=track, mask=mask)
        for block in self.blocks:
            x = block(x, passes=passes, track=track, mask=mask)
        return self.last(x)  # type: ignore[no-any-return]


def encoder(members: int, config: TrialConfig, domain: Domain) -> Residual:
    """From the example to d numbers."""
    return Residual(members, domain.size, config.latent_dim, config)


def decoder(members: int, config: TrialConfig, domain: Domain) -> Residual:
    """From d numbers to the example."""
    return Residual(members, config.latent_dim, domain.size, config)


RESIDUAL = Network(
    "residual",
    "A layer of `width` units, then `depth` blocks of two such layers with a skip connection around each block.",
    encoder,
    decoder,
)

"""Graph networks over the skeleton: every joint has channels of its own, and joints at the two ends of a bone meet.

A graph convolution has one weight for a joint itself and one for its neighbours, as SemGCN has (Zhao et al. 2019,
arXiv:1904.03345); the neighbours are weighted by the normalised adjacency (Kipf and Welling 2017, arXiv:1609.02907) and
not by learned numbers. There are no skip connections and no non-local layers.
"""

from typing import Final

import torch
from torch import Tensor, nn

from acai_ray.common.architecture import GRAPH_SHARE
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import AXES, N_JOINTS, adjacency
from acai_ray.common.trial_config import ALIGNED, TrialConfig
from acai_ray.models.domain import POSES, Domain
from acai_ray.models.layers import Linear, Mask
from acai_ray.models.networks.activation import Activation
from acai_ray.models.networks.network import Network

ROW: Final = 2 * ALIGNED
"""Numbers from one row of an adjacency to the next, so that each member's begins at the same place of a cache line."""


class GraphConvolution(nn.Module):
    """R graph convolutions: `h'ᵢ = Wₛ hᵢ + Wₙ Σⱼ Âᵢⱼ hⱼ`, with the adjacency Â.

    Both weights are one matrix, which is multiplied by each joint's channels and its neighbours' side by side.
    """

    neighbours: Tensor

    def __init__(self, members: int, n_in: int, n_out: int, *, bias: bool) -> None:
        super().__init__()
        self.linear = Linear(members, 2 * n_in, n_out, bias=bias)
        # With a member axis, as everything of a network has, though no member's differs; it is not saved.
        rows = nn.functional.pad(torch.tensor(adjacency()), (0, ROW - N_JOINTS))
        self.register_buffer("neighbours", rows.repeat(members, 1, 1), persistent=False)

    def forward(self, nodes: Tensor) -> Tensor:
        """Map `(R, B·17, in)` to `(R, B·17, out)`."""
        of_joints = nodes.unflatten(1, (nodes.shape[1] // N_JOINTS, N_JOINTS))
        met = torch.matmul(self.neighbours[0, :, :N_JOINTS], of_joints).flatten(1, 2)
        convolved: Tensor = self.linear(torch.cat((nodes, met), dim=-1))
        return convolved


class GraphEncoder(nn.Module):
    """R encoders: `depth` graph convolutions, then a linear map of all joints' channels."""

    def __init__(self, members: int, config: TrialConfig) -> None:
        super().__init__()
        channels = config.width // GRAPH_SHARE
        sizes = [AXES, *[channels] * config.depth]
        self.convolutions = nn.ModuleList(
            GraphConvolution(members, n_in, channels, bias=config.norm == "none") for n_in in sizes[:-1]
        )
        self.activations = nn.ModuleList(Activation(members, channels, config.norm) for _ in self.convolutions)
        self.last = Linear(members, N_JOINTS * channels, config.latent_dim, bias=True)

    def forward(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Map `(R, P·B, 51)` to `(R, P·B, d)`; arguments as of `MLP`."""
        nodes = x.unflatten(2, (N_JOINTS, AXES)).flatten(1, 2)
        for convolution, activation in zip(self.convolutions, self.activations, strict=True):
            nodes = activation(convolution(nodes), passes=passes, track=track, mask=mask)
        return self.last(nodes.unflatten(1, (x.shape[1], N_JOINTS)).flatten(2))  # type: ignore[no-any-return]


class GraphDecoder(nn.Module):
    """R decoders: a linear map to all joints' channels, then `depth` graph convolutions, the last to x, y and z."""

    def __init__(self, members: int, config: TrialConfig) -> None:
        super().__init__()
        channels = config.width // GRAPH_SHARE
        # Its bias differs from joint to joint, which the norm of a channel over all joints does not remove.
        self.first = Linear(members, config.latent_dim, N_JOINTS * channels, bias=True)
        self.activations = nn.ModuleList(Activation(members, channels, config.norm) for _ in range(config.depth))
        self.convolutions = nn.ModuleList(
            GraphConvolution(members, channels, channels, bias=config.norm == "none") for _ in range(config.depth - 1)
        )
        self.last = GraphConvolution(members, channels, AXES, bias=True)

    def forward(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Map `(R, P·B, d)` to `(R, P·B, 51)`; arguments as of `MLP`."""
        nodes = self.first(x).unflatten(2, (N_JOINTS, -1)).flatten(1, 2)
        first, *others = self.activations
        nodes = first(nodes, passes=passes, track=track, mask=mask)
        for convolution, activation in zip(self.convolutions, others, strict=True):
            nodes = activation(convolution(nodes), passes=passes, track=track, mask=mask)
        return self.last(nodes).unflatten(1, (x.shape[1], N_JOINTS)).flatten(2)  # type: ignore[no-any-return]


def refuse(config: TrialConfig, domain: Domain) -> None:
    """Refuse examples without a skeleton, and channels that would let a pack change a member's last bits.

    Raises:
        UserError: the domain is not that of poses; the width is no multiple of 64.
    """
    if (domain.points, domain.axes) != (POSES.points, POSES.axes):
        raise UserError(
            f"network graph needs examples of {POSES.points} joints with {POSES.axes} numbers each, but these have "
            f"{domain.points} points with {domain.axes}; choose another network"
        )
    if config.width % (GRAPH_SHARE * ALIGNED):
        raise UserError(
            f"width must be a multiple of {GRAPH_SHARE * ALIGNED} for network graph, whose joints have "
            f"width / {GRAPH_SHARE} channels each, but is {config.width}"
        )


def encoder(members: int, config: TrialConfig, domain: Domain) -> GraphEncoder:  # noqa: ARG001
    """From a pose to d numbers."""
    return GraphEncoder(members, config)


def decoder(members: int, config: TrialConfig, domain: Domain) -> GraphDecoder:  # noqa: ARG001
    """From d numbers to a pose."""
    return GraphDecoder(members, config)


GRAPH = Network(
    "graph",
    "`depth` graph convolutions over the skeleton, with `width` / 4 channels a joint; for poses alone.",
    encoder,
    decoder,
    refuse,
)

"""The networks that a page can decode: which tensors of a saved model make which layers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from acai_ray.analysis.saved_models.network import Array, Layer
from acai_ray.common.architecture import AUTOENCODER, BATCH_NORM_EPS, GRAPH_SHARE
from acai_ray.common.skeleton import AXES, N_JOINTS, POSE_DIM

Tensors = Mapping[str, Array]


@dataclass(frozen=True)
class Sizes:
    """What gives a run's networks their shape; the settings of these names."""

    latent_dim: int
    width: int
    depth: int

    @property
    def channels(self) -> int:
        """Those of a joint in a graph network."""
        return self.width // GRAPH_SHARE


@dataclass(frozen=True)
class Part:
    """A saved encoder or decoder, read by the names and shapes that its architecture demands.

    Attributes:
        tensors: those of the file.
        name: `encoder` or `decoder`.
        norm: `batch` or `none`.
    """

    tensors: Tensors
    name: str
    norm: str

    def output(self, linear: str, n_in: int, n_out: int, **more: Any) -> Layer:
        """A linear map with a bias that nothing follows; `more` are attributes of its `Layer`."""
        return Layer(self._tensor(f"{linear}.weight", (n_in, n_out)), self._bias(linear, n_out), **more)

    def hidden(self, linear: str, norm: str, n_in: int, n_out: int, **more: Any) -> Layer:
        """A linear map, without a bias if it is normalised, and its activation."""
        if self.norm == "none":
            return self.output(linear, n_in, n_out, activated=True, **more)
        weight = self._tensor(f"{linear}.weight", (n_in, n_out))
        return self._normalised(weight, np.zeros(n_out, np.float32), norm, n_out, **more)

    def to_joints(self, linear: str, norm: str, n_in: int, channels: int) -> Layer:
        """A linear map with a bias to all joints' channels, of which each is normalised over the joints."""
        layer = self.output(linear, n_in, N_JOINTS * channels, activated=True)
        return layer if self.norm == "none" else self._normalised(layer.weight, layer.bias, norm, channels)

    def _normalised(self, weight: Array, bias: Array, norm: str, channels: int, **more: Any) -> Layer:
        """A map with the batch normalisation after it, by its running statistics, as one layer.

        `(x W + b − mean) · scale / √(variance + ε) + shift`.
        """
        names = (f"{norm}.{name}" for name in ("scale", "shift", "mean", "variance"))
        found = (np.tile(self._tensor(name, (1, channels))[0], len(bias) // channels) for name in names)
        scale, shift, mean, variance = found
        factor = (scale / np.sqrt(variance + np.float32(BATCH_NORM_EPS))).astype(np.float32)
        return Layer(weight * factor, (bias - mean) * factor + shift, activated=True, **more)

    def _bias(self, linear: str, n_out: int) -> Array:
        bias: Array = self._tensor(f"{linear}.bias", (1, n_out))[0]
        return bias

    def _tensor(self, name: str, shape: tuple[int, ...]) -> Array:
        whole = f"{AUTOENCODER}{self.name}.{name}"
        tensor = self.tensors.get(whole)
        if tensor is None or tensor.shape != shape or tensor.dtype.kind != "f":
            raise ValueError(f"{whole} must have the shape {' × '.join(map(str, shape))}")
        return tensor.astype(np.float32)


Layers = list[Layer]


def perceptron(part: Part, n_in: int, n_out: int, sizes: Sizes) -> Layers:
    """`models.layers.MLP`."""
    widths = [n_in, *[sizes.width] * sizes.depth]
    hidden = [part.hidden(f"linears.{k}", f"norms.{k}", *pair) for k, pair in enumerate(pairwise(widths))]
    return [*hidden, part.output(f"linears.{sizes.depth}", sizes.width, n_out)]


def residual(part: Part, n_in: int, n_out: int, sizes: Sizes) -> Layers:
    """`models.networks.residual.Residual`."""

    def layer(name: str, n_in: int, skip: int = 0) -> Layer:
        return part.hidden(f"{name}.linear", f"{name}.activation.norm", n_in, sizes.width, skip=skip)

    layers = [layer("first", n_in)]
    for block in range(sizes.depth):
        layers += [layer(f"blocks.{block}.first", sizes.width), layer(f"blocks.{block}.second", sizes.width, skip=2)]
    return [*layers, part.output("last", sizes.width, n_out)]


def graph_encoder(part: Part, sizes: Sizes) -> Layers:
    """`models.networks.graph.GraphEncoder`."""
    channels = [AXES, *[sizes.channels] * sizes.depth]
    layers = [_convolution(part, k, k, *pair) for k, pair in enumerate(pairwise(channels))]
    return [*layers, part.output("last", N_JOINTS * sizes.channels, sizes.latent_dim)]


def graph_decoder(part: Part, sizes: Sizes) -> Layers:
    """`models.networks.graph.GraphDecoder`."""
    channels = sizes.channels
    layers = [part.to_joints("first", "activations.0.norm", sizes.latent_dim, channels)]
    layers += [_convolution(part, k, k + 1, channels, channels) for k in range(sizes.depth - 1)]
    return [*layers, part.output("last.linear", 2 * channels, AXES, graph=True)]


def _convolution(part: Part, place: int, activation: int, n_in: int, n_out: int) -> Layer:
    names = f"convolutions.{place}.linear", f"activations.{activation}.norm"
    return part.hidden(*names, 2 * n_in, n_out, graph=True)


@dataclass(frozen=True)
class Architecture:
    """How one kind of network is read.

    Attributes:
        encoder: the layers of an encoder.
        decoder: the layers of a decoder.
        decoder_size: how many weights a decoder has, biases apart, by latent size, width and depth.
    """

    encoder: Callable[[Part, Sizes], Layers]
    decoder: Callable[[Part, Sizes], Layers]
    decoder_size: Callable[[float, float, float], float]


ARCHITECTURES: Final = {
    "mlp": Architecture(
        lambda part, sizes: perceptron(part, POSE_DIM, sizes.latent_dim, sizes),
        lambda part, sizes: perceptron(part, sizes.latent_dim, POSE_DIM, sizes),
        lambda d, width, depth: width * (d + (depth - 1) * width + POSE_DIM),
    ),
    "residual": Architecture(
        lambda part, sizes: residual(part, POSE_DIM, sizes.latent_dim, sizes),
        lambda part, sizes: residual(part, sizes.latent_dim, POSE_DIM, sizes),
        lambda d, width, depth: width * (d + 2 * depth * width + POSE_DIM),
    ),
    "graph": Architecture(
        graph_encoder,
        graph_decoder,
        lambda d, width, depth: width / GRAPH_SHARE * (N_JOINTS * d + 2 * (depth - 1) * width / GRAPH_SHARE + 6),
    ),
}
"""By the setting `network`."""

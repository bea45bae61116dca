"""A trained network in NumPy, in evaluation mode: what torch computes, without torch."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from acai_ray.common.architecture import LEAKY_SLOPE
from acai_ray.common.skeleton import N_JOINTS, adjacency

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """An affine map, and what surrounds it.

    Attributes:
        weight: `(in, out)`.
        bias: `(out,)`.
        activated: whether LeakyReLU(0.2) follows.
        skip: how many layers a skip connection bridges that ends behind this one, itself included; 0 where none ends.
        graph: whether it is a graph convolution: it maps each joint's channels and, beside them, its neighbours'.
    """

    weight: Array
    bias: Array
    activated: bool = False
    skip: int = 0
    graph: bool = False

    @property
    def n_parameters(self) -> int:
        """Weights and biases."""
        return self.weight.size + self.bias.size

    def __call__(self, x: Array) -> Array:
        """Map `(N, in)` to `(N, out)`; a graph convolution `(N, 17 · in / 2)` to `(N, 17 · out)`."""
        y: Array = (_beside_neighbours(x) if self.graph else x) @ self.weight + self.bias
        if self.activated:
            y = np.maximum(y, np.float32(LEAKY_SLOPE) * y)
        return y.reshape(len(x), -1)


@dataclass(frozen=True)
class Network:
    """Layers, one after the other."""

    layers: tuple[Layer, ...]

    @property
    def n_parameters(self) -> int:
        """Weights and biases."""
        return sum(layer.n_parameters for layer in self.layers)

    @property
    def finite(self) -> bool:
        """Whether all its numbers are."""
        return all(np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all() for layer in self.layers)

    def __call__(self, x: Array) -> Array:
        """Map `(N, in)` to `(N, out)`."""
        values = [x]
        for layer in self.layers:
            y = layer(values[-1])
            values.append(y + values[-layer.skip] if layer.skip else y)
        return values[-1]

    def with_parameters(self, changed: Callable[[Array], Array]) -> "Network":
        """The same network with changed weights and biases."""
        layers = (replace(layer, weight=changed(layer.weight), bias=changed(layer.bias)) for layer in self.layers)
        return Network(tuple(layers))


def on_sphere(codes: Array) -> Array:
    """Codes `(N, d)` scaled to unit length."""
    lengths = np.linalg.norm(codes, axis=1, keepdims=True)
    unit: Array = (codes / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit


def _beside_neighbours(x: Array) -> Array:
    """`(N, 17 · C)` as `(N, 17, 2 C)`: each joint's channels, then its neighbours'."""
    nodes = x.reshape(len(x), N_JOINTS, -1)
    return np.concatenate([nodes, adjacency() @ nodes], axis=2)

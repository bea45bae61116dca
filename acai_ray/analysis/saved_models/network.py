"""A trained perceptron in NumPy, in evaluation mode: what torch computes, without torch."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from acai_ray.common.architecture import BATCH_NORM_EPS, LEAKY_SLOPE

Array = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Layer:
    """An affine map: `weight` `(in, out)`, `bias` `(out,)`."""

    weight: Array
    bias: Array


@dataclass(frozen=True)
class Network:
    """Affine layers with LeakyReLU(0.2) between them."""

    layers: tuple[Layer, ...]

    @property
    def n_parameters(self) -> int:
        """Weights and biases."""
        return sum(layer.weight.size + layer.bias.size for layer in self.layers)

    def __call__(self, x: Array) -> Array:
        """Map `(N, in)` to `(N, out)`."""
        *hidden, output = self.layers
        for layer in hidden:
            x = x @ layer.weight + layer.bias
            x = np.maximum(x, np.float32(LEAKY_SLOPE) * x)
        return x @ output.weight + output.bias


def fold_batch_norm(weight: Array, scale: Array, shift: Array, mean: Array, variance: Array) -> Layer:
    """A linear layer without bias and the batch normalisation after it, by its running statistics, as one layer.

    `(x W − mean) · scale / √(variance + ε) + shift`; the vectors are `(out,)`.
    """
    factor = scale / np.sqrt(variance + np.float32(BATCH_NORM_EPS))
    return Layer(weight * factor, shift - mean * factor)


def on_sphere(codes: Array) -> Array:
    """Codes `(N, d)` scaled to unit length."""
    lengths = np.linalg.norm(codes, axis=1, keepdims=True)
    unit: Array = (codes / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit

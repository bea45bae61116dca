"""A saved autoencoder as text that a page can hold: its decoder's weights, and its codes of real poses."""

import base64
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from acai_ray.analysis.saved_models.model_file import SavedAutoencoder
from acai_ray.analysis.saved_models.network import Array, Layer, Network

LARGEST_SHIFT_MM: Final = 1.0
"""Weights are halved to float16 where that moves no joint of any probed pose as far as this."""

N_PROBES: Final = 512
"""Codes of each kind that the rounding is measured on: of the prior, and between the codes of real poses."""


@dataclass(frozen=True)
class EmbeddedDecoder:
    """A decoder and the codes of the real poses.

    Attributes:
        precision: `float16` or `float32`, of the weights.
        layers: `n_in n_out activated skip graph parameters` of each `Layer`; the parameters are the weight `(in, out)`
            in rows, then the bias, little-endian, base64.
        codes: `(N, d)` float32 in rows, little-endian, base64.
        shift_mm: how far the precision moves the worst joint among the probed poses.
        spherical: whether codes have unit length; then paths are great circles, else straight lines.
    """

    precision: str
    layers: tuple[dict[str, Any], ...]
    codes: str
    shift_mm: float
    spherical: bool

    @property
    def n_bytes(self) -> int:
        """The size in the page, nearly."""
        return len(self.codes) + sum(len(layer["parameters"]) for layer in self.layers)


def embed(model: SavedAutoencoder, poses: Array) -> EmbeddedDecoder:
    """Turn a model into text.

    Args:
        model: what was saved.
        poses: `(N, 51)` real poses, N at least 1.

    Raises:
        ValueError: the model gives codes or poses that are not finite.
    """
    with np.errstate(all="ignore"):  # what overflows is found by the tests for finite values
        codes = model.codes_of(model.encoder(poses))
        probes = model.codes_of(_probes(codes))
        exact = model.decoder(probes)
        rounded = rounded_to_half(model.decoder)(probes)
    if not (np.isfinite(codes).all() and np.isfinite(exact).all()):
        raise ValueError("its codes or poses are not finite")
    shift = _largest_shift_mm(exact, rounded)
    halved = shift < LARGEST_SHIFT_MM
    kind = "<f2" if halved else "<f4"
    return EmbeddedDecoder(
        "float16" if halved else "float32",
        tuple(_layer_text(layer, kind) for layer in model.decoder.layers),
        _text(codes, "<f4"),
        shift if halved else 0.0,
        model.spherical,
    )


def rounded_to_half(network: Network) -> Network:
    """The same network with float16 weights, computed in float32."""
    return network.with_parameters(lambda values: values.astype(np.float16).astype(np.float32))


def _probes(codes: Array) -> Array:
    """Codes of the prior, not yet of unit length, and between the given ones, always the same draws."""
    rng = np.random.default_rng(0)
    uniform = rng.standard_normal((N_PROBES, codes.shape[1]), dtype=np.float32)
    starts, ends = codes[rng.integers(len(codes), size=(2, N_PROBES))]
    between = starts + rng.random((N_PROBES, 1), dtype=np.float32) * (ends - starts)
    return np.concatenate([uniform, between])


def _largest_shift_mm(exact: Array, rounded: Array) -> float:
    shifts = np.linalg.norm((exact - rounded).reshape(len(exact), -1, 3), axis=2)
    return 1000 * float(shifts.max()) if np.isfinite(shifts).all() else float("inf")


def _layer_text(layer: Layer, kind: str) -> dict[str, Any]:
    n_in, n_out = layer.weight.shape
    shape = {"n_in": n_in, "n_out": n_out, "activated": layer.activated, "skip": layer.skip, "graph": layer.graph}
    return {**shape, "parameters": _text(np.vstack([layer.weight, layer.bias]), kind)}


def _text(values: Array, kind: str) -> str:
    return base64.b64encode(np.ascontiguousarray(values, dtype=kind).tobytes()).decode()

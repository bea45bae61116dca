"""A run's saved autoencoder, read with suspicion: a study may come from a stranger."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as arrays_from_bytes

from acai_ray.analysis.saved_models.network import Array, Layer, Network, fold_batch_norm, on_sphere
from acai_ray.common.skeleton import POSE_DIM

LARGEST_FILE = 64 * 2**20
"""Bytes; a larger file is no network that a page could run."""

LARGEST = {"latent_dim": 1024, "width": 4096, "depth": 16}

Tensors = Mapping[str, Array]


@dataclass(frozen=True)
class SavedAutoencoder:
    """Encoder `(N, 51) → (N, d)`, its codes not yet of unit length, and decoder `(N, d) → (N, 51)`.

    Attributes:
        spherical: whether codes are brought to unit length.
    """

    encoder: Network
    decoder: Network
    spherical: bool

    def codes_of(self, outputs: Array) -> Array:
        """Codes from what the encoder gives, `(N, d)`."""
        return on_sphere(outputs) if self.spherical else outputs


def read_autoencoder(study: Path, run_id: str) -> SavedAutoencoder:
    """The last weights of a run, batch normalisation folded in.

    Args:
        study: the study's folder.
        run_id: names the folder `models/<run_id>`.

    Raises:
        ValueError: there is no whole model of the shape that its `config.json` states; the message says why.
    """
    folder = folder_of(study, run_id)
    sizes, norm, spherical = _shape(read_bytes(study, folder / "config.json"))
    tensors = _tensors(read_bytes(study, folder / "last.safetensors"))
    with np.errstate(all="ignore"):  # damaged numbers are found below
        encoder = _network(tensors, "encoder", sizes, norm)
        decoder = _network(tensors, "decoder", sizes[::-1], norm)
    return SavedAutoencoder(encoder, decoder, spherical)


def folder_of(study: Path, run_id: str) -> Path:
    """Where a run's model is.

    Raises:
        ValueError: the name would lead elsewhere.
    """
    if run_id in ("", ".", "..") or Path(run_id).name != run_id or "\0" in run_id:
        raise ValueError("its name is no file name")
    return study / "models" / run_id


def refuse_unshared(study: Mapping[str, Any], run_id: str) -> None:
    """Say why a run of a shared study has no model.

    Raises:
        ValueError: the study is a copy that was made without this model.
    """
    shared = study.get("shared_models")
    if isinstance(shared, list) and run_id not in shared:
        raise ValueError("this copy of the study was made without it")


def read_bytes(study: Path, path: Path) -> bytes:
    """The content of a plain file of the study.

    Raises:
        ValueError: it is missing, too large, cannot be read or leads out of the study.
    """
    check_file(study, path)
    try:
        return path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror})") from None


def check_file(study: Path, path: Path) -> None:
    """Raise as `read_bytes` does, without reading."""
    try:
        if not path.is_file():
            raise ValueError(f"{path.name} is missing")
        if not path.resolve().is_relative_to(study.resolve()):
            raise ValueError(f"{path.name} is a link out of the study")
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"{path.name} is larger than {LARGEST_FILE:,} bytes")
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read ({error.strerror})") from None


def _shape(text: bytes) -> tuple[list[int], str, bool]:
    """Layer sizes of the encoder, the normalisation, and whether codes lie on the sphere."""
    try:
        trial: Any = json.loads(text)["trial"]
        latent_dim, width, depth = (trial[name] for name in LARGEST)
        norm, network, codes = trial["norm"], trial["network"], trial["codes"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ValueError("config.json is damaged") from None
    if network != "mlp":
        raise ValueError("network must be mlp, since a page decodes no other")
    for name, value in zip(LARGEST, (latent_dim, width, depth), strict=True):
        if type(value) is not int or not 0 < value <= LARGEST[name]:
            raise ValueError(f"{name} must be a whole number from 1 to {LARGEST[name]}")
    if norm not in ("batch", "none"):
        raise ValueError("norm must be batch or none")
    if codes not in ("sphere", "flat"):
        raise ValueError("codes must be sphere or flat")
    return [POSE_DIM, *[width] * depth, latent_dim], norm, codes == "sphere"


def _tensors(content: bytes) -> Tensors:
    try:
        tensors: Tensors = arrays_from_bytes(content)
    except (SafetensorError, ValueError, LookupError, TypeError, AttributeError):
        raise ValueError("last.safetensors is damaged") from None
    return tensors


def _network(tensors: Tensors, part: str, sizes: list[int], norm: str) -> Network:
    last = len(sizes) - 2
    layers = []
    for place, (n_in, n_out) in enumerate(pairwise(sizes)):
        stem = f"autoencoder.{part}"
        weight = _tensor(tensors, f"{stem}.linears.{place}.weight", (n_in, n_out))
        if norm == "batch" and place < last:
            names = (f"{stem}.norms.{place}.{name}" for name in ("scale", "shift", "mean", "variance"))
            layers.append(fold_batch_norm(weight, *(_tensor(tensors, name, (1, n_out))[0] for name in names)))
        else:
            layers.append(Layer(weight, _tensor(tensors, f"{stem}.linears.{place}.bias", (1, n_out))[0]))
    if not all(np.isfinite(layer.weight).all() and np.isfinite(layer.bias).all() for layer in layers):
        raise ValueError(f"the {part}'s weights must be finite")
    return Network(tuple(layers))


def _tensor(tensors: Tensors, name: str, shape: tuple[int, ...]) -> Array:
    tensor = tensors.get(name)
    if tensor is None or tensor.shape != shape or tensor.dtype.kind != "f":
        raise ValueError(f"{name} must have the shape {' × '.join(map(str, shape))}")
    return tensor.astype(np.float32)

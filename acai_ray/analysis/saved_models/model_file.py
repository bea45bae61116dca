"""A run's saved autoencoder, read with suspicion: a study may come from a stranger."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load as arrays_from_bytes

from acai_ray.analysis.saved_models.architectures import ARCHITECTURES, Architecture, Part, Sizes, Tensors
from acai_ray.analysis.saved_models.network import Array, Layer, Network, on_sphere

LARGEST_FILE = 64 * 2**20
"""Bytes; a larger file is no network that a page could run."""

LARGEST = {"latent_dim": 1024, "width": 4096, "depth": 16}


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
    kind = _kind(read_bytes(study, folder / "config.json"))
    tensors = _tensors(read_bytes(study, folder / "last.safetensors"))
    with np.errstate(all="ignore"):  # damaged numbers are found below
        encoder = kind.architecture.encoder(Part(tensors, "encoder", kind.norm), kind.sizes)
        decoder = kind.architecture.decoder(Part(tensors, "decoder", kind.norm), kind.sizes)
    return SavedAutoencoder(_network(encoder, "encoder"), _network(decoder, "decoder"), kind.spherical)


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


@dataclass(frozen=True)
class _Kind:
    """What a saved model is, by its settings."""

    architecture: Architecture
    sizes: Sizes
    norm: str
    spherical: bool


def _kind(text: bytes) -> _Kind:
    try:
        trial: Any = json.loads(text)["trial"]
        sizes = {name: trial[name] for name in LARGEST}
        norm, network, codes = trial["norm"], trial["network"], trial["codes"]
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ValueError("config.json is damaged") from None
    if type(network) is not str or network not in ARCHITECTURES:
        raise ValueError(f"network must be one of {', '.join(ARCHITECTURES)}, since a page decodes no other")
    for name, value in sizes.items():
        if type(value) is not int or not 0 < value <= LARGEST[name]:
            raise ValueError(f"{name} must be a whole number from 1 to {LARGEST[name]}")
    if norm not in ("batch", "none"):
        raise ValueError("norm must be batch or none")
    if codes not in ("sphere", "flat"):
        raise ValueError("codes must be sphere or flat")
    return _Kind(ARCHITECTURES[network], Sizes(**sizes), norm, codes == "sphere")


def _tensors(content: bytes) -> Tensors:
    try:
        tensors: Tensors = arrays_from_bytes(content)
    except (SafetensorError, ValueError, LookupError, TypeError, AttributeError):
        raise ValueError("last.safetensors is damaged") from None
    return tensors


def _network(layers: Sequence[Layer], part: str) -> Network:
    network = Network(tuple(layers))
    if not network.finite:
        raise ValueError(f"the {part}'s weights must be finite")
    return network

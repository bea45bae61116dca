"""A trained model for programs without torch: two ONNX files that encode and decode as it does."""

import json
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from acai_ray.common.errors import UserError
from acai_ray.common.files import replacing
from acai_ray.common.skeleton import JOINTS, N_JOINTS, PARENTS
from acai_ray.models.pose_model import PoseModel

OPSET: Final = 18
NEEDS: Final = ("onnx", "onnxscript")
TRACED: Final = 2
"""Rows of the example that the exporter follows; 0 and 1 would be taken for constants."""


class _Encoder(nn.Module):
    def __init__(self, model: PoseModel) -> None:
        super().__init__()
        self.autoencoder = model.autoencoder

    def forward(self, poses: Tensor) -> Tensor:
        codes: Tensor = self.autoencoder.encode(poses.flatten(-2)[None])[0]
        return codes


class _Decoder(nn.Module):
    def __init__(self, model: PoseModel) -> None:
        super().__init__()
        self.autoencoder = model.autoencoder

    def forward(self, codes: Tensor) -> Tensor:
        poses: Tensor = self.autoencoder.decode(codes[None])[0].unflatten(-1, (N_JOINTS, 3))
        return poses


def export_onnx(model: PoseModel, folder: str | Path) -> tuple[Path, Path]:
    """Write `encoder.onnx` and `decoder.onnx`.

    The encoder takes `poses` `(N, 17, 3)` in metres and gives `codes` `(N, d)`, the decoder the other
    way round, all float32; N is free. Each file holds its weights, and joint names, parents, units and settings as
    metadata.

    Args:
        model: on the CPU.
        folder: made if need be.

    Raises:
        UserError: the packages that write ONNX are not installed; the model is on another device.

    Examples:
        >>> model = acai_ray.load_model("results/quick/models/e00000-0")
        >>> encoder, decoder = acai_ray.export_onnx(model, "onnx")
        >>> encoder.name
        'encoder.onnx'
    """
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise UserError(f"ONNX files need {' and '.join(missing)}; pip install {' '.join(missing)}")
    if model.device.type != "cpu":
        raise UserError(
            f"ONNX files are written from a model on the CPU, but this one is on {model.device}; load it there"
        )
    poses, codes = torch.zeros(TRACED, N_JOINTS, 3), torch.eye(TRACED, model.latent_dim)
    folder = Path(folder)
    encoder = _export(_Encoder(model), poses, folder / "encoder.onnx", "poses", "codes", model)
    return encoder, _export(_Decoder(model), codes, folder / "decoder.onnx", "codes", "poses", model)


def _export(network: nn.Module, example: Tensor, path: Path, takes: str, gives: str, model: PoseModel) -> Path:
    with _quiet():
        program: Any = torch.onnx.export(
            network.eval(),
            (example,),
            dynamo=True,
            opset_version=OPSET,
            input_names=[takes],
            output_names=[gives],
            dynamic_shapes=({0: torch.export.Dim("n")},),
            verbose=False,
        )
    program.model.metadata_props.update(_metadata(model))
    with replacing(path) as temporary:
        program.save(str(temporary))
    return path


def _metadata(model: PoseModel) -> dict[str, str]:
    """What a program needs to know of the poses."""
    return {
        "joints": json.dumps(JOINTS),
        "parents": json.dumps(PARENTS),
        "type": "float32",
        "unit": "metres; pelvis at the origin; x right, y down, z away from the camera",
        "latent_dim": str(model.latent_dim),
        "codes": model.code_space.words,
        "trial": model.config.model_dump_json(),
    }


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter says to its own developers."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)

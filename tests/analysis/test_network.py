"""The NumPy network and the saved models it comes from: torch's numbers, and nothing that a stranger's file can do."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from acai_ray.analysis.saved_models import model_file
from acai_ray.analysis.saved_models.architectures import ARCHITECTURES
from acai_ray.analysis.saved_models.embedding import LARGEST_SHIFT_MM, embed, rounded_to_half
from acai_ray.analysis.saved_models.model_file import read_autoencoder
from acai_ray.latent import sample_sphere
from acai_ray.models import networks
from tests.helpers.model_factory import save
from tests.helpers.study_factory import STAND


def people(n: int = 20) -> np.ndarray:
    turns = np.random.default_rng(0).normal(size=(n, 1, 3)) * 0.1
    return (STAND + turns).astype(np.float32)


@pytest.mark.parametrize(
    "settings", [{"norm": "batch"}, {"norm": "none"}, {"depth": 1}, {"depth": 3, "latent_dim": 5}, {"codes": "flat"}]
)
@pytest.mark.parametrize("network", networks.names())
def test_it_computes_what_torch_computes(tmp_path: Path, network: str, settings: dict) -> None:
    model = save(tmp_path, "a-0", network=network, **settings)
    found = read_autoencoder(tmp_path, "a-0")
    codes = sample_sphere(50, model.latent_dim, torch.Generator().manual_seed(1))
    np.testing.assert_allclose(
        found.decoder(codes.numpy()).reshape(-1, 17, 3), model.decode(codes).numpy(), atol=1e-5, rtol=0
    )
    codes_of_people = found.codes_of(found.encoder(people().reshape(-1, 51)))
    assert found.spherical == ("codes" not in settings)
    np.testing.assert_allclose(codes_of_people, model.encode(people()).numpy(), atol=1e-5, rtol=0)


@pytest.mark.parametrize("network", networks.names())
def test_the_size_of_a_decoder_is_known_before_it_is_read(tmp_path: Path, network: str) -> None:
    for depth in (1, 2, 4):
        save(tmp_path, "a-0", network=network, depth=depth, width=192)
        weights = sum(layer.weight.size for layer in read_autoencoder(tmp_path, "a-0").decoder.layers)
        assert ARCHITECTURES[network].decoder_size(16, 192, depth) == weights


def test_rounded_weights_move_no_joint_by_a_millimetre(tmp_path: Path) -> None:
    save(tmp_path, "a-0")
    model = read_autoencoder(tmp_path, "a-0")
    embedded = embed(model, people().reshape(-1, 51))
    assert embedded.precision == "float16"
    codes = sample_sphere(300, 16, torch.Generator().manual_seed(7)).numpy()
    shifts = np.linalg.norm((model.decoder(codes) - rounded_to_half(model.decoder)(codes)).reshape(-1, 17, 3), axis=2)
    assert 0 < 1000 * shifts.max() < LARGEST_SHIFT_MM
    assert embedded.shift_mm == pytest.approx(1000 * shifts.max(), rel=0.5)


def change(folder: Path, name: str, value: torch.Tensor) -> None:
    weights = load_file(folder / "last.safetensors")
    save_file(weights | {name: value}, folder / "last.safetensors")


@pytest.mark.parametrize("factor", [1e3, 1e5])
def test_large_weights_stay_float32(tmp_path: Path, factor: float) -> None:
    save(tmp_path, "a-0", norm="none")
    weight = load_file(tmp_path / "models" / "a-0" / "last.safetensors")["autoencoder.decoder.linears.2.weight"]
    change(tmp_path / "models" / "a-0", "autoencoder.decoder.linears.2.weight", weight * factor * 100)
    embedded = embed(read_autoencoder(tmp_path, "a-0"), people().reshape(-1, 51))
    assert (embedded.precision, embedded.shift_mm) == ("float32", 0.0)


def test_poses_that_overflow_are_refused(tmp_path: Path) -> None:
    save(tmp_path, "a-0", norm="none")
    change(tmp_path / "models" / "a-0", "autoencoder.decoder.linears.0.weight", torch.full((16, 256), 3e38))
    with pytest.raises(ValueError, match="not finite"):
        embed(read_autoencoder(tmp_path, "a-0"), people().reshape(-1, 51))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("autoencoder.decoder.linears.2.bias", torch.zeros(1, 50)),
        ("autoencoder.encoder.linears.0.weight", torch.zeros(51, 256, dtype=torch.int64)),
        ("autoencoder.decoder.linears.1.weight", torch.full((256, 256), float("nan"))),
        ("autoencoder.decoder.norms.0.variance", torch.full((1, 256), -1.0)),
        ("autoencoder.decoder.norms.1.scale", torch.ones(256)),
    ],
)
def test_a_wrong_tensor_is_refused(tmp_path: Path, name: str, value: torch.Tensor) -> None:
    save(tmp_path, "a-0", norm="batch")
    change(tmp_path / "models" / "a-0", name, value)
    with pytest.raises(ValueError, match=r"must have the shape|must be finite"):
        read_autoencoder(tmp_path, "a-0")


@pytest.mark.parametrize(
    "change",
    [
        {"width": 10**9},
        {"depth": 10**12},
        {"latent_dim": 0},
        {"latent_dim": True},
        {"width": "256"},
        {"depth": 2.0},
        {"norm": ["batch"]},
        {"norm": "layer"},
        {"network": "residual"},
        {"network": "graph"},
        {"network": "own"},
        {"network": 5},
        {"latent_dim": 8},
    ],
)
def test_a_wrong_setting_is_refused(tmp_path: Path, change: dict) -> None:
    save(tmp_path, "a-0")
    path = tmp_path / "models" / "a-0" / "config.json"
    about = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(about | {"trial": about["trial"] | change}), encoding="utf-8")
    with pytest.raises(ValueError, match="must"):
        read_autoencoder(tmp_path, "a-0")


@pytest.mark.parametrize("file", ["config.json", "last.safetensors"])
@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b"[" * 100_000, b"\x00" * 100, b'{"trial": 3}'])
def test_a_damaged_file_is_one_sentence(tmp_path: Path, file: str, content: bytes) -> None:
    save(tmp_path, "a-0")
    (tmp_path / "models" / "a-0" / file).write_bytes(content)
    with pytest.raises(ValueError, match=rf"{file} is damaged|must have the shape"):
        read_autoencoder(tmp_path, "a-0")


@pytest.mark.parametrize("cut", [7, 100, 5000])
def test_a_cut_model_is_refused(tmp_path: Path, cut: int) -> None:
    save(tmp_path, "a-0")
    path = tmp_path / "models" / "a-0" / "last.safetensors"
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(ValueError, match="damaged"):
        read_autoencoder(tmp_path, "a-0")


def test_a_missing_model_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"config\.json is missing"):
        read_autoencoder(tmp_path, "a-0")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    save(tmp_path, "a-0")
    path = tmp_path / "models" / "a-0" / "last.safetensors"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ValueError, match="is missing"):
        read_autoencoder(tmp_path, "a-0")


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, "a-0")
    monkeypatch.setattr(model_file, "LARGEST_FILE", 1000)
    with pytest.raises(ValueError, match="larger than 1,000 bytes"):
        read_autoencoder(tmp_path, "a-0")


@pytest.mark.parametrize("run_id", ["", ".", "..", "../a-0", "/etc", "a/b", "a\0b"])
def test_a_run_cannot_lead_outside_its_study(tmp_path: Path, run_id: str) -> None:
    save(tmp_path, "a-0")
    save(tmp_path / "models", "b")
    with pytest.raises(ValueError, match="no file name"):
        read_autoencoder(tmp_path / "other", run_id)

"""A model whose codes are any vectors: straight paths, a normal prior, completion and ONNX."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from acai_ray.models.completion import complete
from acai_ray.models.onnx_export import export_onnx
from acai_ray.models.pose_model import PoseModel, load_model, save_model
from acai_ray.poses import PoseSet
from tests.helpers.training import small, trained


@pytest.fixture(scope="module")
def model(pose_set: PoseSet) -> PoseModel:
    state = trained(small(regularizer="vae", codes="flat", lam=1e-4, latent_dim=8, steps_per_epoch=40), [0], pose_set)
    return PoseModel.of_member(state.networks, 0, state.config)


@pytest.fixture(scope="module")
def poses(pose_set: PoseSet) -> torch.Tensor:
    return torch.from_numpy(pose_set.split("test").poses[:6])


def test_codes_are_not_of_unit_length(model, poses) -> None:
    assert not model.spherical
    assert float((model.encode(poses).norm(dim=-1) - 1).abs().max()) > 0.05


def test_a_path_is_decoded_from_a_straight_line(model, poses) -> None:
    z1, z2 = model.encode(poses[:2]), model.encode(poses[2:4])
    t = torch.linspace(0, 1, 5)[None, :, None]
    straight = (1 - t) * z1[:, None] + t * z2[:, None]
    torch.testing.assert_close(model.interpolate(poses[:2], poses[2:4], steps=4), model.decode_paths(straight))
    torch.testing.assert_close(model.between(z1, z2, torch.tensor(0.25)), 0.75 * z1 + 0.25 * z2)


def test_samples_are_decoded_from_normal_codes(model) -> None:
    codes = model.prior_codes(4000, torch.Generator().manual_seed(3))
    assert codes.shape == (4000, 8)
    assert float(codes.mean().abs()) < 0.02
    assert float(codes.std()) == pytest.approx(1, abs=0.02)
    assert float(codes.norm(dim=-1).std()) > 0.3  # on the sphere it is 0
    sampled = model.sample(4000, torch.Generator().manual_seed(3))
    assert torch.equal(sampled, model.decode(codes))


def test_missing_joints_are_filled_in(model, poses) -> None:
    """Of poses that the model can decode, by codes that need not have unit length."""
    own = model.decode(model.encode(poses))
    given = own.clone()
    given[:, [3, 12]] = torch.nan
    completed = complete(model, given, torch.Generator().manual_seed(0), candidates=256, starts=4)
    assert float(completed.error_mm.median()) < 3
    assert float((completed.poses - own).norm(dim=-1).amax(-1).median()) < 0.01
    assert float((completed.codes.norm(dim=-1) - 1).abs().max()) > 0.05


def test_onnx_says_where_codes_lie_and_gives_the_same_numbers(model, poses, tmp_path) -> None:
    encoder, decoder = export_onnx(model, tmp_path)
    about = {entry.key: entry.value for entry in onnx.load(encoder).metadata_props}
    assert about["codes"] == "anywhere in space"
    (codes,) = onnxruntime.InferenceSession(str(encoder)).run(None, {"poses": poses.numpy()})
    np.testing.assert_allclose(codes, model.encode(poses).numpy(), atol=1e-5)
    (decoded,) = onnxruntime.InferenceSession(str(decoder)).run(None, {"codes": codes})
    np.testing.assert_allclose(decoded, model.decode(codes).numpy(), atol=1e-5)


def test_a_saved_one_is_opened_as_it_was(model, poses, tmp_path) -> None:
    save_model(tmp_path / "one", model.config, {"last": model.weights})
    again = load_model(tmp_path / "one")
    assert not again.spherical
    assert torch.equal(again.encode(poses), model.encode(poses))

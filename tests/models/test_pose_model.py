"""A model as a user meets it: the public calls, saving, and what a wrong file says."""

import json
import pickle
import re
from copy import deepcopy

import numpy as np
import pytest
import torch

import acai_ray
from acai_ray import metrics
from acai_ray.common.errors import UserError
from acai_ray.latent import sample_sphere
from acai_ray.models.pose_model import PoseModel, save_model
from tests.helpers.training import differing, small, trained


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def state(pose_set):
    return trained(small(), [0, 1], pose_set)


@pytest.fixture(scope="module")
def model(state) -> PoseModel:
    return PoseModel.of_member(state.networks, 1, state.config)


@pytest.fixture
def saved(state, tmp_path):
    weights = {
        name: {key: value[1] for key, value in tensors.items()}
        for name, tensors in (("last", state.networks.state_dict()), ("best", state.best))
    }
    save_model(tmp_path / "models" / "s00000-1", state.config, weights, run_id="s00000-1", seed=1)
    return tmp_path / "models" / "s00000-1"


def test_shapes_and_unit_codes(model, pose_set) -> None:
    x = pose_set.poses[:30]
    z = model.encode(x)
    assert z.shape == (30, 5) == (30, model.latent_dim)
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(30))
    assert model.decode(z).shape == (30, 17, 3)
    assert model.interpolate(x[:4], x[4:8], 7).shape == (4, 8, 17, 3)
    assert model.sample(6, rng()).shape == (6, 17, 3)


def test_it_says_what_it_is(model) -> None:
    config = model.config
    trained = f"acai, λ = {config.lam:.3g}" if config.lam else "vanilla"
    assert model.title == f"{trained}, d = {config.latent_dim}"
    assert re.fullmatch(rf"<PoseModel {model.title}: [\d,]+ parameters, on cpu>", repr(model))


def test_it_is_that_member_of_the_pack(model, state, pose_set) -> None:
    x = torch.tensor(pose_set.poses[:30])
    state.networks.eval()
    together = state.networks.autoencoder.encode(x.flatten(1).expand(2, -1, -1))
    torch.testing.assert_close(model.encode(x), together[1], atol=1e-6, rtol=1e-5)
    assert not torch.allclose(model.encode(x), together[0], atol=1e-2)


def test_its_weights_are_a_copy(state, pose_set) -> None:
    networks = deepcopy(state.networks)
    model = PoseModel.of_member(networks, 0, state.config)
    before = model.encode(pose_set.poses[:3])
    for value in networks.state_dict().values():
        value.fill_(7)
    assert torch.equal(model.encode(pose_set.poses[:3]), before)


def test_arrays_tensors_and_other_types_are_the_same(model, pose_set) -> None:
    x = pose_set.poses[:5]
    read_only = x.copy()
    read_only.flags.writeable = False
    expected = model.encode(torch.tensor(x))
    for given in (x, read_only, x.astype(np.float64), x.tolist()):
        assert torch.equal(model.encode(given), expected)
    assert torch.equal(model.decode(expected.numpy()), model.decode(expected))


def test_poses_do_not_see_each_other(model, pose_set) -> None:
    x = pose_set.poses[:64]
    torch.testing.assert_close(model.encode(x)[:16], model.encode(x[:16]), atol=1e-6, rtol=1e-5)


def test_the_ends_of_a_path_are_the_decoded_codes(model, pose_set) -> None:
    a, b = pose_set.poses[:10], pose_set.poses[10:20]
    path = model.interpolate(a, b, 5)
    torch.testing.assert_close(path[:, 0], model.decode(model.encode(a)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(path[:, -1], model.decode(model.encode(b)), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(model.interpolate(b, a, 5).flip(1), path, atol=1e-4, rtol=1e-4)


def test_samples_are_the_generators(model) -> None:
    assert torch.equal(model.sample(20, rng(1)), model.sample(20, rng(1)))
    assert not torch.equal(model.sample(20, rng(1)), model.sample(20, rng(2)))
    assert torch.equal(model.sample(20, rng(1)), model.decode(sample_sphere(20, 5, rng(1))))


def test_nothing_can_be_trained_by_accident(model, pose_set) -> None:
    assert not model.encode(pose_set.poses[:2]).requires_grad
    assert not any(module.training for module in model.autoencoder.modules())


def test_saved_and_loaded_gives_equal_outputs(saved, model, state, pose_set) -> None:
    x = pose_set.poses[:30]
    loaded = acai_ray.load_model(saved)
    assert loaded.config == state.config
    assert torch.equal(loaded.encode(x), model.encode(x))
    assert torch.equal(loaded.interpolate(x[:3], x[3:6], 4), model.interpolate(x[:3], x[3:6], 4))
    assert differing(loaded.weights, model.weights) == []
    assert torch.equal(acai_ray.load_model(str(saved / "last.safetensors")).encode(x), model.encode(x))
    about = json.loads((saved / "config.json").read_text())
    assert (about["run_id"], about["seed"]) == ("s00000-1", 1)


def test_best_reconstructs_with_the_best_error(saved, state, pose_set) -> None:
    valid = pose_set.split("valid").poses
    best = acai_ray.load_model(saved / "best.safetensors")
    error = 1000 * metrics.mpjpe(valid, best.decode(best.encode(valid))).mean()
    assert float(error) == pytest.approx(state.best_valid_mm[1], rel=1e-5)


def test_only_safetensors_and_json_are_written(saved) -> None:
    assert {path.name for path in saved.iterdir()} == {"last.safetensors", "best.safetensors", "config.json"}


def broken(saved, how: str):
    """The path to open after one thing was broken."""
    file, config = saved / "last.safetensors", saved / "config.json"
    if how == "nowhere":
        return saved.parent / "s00009-0"
    if how == "no weights":
        file.unlink()
    elif how == "no config":
        config.unlink()
    elif how == "truncated weights":
        file.write_bytes(file.read_bytes()[:-100])
    elif how == "empty weights":
        file.write_bytes(b"")
    elif how == "pickle":
        file.write_bytes(pickle.dumps({"weights": [1, 2]}))
    elif how == "no json":
        config.write_text(config.read_text()[:-20])
    elif how == "a list":
        config.write_text("[]")
    elif how == "no trial":
        config.write_text("{}")
    else:
        about = json.loads(config.read_text())
        about["trial"] |= {"other width": {"width": 32}, "bad setting": {"width": 17}, "unknown setting": {"x": 1}}[how]
        config.write_text(json.dumps(about))
    return saved


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("nowhere", "lacks"),
        ("no weights", "last.safetensors"),
        ("no config", "config.json"),
        ("truncated weights", "damaged"),
        ("empty weights", "damaged"),
        ("pickle", "damaged"),
        ("no json", "damaged"),
        ("a list", "damaged"),
        ("no trial", "damaged"),
        ("other width", "damaged"),
        ("bad setting", "width"),
        ("unknown setting", "x is not a known key"),
    ],
)
def test_what_is_no_model_is_one_sentence(how, says, saved) -> None:
    with pytest.raises(UserError, match=says) as caught:
        acai_ray.load_model(broken(saved, how))
    assert "\n" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None

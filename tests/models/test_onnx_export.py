"""A model as ONNX gives the numbers that torch gives."""

import json
import logging

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import JOINTS
from acai_ray.models import onnx_export
from acai_ray.models.onnx_export import export_onnx
from acai_ray.models.pose_model import PoseModel
from tests.helpers.training import small, trained

SETTINGS = [{}, {"norm": "none", "critic_norm": "none"}, {"latent_dim": 2, "depth": 1, "critic": False, "lam": 0}]


@pytest.fixture(scope="module", params=SETTINGS, ids=["norm", "no norm", "small"])
def exported(request, pose_set, tmp_path_factory):
    state = trained(small(**request.param), [0, 1], pose_set)
    model = PoseModel.of_member(state.networks, 1, state.config)
    encoder, decoder = export_onnx(model, tmp_path_factory.mktemp("onnx") / "made")
    return model, onnxruntime.InferenceSession(str(encoder)), onnxruntime.InferenceSession(str(decoder)), encoder


@settings(max_examples=25)
@given(rows=st.integers(1, 300), seed=st.integers(0, 99))
def test_same_numbers_for_any_count(exported, pose_set, rows, seed) -> None:
    model, encoder, decoder, _ = exported
    poses = pose_set.poses[np.random.default_rng(seed).choice(len(pose_set.poses), rows)]
    (codes,) = encoder.run(None, {"poses": poses})
    np.testing.assert_allclose(codes, model.encode(poses).numpy(), atol=2e-6)
    (decoded,) = decoder.run(None, {"codes": codes})
    np.testing.assert_allclose(decoded, model.decode(codes).numpy(), atol=2e-6)
    assert codes.shape == (rows, model.latent_dim)
    assert decoded.shape == (rows, 17, 3)


def test_each_file_is_whole_and_says_what_it_holds(exported) -> None:
    model, _, _, path = exported
    onnx.checker.check_model(str(path), full_check=True)
    assert {file.name for file in path.parent.iterdir()} == {"encoder.onnx", "decoder.onnx"}
    about = {entry.key: entry.value for entry in onnx.load(path).metadata_props}
    assert json.loads(about["joints"]) == list(JOINTS)
    assert about["latent_dim"] == str(model.latent_dim)
    assert json.loads(about["trial"])["lam"] == model.config.lam


@pytest.mark.parametrize("exported", SETTINGS[:1], indirect=True, ids=["norm"])
def test_nothing_is_printed(exported, tmp_path, capfd, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        export_onnx(exported[0], tmp_path)
    assert capfd.readouterr() == ("", "")
    assert not [record.message for record in caplog.records if record.levelno >= logging.WARNING]


@pytest.mark.parametrize("exported", SETTINGS[:1], indirect=True, ids=["norm"])
def test_the_packages_it_needs_are_named(exported, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(onnx_export, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install onnx onnxscript"):
        export_onnx(exported[0], tmp_path)


def test_a_model_elsewhere_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(PoseModel, "device", torch.device("cuda"))
    with pytest.raises(UserError, match="on the CPU, but this one is on cuda"):
        onnx_export.export_onnx(PoseModel.__new__(PoseModel), tmp_path)

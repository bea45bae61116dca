"""The examples in docstrings print what they say, one after the other in a folder with a trained model."""

import doctest
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch

import acai_ray
from acai_ray.common.skeleton import JOINTS
from acai_ray.models.pose_model import save_model
from acai_ray.training.state import TrainState
from tests.helpers.training import small

WITH_EXAMPLES = [
    acai_ray.load_model,
    acai_ray.PoseModel,
    acai_ray.complete,
    acai_ray.export_onnx,
    acai_ray.latent.slerp,
    acai_ray.metrics.mpjpe,
    acai_ray.metrics.transition_curve,
    acai_ray.metrics.nearest_distances,
    acai_ray.metrics.density_coverage,
]


@pytest.mark.parametrize("public", WITH_EXAMPLES, ids=lambda public: public.__name__)
def test_an_example_prints_what_it_says(
    public: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    state = TrainState.start(small(latent_dim=16), [0])
    weights = {name: value[0] for name, value in state.networks.state_dict().items()}
    save_model(tmp_path / "results" / "quick" / "models" / "e00000-0", state.config, {"last": weights})
    monkeypatch.chdir(tmp_path)
    known = {"acai_ray": acai_ray, "torch": torch, "numpy": numpy, "JOINTS": JOINTS}
    example = doctest.DocTestParser().get_doctest(public.__doc__ or "", known, public.__name__, None, None)
    assert example.examples, "it has none"
    assert doctest.DocTestRunner().run(example).failed == 0, capsys.readouterr().out

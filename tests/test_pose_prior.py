"""The example that uses a trained model, run as a user runs it."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from acai_ray.models.pose_model import save_model
from tests.helpers.pages import ROOT, run
from tests.helpers.training import small, trained

EXAMPLE = str(ROOT / "docs" / "examples" / "pose_prior.py")


@pytest.fixture(scope="module")
def workspace(pose_set, tmp_path_factory) -> Path:
    """A model, and the poses of its test people."""
    folder = tmp_path_factory.mktemp("prior")
    state = trained(small(), [0], pose_set)
    save_model(folder / "model", state.config, {"last": {k: v[0] for k, v in state.networks.state_dict().items()}})
    for split in pose_set.splits:
        np.savez(folder / f"{split}.npz", poses=pose_set.split(split).poses)
    return folder


@pytest.mark.slow
def test_the_example_makes_what_it_says(workspace, tmp_path) -> None:
    words = ["model", "--data", ".", "--out", str(tmp_path / "prior"), "--poses", "12"]
    done = run(sys.executable, EXAMPLE, *words, cwd=workspace)
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    made = {path.name for path in (tmp_path / "prior").iterdir()}
    assert made == set(re.findall(r"\w+\.\w+", done.stdout.split("written to")[1].split(": ", 1)[1]))
    for name in ("completion.png", "samples.png"):
        with Image.open(tmp_path / "prior" / name) as picture:
            assert len(picture.getcolors(1 << 20)) > 100
    with Image.open(tmp_path / "prior" / "path.gif") as animation:
        assert animation.n_frames > 40
    assert np.load(tmp_path / "prior" / "path.npz")["poses"].shape == (41, 17, 3)
    apart_um = float(re.search(r"at most (\S+) µm from torch", done.stdout)[1])
    assert apart_um < 5
    assert len(re.findall(r"\d+ mm from the true joints where missing, \d+ mm where known", done.stdout)) == 3


def test_a_wrong_path_is_told_in_a_sentence(tmp_path) -> None:
    done = run(sys.executable, EXAMPLE, str(tmp_path / "nowhere"), cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("error: a model is a folder with config.json")
    assert len(done.stderr.splitlines()) == 1

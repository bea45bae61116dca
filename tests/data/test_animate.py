"""The subcommand `animate`: what it draws, and what it refuses."""

import numpy as np
import pytest
from PIL import Image

from acai_ray import poses
from acai_ray.common.trial_config import TrialConfig
from acai_ray.data import __main__ as data
from acai_ray.data import animate
from acai_ray.models.pose_model import load_model, save_model
from acai_ray.training.state import TrainState
from tests.helpers.said import complaints


@pytest.fixture(scope="module")
def models(tmp_path_factory) -> list[str]:
    """An untrained vanilla model and one with ACAI."""
    made = []
    for number, lam in enumerate((0.0, 0.0227449)):
        config = TrialConfig(latent_dim=4, lam=lam, width=32, depth=1)
        weights = {key: value[0] for key, value in TrainState.start(config, [0]).networks.state_dict().items()}
        folder = tmp_path_factory.mktemp("models") / str(number)
        save_model(folder, config, {"last": weights})
        made.append(str(folder))
    return made


@pytest.fixture(scope="module")
def file(tmp_path_factory, pose_set) -> str:
    path = tmp_path_factory.mktemp("data") / "some.npz"
    names = {name: pose_set.index[name].astype(str).to_numpy(dtype=str) for name in ("subject", "action")}
    np.savez(path, poses=pose_set.poses, **names)
    return str(path)


def test_a_path_goes_there_and_back_in_a_panel_for_each_model(models, file, tmp_path, capsys) -> None:
    out = tmp_path / "walk.gif"
    assert data.main(["animate", *models, "--data", file, "--steps", "5", "--out", str(out)]) == 0
    assert "2 models" in capsys.readouterr().out
    with Image.open(out) as picture:
        assert picture.n_frames == 10
        assert picture.info["loop"] == 0
        alone = picture.size
    assert data.main(["animate", models[0], "--data", file, "--steps", "5", "--out", str(out)]) == 0
    with Image.open(out) as picture:
        assert picture.size[0] <= alone[0]


def test_what_is_shown_are_the_models_own_paths(models, file) -> None:
    loaded, people = [load_model(folder) for folder in models], poses.load(file)
    real = people.split(people.splits[-1])
    shown = animate._path(loaded, people, animate.Scene(3, 40, 4, None, 0))
    for model, path in zip(loaded, shown.poses, strict=True):
        there = model.interpolate(real.poses[[3]], real.poses[[40]], 4)[0].numpy()
        np.testing.assert_array_equal(path[:5], there)
        np.testing.assert_array_equal(path[5:], there[3:0:-1])
    np.testing.assert_array_equal(shown.ends, real.poses[[3, 40]])
    assert list(shown.captions) == [
        f"t = {t}" for t in ("0.00", "0.25", "0.50", "0.75", "1.00", "0.75", "0.50", "0.25")
    ]
    assert list(shown.models) == ["vanilla, d = 4", "acai, λ = 0.0227, d = 4"]


def test_unnamed_poses_are_far_apart_and_the_same_each_time(models, file) -> None:
    people = poses.load(file)
    real = people.split(people.splits[-1])
    scenes = [animate._ends(real, animate.Scene(first, None, 4, None, 0)) for first in (None, None, 7)]
    assert scenes[0] == scenes[1]
    assert scenes[2][0] == 7
    a, b = real.poses[list(scenes[0])]
    assert np.linalg.norm(a - b, axis=-1).mean() > np.median(np.linalg.norm(real.poses - real.poses[0], axis=-1))


def test_new_poses_need_no_data(models, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(animate, "read_poses", None)
    out = tmp_path / "new.gif"
    assert data.main(["animate", models[1], "--samples", "3", "--out", str(out)]) == 0
    with Image.open(out) as picture:
        assert picture.n_frames == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "walk.png"], "--out must end in .gif or .mp4"),
        (["--steps", "0"], "--steps must be 1 to 300, but is 0"),
        (["--samples", "101"], "--samples must be 1 to 100, but is 101"),
        (["--seed", "-1"], "--seed must be at least 0"),
        (["--from", "-1"], "--from must be the number of a test pose, 0 to "),
        (["--to", "99999999"], "--to must be the number of a test pose, 0 to "),
    ],
)
def test_mistakes_are_told_in_a_sentence(models, file, tmp_path, capsys, options, said) -> None:
    given = options if "--out" in options else [*options, "--out", str(tmp_path / "walk.gif")]
    assert data.main(["animate", models[0], "--data", file, *given]) == 2
    (complaint,) = complaints(capsys.readouterr().err)
    assert said in complaint
    assert not list(tmp_path.iterdir())


def test_no_model_and_too_many_are_told(models, file, tmp_path, capsys) -> None:
    out = ["--data", file, "--out", str(tmp_path / "walk.gif")]
    assert data.main(["animate", str(tmp_path), *out]) == 2
    assert "a model is a folder with config.json" in capsys.readouterr().err
    assert data.main(["animate", *(4 * models), *out]) == 2
    assert "at most 6 models fit beside each other, but there are 8" in capsys.readouterr().err


def test_a_film_without_ffmpeg_is_told(models, file, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(animate.shutil, "which", lambda _: None)
    assert data.main(["animate", models[0], "--data", file, "--out", str(tmp_path / "walk.mp4")]) == 2
    assert "an .mp4 needs FFmpeg, which is not installed; install it, or write a .gif" in capsys.readouterr().err

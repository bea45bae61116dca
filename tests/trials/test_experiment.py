"""One experiment without Ray: what it writes, how it goes on, and what it may begin with."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
import yaml

import acai_ray
from acai_ray import store
from acai_ray.common.errors import UserError
from acai_ray.poses import PoseSet
from acai_ray.sweep.space_files import spaces_folder
from acai_ray.training.checkpoint import Place
from acai_ray.trials.experiment import load_experiment, run
from acai_ray.trials.run_trial import EpochEnd
from tests.helpers.small_studies import counted_reads

TRIAL = {"latent_dim": 4, "lambda": 0.1, "gamma": 0.2, "width": 16, "epochs": 3, "steps_per_epoch": 8, "lr": 1e-3}
EVALUATION = {"pairs": 10, "distance_pairs": 4, "generated": 60, "targets": 30, "critic_draws": 50, "gallery": 4}
FILE = {"seeds": 2, "trial": TRIAL, "evaluation": EVALUATION}


def written(folder: Path, content: dict[str, Any]) -> Path:
    path = folder / "mine.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def ran(folder: Path, poses: PoseSet, content: dict[str, Any], **options: Any) -> list[str]:
    return run(load_experiment(written(folder, content)), poses, folder / "study", threads=1, device="cpu", **options)


def test_it_writes_tables_and_models(tmp_path: Path, pose_set: PoseSet) -> None:
    epochs: list[int] = []
    statuses = ran(tmp_path, pose_set, FILE, on_epoch=lambda epoch_end: epochs.append(epoch_end.epoch))
    assert epochs == [1, 2, 3, 3]  # the last once more with its evaluation
    assert statuses == ["done", "done"]
    results = store.load(tmp_path / "study")
    assert list(results.runs["run_id"]) == ["e00000-0", "e00000-1"]
    assert list(results.runs["phase"].unique()) == ["single"]
    assert len(results.history) == 6
    assert results.study["status"] == "finished"
    model = acai_ray.load_model(tmp_path / "study" / "models" / "e00000-1")
    test = torch.from_numpy(pose_set.split("test").poses)
    error = acai_ray.metrics.mpjpe(test, model.decode(model.encode(test))).mean() * 1000
    row = results.summary().set_index("run_id").loc["e00000-1"]
    assert row["test_reconstruction_mpjpe_mm"] == pytest.approx(float(error), rel=1e-5)


def test_interrupted_and_resumed_equals_uninterrupted(tmp_path: Path, pose_set: PoseSet) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    whole.mkdir()
    cut.mkdir()
    ran(whole, pose_set, FILE)

    def stop(epoch_end: EpochEnd) -> None:
        if epoch_end.epoch == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran(cut, pose_set, FILE, on_epoch=stop)
    assert store.load(cut / "study").study["status"] == "interrupted"
    assert (store.load(cut / "study").runs["status"] == "running").all()
    ran(cut, pose_set, FILE)
    one, other = store.load(whole / "study"), store.load(cut / "study")
    for table in store.TABLES:
        a, b = (
            getattr(results, table).drop(columns=["wall_s", "train_s", "eval_s"], errors="ignore")
            for results in (one, other)
        )
        pd.testing.assert_frame_equal(a, b, obj=table, check_exact=True)


def test_finished_once_is_not_run_again(tmp_path: Path, pose_set: PoseSet) -> None:
    epochs: list[int] = []
    ran(tmp_path, pose_set, FILE)
    with counted_reads() as tables:
        again = ran(tmp_path, pose_set, FILE, on_epoch=lambda epoch_end: epochs.append(epoch_end.epoch))
    assert again == ["done", "done"]
    assert not epochs
    assert sorted(tables) == sorted(store.TABLES)  # each is read once


def test_a_refused_start_leaves_nothing_behind(tmp_path: Path, pose_set: PoseSet) -> None:
    with pytest.raises(UserError):
        ran(tmp_path, pose_set, {**FILE, "start": "nowhere"})
    assert ran(tmp_path, pose_set, FILE) == ["done", "done"]


def test_another_experiment_under_the_same_name_is_refused(tmp_path: Path, pose_set: PoseSet) -> None:
    ran(tmp_path, pose_set, FILE)
    with pytest.raises(UserError, match=r"trial.epochs was 3 and is 4"):
        ran(tmp_path, pose_set, {**FILE, "trial": {**TRIAL, "epochs": 4}})


def test_it_goes_on_from_a_checkpoint(tmp_path: Path, pose_set: PoseSet) -> None:
    """A run of 3 epochs and 2 more are the run of 5 epochs."""
    short, long, on = tmp_path / "short", tmp_path / "long", tmp_path / "on"
    for folder in (short, long, on):
        folder.mkdir()
    five = {**FILE, "trial": {**TRIAL, "epochs": 5}}
    ran(short, pose_set, FILE)
    ran(long, pose_set, five)
    ran(on, pose_set, {**five, "start": str(short / "study" / "checkpoints" / "e00000" / "00003")})
    states = [Place.at(str(folder / "study" / "checkpoints")).newest("e00000") for folder in (long, on)]
    weights = [state.networks.state_dict() for state in states]
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])
    assert len(store.load(on / "study").history) == 10


def test_it_begins_with_given_weights(tmp_path: Path, pose_set: PoseSet) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    ran(first, pose_set, FILE)
    still = {**FILE, "start": str(first / "study" / "models" / "e00000-0")}
    still["trial"] = {**TRIAL, "epochs": 1, "steps_per_epoch": 1, "lr": 1e-12, "critic_lr": 1e-12}
    ran(second, pose_set, still)
    before, after = (acai_ray.load_model(folder / "study" / "models" / "e00000-0") for folder in (first, second))
    poses = pose_set.split("test").poses[:20]
    weights = [model.autoencoder.encoder.linears[0].weight for model in (before, after)]
    torch.testing.assert_close(*weights, atol=1e-6, rtol=1e-5)
    assert after.encode(poses).shape == (20, 4)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"trial": {"latent_dim": 4}}, "lacks lambda, gamma"),
        ({"trial": {**TRIAL, "optimizer": "adm"}}, "trial.optimizer"),
        ({"trial": 3}, "trial"),
        (
            {"trial": {**TRIAL, "network": "resnet"}},
            "network must be one of mlp, residual, graph, but is resnet",
        ),
        ({"trial": {**TRIAL, "network": "graph"}}, "width must be a multiple of 64 for network graph"),
        ({"seed": 3}, "seed is not a known key"),
        ({"start": "nowhere"}, "a model is a folder"),
    ],
)
def test_a_wrong_file_is_one_sentence(tmp_path: Path, pose_set: PoseSet, change: dict[str, Any], says: str) -> None:
    with pytest.raises(UserError, match=says) as caught:
        ran(tmp_path, pose_set, {**FILE, **change})
    assert "\n" not in str(caught.value)


def test_weights_of_another_shape_are_refused(tmp_path: Path, pose_set: PoseSet) -> None:
    ran(tmp_path, pose_set, {**FILE, "seeds": 1, "trial": {**TRIAL, "epochs": 1}})
    other = tmp_path / "other"
    other.mkdir()
    start = str(tmp_path / "study" / "models" / "e00000-0")
    with pytest.raises(UserError, match=r"width must be that of the start .* 16, but is 32"):
        ran(other, pose_set, {**FILE, "start": start, "trial": {**TRIAL, "width": 32}})
    with pytest.raises(UserError, match=r"network must be that of the start .* mlp, but is residual"):
        ran(other, pose_set, {**FILE, "start": start, "trial": {**TRIAL, "network": "residual"}})


def test_the_examples_load() -> None:
    examples = sorted((spaces_folder() / "experiments").glob("*.yaml"))
    assert len(examples) >= 3
    for path in examples:
        assert load_experiment(path).question

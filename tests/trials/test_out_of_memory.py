"""A GPU that is full is told in a sentence, wherever that happens; it is pretended here."""

from pathlib import Path

import pytest
import torch
import yaml

from acai_ray.common.errors import UserError
from acai_ray.poses import PoseSet
from acai_ray.protocol.statuses import RunStatus
from acai_ray.training import trainer
from acai_ray.trials import measurement
from acai_ray.trials.experiment import load_experiment, run
from acai_ray.trials.out_of_memory import why

FULL_GPU = "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 3.94 GiB."
SENTENCE = (
    "a trial must fit into its process's share of the GPU's memory, but it asked for 2.00 GiB more than is left of it; "
    "give it a larger share (--gpus-per-trial), or lower seeds, width or batch_size"
)
TRIAL = {"latent_dim": 4, "lambda": 0.1, "gamma": 0.2, "width": 16, "epochs": 1, "steps_per_epoch": 2}
EVALUATION = {"pairs": 10, "distance_pairs": 4, "generated": 60, "targets": 30, "critic_draws": 50, "gallery": 4}


def full(*_: object) -> None:
    raise torch.OutOfMemoryError(FULL_GPU)


def ran(folder: Path, poses: PoseSet) -> list[str]:
    file = folder / "mine.yaml"
    file.write_text(yaml.safe_dump({"trial": TRIAL, "evaluation": EVALUATION}), encoding="utf-8")
    return run(load_experiment(file), poses, folder / "study", threads=1, device="cpu", compiling="off")


def test_the_sentence_has_what_was_asked_for() -> None:
    assert why(torch.OutOfMemoryError(FULL_GPU)) == SENTENCE
    assert why(torch.OutOfMemoryError("of another kind")) == SENTENCE.replace("2.00 GiB more", "more")


def test_in_training_it_is_the_users_to_mend(
    tmp_path: Path, pose_set: PoseSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainer, "step", full)
    with pytest.raises(UserError) as told:
        ran(tmp_path, pose_set)
    assert str(told.value) == SENTENCE


def test_in_a_measurement_it_is_the_reason_of_the_run(
    tmp_path: Path, pose_set: PoseSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measurement, "evaluate", full)
    assert ran(tmp_path, pose_set) == [RunStatus.FAILED]

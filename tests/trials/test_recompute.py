"""Measuring a study again from its saved weights gives the same numbers, and says what it cannot measure."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.common.errors import UserError
from acai_ray.common.files import write_json
from acai_ray.common.settings import parse
from acai_ray.poses import load
from acai_ray.trials.experiment import Experiment, run
from acai_ray.trials.measurement import TABLES
from acai_ray.trials.recompute import recompute
from tests.helpers.small_studies import EVALUATION, TRIAL

DATA = {"every": 20, "seed": 3}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results") / "study"
    settings = {"latent_dim": 4, "lambda": 0.1, "gamma": 0.1, **TRIAL}
    content = {"seeds": 2, "trial": settings, "evaluation": EVALUATION, "data_options": DATA}
    experiment = parse(Experiment, content, "experiment")
    assert run(experiment, load("synthetic", **DATA), folder, threads=1, device="cpu") == ["done", "done"]
    return folder


@pytest.fixture
def study(trained: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(trained, tmp_path / "study"))


@pytest.mark.slow
def test_the_numbers_are_those_of_the_end_of_training(study: Path) -> None:
    before = store.load(study)
    for table in TABLES:
        (study / table / "e00000.parquet").unlink()
    assert recompute(study) == []
    after = store.load(study)
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(before, table), getattr(after, table), check_exact=True)


@pytest.mark.slow
def test_a_lost_model_is_named_and_its_numbers_stay(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = store.load(study).metrics
    shutil.rmtree(study / "models" / "e00000-1")
    assert main([str(study), "--recompute"]) == 4
    assert "e00000 keeps its old numbers: a model is a folder with config.json" in capsys.readouterr().err
    pd.testing.assert_frame_equal(store.load(study).metrics, before)


def test_other_poses_are_refused(study: Path) -> None:
    content = store.read_study(study)
    content["space"]["data_options"]["seed"] = 4
    write_json(study / "study.json", content)
    with pytest.raises(UserError, match="a study is measured on the poses it was trained on"):
        recompute(study)


def test_all_runs_must_be_known(study: Path) -> None:
    table = study / "runs" / "e00000.parquet"
    table.write_bytes(table.read_bytes()[:100])
    with pytest.raises(
        UserError, match=r"--recompute needs to know all runs, but .*/runs/e00000\.parquet: a table's file"
    ):
        recompute(study)


def test_a_study_in_use_is_left_alone(study: Path) -> None:
    with store.lock(study), pytest.raises(UserError, match="study"):
        recompute(study)

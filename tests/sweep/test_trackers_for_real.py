"""TensorBoard and MLflow on a local folder: what a study leaves there, and that going on doubles nothing."""

from pathlib import Path
from typing import Any

import pytest

from acai_ray import store
from acai_ray.poses import PoseSet
from tests.helpers.small_studies import GRID, TRIAL, study

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # the trackers' own
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    pytest.mark.filterwarnings("ignore::UserWarning"),
]

SMALLEST = {**GRID, "points": [{"latent_dim": 4, "lambda": 0.1}], "baseline": False, "trial": TRIAL}


@pytest.fixture(scope="module")
def folder(local_ray: None, pose_set: PoseSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of one trial and two seeds that both trackers were told of."""
    pytest.importorskip("mlflow", reason="mlflow is not installed")
    pytest.importorskip("tensorboard", reason="tensorboard is not installed")
    made = tmp_path_factory.mktemp("tracked")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        outcome, _ = study(SMALLEST, pose_set, made, trackers=("tensorboard", "mlflow"))
    assert (outcome.trials, outcome.unfinished) == (1, 0)
    return made


def events(folder: Path, run_id: str) -> Any:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    return EventAccumulator(str(folder / "study" / "tensorboard" / run_id)).Reload()


def mlflow_runs(folder: Path) -> dict[str, Any]:
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")
    (experiment,) = [found for found in client.search_experiments() if found.name == "study"]
    return {run.data.tags["trial_name"]: run for run in client.search_runs([experiment.experiment_id])}


@pytest.mark.parametrize("seed", [0, 1])
def test_tensorboard_has_a_run_a_seed_with_epochs_metrics_and_settings(folder: Path, seed: int) -> None:
    results = store.load(folder / "study")
    run_id = f"g00000-{seed}"
    found = events(folder, run_id)
    history = results.history[results.history["run_id"] == run_id]
    losses = [(event.step, event.value) for event in found.Scalars("ray/tune/loss_rec")]
    assert losses == [(row.epoch, pytest.approx(row.loss_rec, rel=1e-5)) for row in history.itertuples()]
    (coverage,) = found.Scalars("ray/tune/test_path_coverage")
    expected = results.summary().set_index("run_id").loc[run_id, "test_path_coverage"]
    assert (coverage.step, coverage.value) == (2, pytest.approx(expected, rel=1e-5))
    assert "_hparams_/session_start_info" in found.summary_metadata


def test_mlflow_has_a_run_a_seed_with_epochs_metrics_and_settings(folder: Path) -> None:
    found, summary = mlflow_runs(folder), store.load(folder / "study").summary().set_index("run_id")
    assert sorted(found) == ["g00000-0", "g00000-1"]
    for run_id, run in found.items():
        assert run.info.status == "FINISHED"
        assert (run.data.params["lam"], run.data.params["latent_dim"]) == ("0.1", "4")
        expected = summary.loc[run_id, "test_reconstruction_mpjpe_mm"]
        assert run.data.metrics["test_reconstruction_mpjpe_mm"] == pytest.approx(expected)


def test_a_run_that_goes_on_is_the_same_run(folder: Path) -> None:
    from acai_ray.sweep.trackers.mlflow import MLflow
    from acai_ray.sweep.trackers.seed_run import SeedRun

    before = mlflow_runs(folder)["g00000-0"]
    again = MLflow(folder / "study", store.load(folder / "study").study["id"])
    run = SeedRun("g00000-0", {"lam": 0.1}, "")
    assert again.begin(run) == 2
    again.log(run, 3, {"loss_rec": 0.5})
    again.end(run, failed=False)
    after = mlflow_runs(folder)
    assert sorted(after) == ["g00000-0", "g00000-1"]
    assert after["g00000-0"].info.run_id == before.info.run_id
    assert after["g00000-0"].data.metrics["loss_rec"] == 0.5

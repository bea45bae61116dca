"""A search with rungs on Ray: what it writes of what it stopped, what stays as it was, and a driver that is killed."""

from pathlib import Path

import optuna
import pytest
import yaml
from optuna.trial import TrialState

from acai_ray import store
from acai_ray.analysis.compare import analyse
from acai_ray.poses import PoseSet
from acai_ray.protocol.primary import parse_margins
from acai_ray.sweep.study import Outcome
from tests.helpers import kills
from tests.helpers.small_studies import SEARCH, TRIAL, study

TO_THE_END = {**SEARCH, "trials": 6, "trial": {**TRIAL, "epochs": 3}}
STOPPING = {**TO_THE_END, "stop": {"at": [1, 2], "keep": 0.5}}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stopping(
    local_ray: None, pose_set: PoseSet, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Outcome, store.Results]:
    return study(STOPPING, pose_set, tmp_path_factory.mktemp("stopping"))


def test_what_was_stopped_is_written_so_and_left_out(stopping: tuple[Outcome, store.Results]) -> None:
    outcome, results = stopping
    assert (outcome.unfinished, outcome.bad_runs) == (0, 0)
    assert results.damaged == []
    stopped = results.runs[results.runs["status"] == "stopped"]
    assert 0 < stopped["trial_id"].nunique() == outcome.stopped < 6
    assert set(stopped["phase"]) == {"search"}
    assert set(stopped["epochs"]) <= {1, 2}
    assert stopped["reason"].str.contains("of the trials compared at the rung of epoch").all()
    assert not list((results.path / "checkpoints").glob("*"))
    assert not results.metrics["run_id"].isin(stopped["run_id"]).any()
    places = results.history.dropna(subset=["rung_share"]).set_index(["run_id", "epoch"])["rung_share"]
    last = places.index.isin(list(zip(stopped["run_id"], stopped["epochs"], strict=True)))
    assert last.sum() == len(stopped)
    assert (places[last] >= 0.5).all()
    assert (places[~last] < 0.5).all()
    analysis = analyse(results, parse_margins([]))
    assert set(stopped["run_id"]) <= set(analysis.left_out["run_id"])
    assert all(stopped["run_id"].isin(family.pairs["run_id"]).sum() == 0 for family in analysis.families)


def test_optunas_file_has_them_as_pruned_with_their_curves(stopping: tuple[Outcome, store.Results]) -> None:
    _, results = stopping
    told = optuna.load_study(study_name="study", storage=f"sqlite:///{results.path}/optuna.db").trials
    status = results.runs.drop_duplicates("trial_id").set_index("trial_id")["status"]
    for trial in told:
        name = trial.user_attrs["trial_id"]
        assert trial.state == (TrialState.PRUNED if status[name] == "stopped" else TrialState.COMPLETE)
        rows = results.history[results.history["run_id"].str.startswith(f"{name}-")]
        errors = rows.groupby("epoch")["valid_mpjpe_mm"].mean()
        assert trial.intermediate_values == pytest.approx(errors.to_dict())


def test_no_number_of_the_others_changes(
    stopping: tuple[Outcome, store.Results], pose_set: PoseSet, tmp_path: Path
) -> None:
    """The settings of the first ten trials do not depend on what was measured, so the same trials can be compared."""
    _, results = stopping
    _, whole = study(TO_THE_END, pose_set, tmp_path)
    search = results.runs[results.runs["phase"].isin(["search", "baseline"])]
    done = search.loc[search["status"] == "done", "run_id"]
    for table in ("metrics", "curves", "subjects", "gallery", "history"):
        one, other = (
            frame[frame["run_id"].isin(done)].drop(columns=kills.VARYING, errors="ignore").reset_index(drop=True)
            for frame in (getattr(results, table), getattr(whole, table))
        )
        other_columns = [name for name in one if not name.startswith("rung_")]
        assert one[other_columns].equals(other)
    assert search["lam"].tolist() == whole.runs.loc[whole.runs["phase"].isin(["search", "baseline"]), "lam"].tolist()


def test_the_same_study_again_does_nothing(stopping: tuple[Outcome, store.Results], pose_set: PoseSet) -> None:
    outcome, results = stopping
    again, after = study(STOPPING, pose_set, results.path.parent)
    assert again == outcome
    assert kills.differing_tables(results, after) == []


def test_a_driver_that_is_killed_changes_no_decision(tmp_path: Path) -> None:
    space = tmp_path / "space.yaml"
    content = {**kills.SPACES["search"], "trials": 6, "stop": {"at": [1, 2], "keep": 0.5}}
    space.write_text(yaml.safe_dump(content))
    whole, folder = tmp_path / "whole", tmp_path / "killed"
    spans_s = kills.to_its_end(space, whole)
    assert (kills.runs_of(whole)["status"] == "stopped").any()
    _, lost = kills.one_round(space, whole, folder, [0.9, 2.5], spans_s)
    assert lost == []

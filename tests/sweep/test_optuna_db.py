"""The search history for Optuna's dashboard: in the study's folder, whatever that is called, with every trial."""

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from acai_ray import store
from acai_ray.sweep.live_history import LiveHistory
from acai_ray.sweep.optuna_db import NAME, curves, write_history
from tests.helpers.pages import ROOT
from tests.helpers.study_factory import Trial, build


@pytest.mark.parametrize("name", ["plain", "what?", "a#b", "50%20", "tab le"])
def test_the_file_lies_in_its_study_and_is_whole(tmp_path: Path, name: str) -> None:
    trials = [Trial("s00000", "search", 0.1, range(2)), Trial("s00001", "search", 0.2, range(2))]
    folder = build(tmp_path / "results" / name, trials, split="valid")
    study = optuna.create_study(directions=["minimize", "maximize"])
    for place, trial in enumerate(trials):
        wanted = {"lam": FloatDistribution(1e-3, 1.0, log=True)}
        told = {"params": {"lam": trial.lam}, "distributions": wanted, "user_attrs": {"trial_id": trial.trial_id}}
        study.add_trial(create_trial(values=[float(place), 0.5], **told))
    names = ["path_bone_excess_mm", "path_coverage"]
    for _ in range(2):  # the second one takes the place of the first
        write_history(study, store.load(folder), names)
    assert [path.name for path in tmp_path.rglob("*") if "optuna" in path.name] == [NAME]
    copy = shutil.copy(folder / NAME, tmp_path / "copy.db")
    found = optuna.load_study(study_name=name, storage=f"sqlite:///{copy}")
    assert found.metric_names == names
    assert found.directions == study.directions
    assert [trial.params for trial in found.trials] == [trial.params for trial in study.trials]
    assert [trial.values for trial in found.trials] == [[0.0, 0.5], [1.0, 0.5]]
    means = store.load(folder).summary().groupby("trial_id")["path_bone_excess_mm"].mean()
    assert [trial.user_attrs["path_bone_excess_mm"] for trial in found.trials] == pytest.approx(means.tolist())
    assert [trial.user_attrs["trial_id"] for trial in found.trials] == ["s00000", "s00001"]


TOLD = {"params": {"lam": 0.1}, "distributions": {"lam": FloatDistribution(1e-3, 1.0, log=True)}}


def begun(study: optuna.Study, name: str) -> None:
    """A trial of the search that has just been suggested."""
    study.add_trial(create_trial(state=TrialState.RUNNING, user_attrs={"trial_id": name}, **TOLD))


def read(folder: Path) -> list[FrozenTrial]:
    """The trials as a dashboard finds them, by a copy of the file, which must be whole at any moment."""
    copy = shutil.copy(folder / NAME, folder.parent / "seen.db")
    return optuna.load_study(study_name=folder.name, storage=f"sqlite:///{copy}").trials


@pytest.mark.parametrize("directions", [["minimize"], ["minimize", "maximize"]])
def test_trials_appear_as_they_begin_and_end(tmp_path: Path, directions: list[str]) -> None:
    folder = build(tmp_path / "study", [Trial("g00000", "grid", 0.1, range(2))], split="valid")
    study = optuna.create_study(directions=directions)
    write_history(study, store.load(folder), [f"metric {number}" for number in range(len(directions))])
    said: list[str] = []
    live = LiveHistory(folder, study, said.append)
    assert read(folder) == []
    begun(study, "s00000")
    begun(study, "s00001")
    live.catch_up()
    assert [trial.state for trial in read(folder)] == [TrialState.RUNNING] * 2
    rows = [{"epoch": epoch, "valid_mpjpe_mm": 50.0 - epoch + seed} for seed in (0, 2) for epoch in (1, 2)]
    live.add_epochs("s00001", rows)
    live.add_epochs("s00001", [*rows, {"epoch": 3, "valid_mpjpe_mm": float("nan")}])
    live.add_epochs("b00000", rows)
    assert read(folder)[1].intermediate_values == {1: 50.0, 2: 49.0}
    study.tell(1, [0.5] * len(directions))
    live.catch_up()
    ended = read(folder)[1]
    assert ended.state == TrialState.COMPLETE
    assert ended.values == [0.5] * len(directions)
    live.close()
    write_history(study, store.load(folder), [f"metric {number}" for number in range(len(directions))])
    again = read(folder)[1]
    assert (again.datetime_start, again.datetime_complete) == (ended.datetime_start, ended.datetime_complete)
    assert said == []


def test_a_file_that_cannot_be_written_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    folder = build(tmp_path / "study", [Trial("g00000", "grid", 0.1, range(2))], split="valid")
    study = optuna.create_study()
    write_history(study, store.load(folder), ["metric"])
    said: list[str] = []
    live = LiveHistory(folder, study, said.append)
    with closing(sqlite3.connect(folder / NAME)) as database, database:
        database.execute("DROP TABLE trials")
    for name in ("s00000", "s00001"):
        begun(study, name)
        live.catch_up()
    (sentence,) = said
    assert "is not kept up to date any more (" in sentence


def test_the_curves_are_those_of_the_tables(tmp_path: Path) -> None:
    results = store.load(build(tmp_path / "study", [Trial("s00000", "search", 0.1, range(2))], split="valid"))
    found = curves(results)["s00000"]
    last = max(found)
    expected = results.history.loc[results.history["epoch"] == last, "valid_mpjpe_mm"].mean()
    assert found[last] == pytest.approx(expected)


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_whole_file(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    writer = subprocess.Popen([sys.executable, "-m", "tests.helpers.growing_history", str(folder)], cwd=ROOT)
    try:
        while writer.poll() is None and trials_in(folder / NAME) < 20:
            time.sleep(0.01)
    finally:
        writer.kill()
    assert writer.wait() == -signal.SIGKILL
    with closing(sqlite3.connect(folder / NAME)) as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    found = optuna.load_study(study_name="study", storage=f"sqlite:///{folder / NAME}").trials
    assert all(trial.state == TrialState.COMPLETE for trial in found[:-1])


def trials_in(path: Path) -> int:
    """How many trials the file has by now; 0 before it is there, and while it is being written."""
    if not path.is_file():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            return int(database.execute("SELECT count(*) FROM trials").fetchone()[0])
    except sqlite3.Error:
        return 0

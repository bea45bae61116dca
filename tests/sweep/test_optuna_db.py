"""The search history for Optuna's dashboard: in the study's folder, whatever that is called, with every trial."""

import shutil
from pathlib import Path

import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import create_trial

from acai_ray import store
from acai_ray.sweep.optuna_db import NAME, write_history
from acai_ray.sweep.rungs import Rungs
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
    rungs = Rungs(None, {"path_bone_excess_mm": "min", "path_coverage": "max"})
    for _ in range(2):  # the second one takes the place of the first
        write_history(study, store.load(folder), rungs)
    assert [path.name for path in tmp_path.rglob("*") if "optuna" in path.name] == [NAME]
    copy = shutil.copy(folder / NAME, tmp_path / "copy.db")
    found = optuna.load_study(study_name=name, storage=f"sqlite:///{copy}")
    assert found.directions == study.directions
    assert [trial.params for trial in found.trials] == [trial.params for trial in study.trials]
    assert [trial.values for trial in found.trials] == [[0.0, 0.5], [1.0, 0.5]]
    means = store.load(folder).summary().groupby("trial_id")["path_bone_excess_mm"].mean()
    assert [trial.user_attrs["path_bone_excess_mm"] for trial in found.trials] == pytest.approx(means.tolist())
    assert [trial.user_attrs["trial_id"] for trial in found.trials] == ["s00000", "s00001"]

"""Folds in a plan: every trial in each fold, with its twin there, and what is asked for refused or resolved."""

from pathlib import Path
from typing import Any

import pytest

from acai_ray import poses, store
from acai_ray.analysis.compare import analyse
from acai_ray.common.errors import UserError
from acai_ray.poses import PoseSet
from acai_ray.poses.description import describe
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import parse_margins
from acai_ray.store import Session
from acai_ray.sweep.folding import divided
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.reach import describe_reach, notes
from acai_ray.sweep.space import Space
from acai_ray.training.checkpoint import Place
from acai_ray.trials.recompute import recompute
from acai_ray.trials.run_trial import run_trial
from acai_ray.trials.trial import Trial, from_runs
from acai_ray.trials.trial_end import TrialEnd
from acai_ray.trials.trial_writer import TrialWriter, run_rows
from tests.helpers.small_studies import EVALUATION, SEARCH, TRIAL

GRID: dict[str, Any] = {
    "grid": {"latent_dim": [4], "lambda": [0.0, 0.1]},
    "seeds": 1,
    "trial": TRIAL,
    "evaluation": EVALUATION,
    "controls": False,
}


@pytest.fixture(scope="module")
def people() -> PoseSet:
    return poses.load("synthetic", every=4, views=1)


def resolved(people: PoseSet, content: dict[str, Any], **changes: Any) -> tuple[Space, Plan]:
    space, _ = divided(Space.model_validate({**content, **changes}), people)
    return space, Plan(space)


def test_a_grid_is_planned_fold_by_fold(people: PoseSet) -> None:
    space, plan = resolved(people, GRID, folds=5)
    plan.add_cells()
    trials = plan.of_phase(Phase.GRID)
    assert [(trial.number, trial.fold, trial.config.lam) for trial in trials[:4]] == [
        (0, 0, 0.0), (1, 0, 0.1), (2, 1, 0.0), (3, 1, 0.1),
    ]  # fmt: skip
    assert len(trials) == 10
    for trial in trials:
        twin = plan.twin(trial)
        assert twin is not None
        assert (twin.fold, twin.arm) == (trial.fold, Arm.VANILLA)
    assert space.folds == 5


def test_chaos_is_in_each_fold_and_other_controls_in_the_first(people: PoseSet) -> None:
    _, plan = resolved(people, GRID, folds=5, controls=True)
    plan.add_cells()
    plan.add_controls()
    folds = {}
    for trial in plan.of_phase(Phase.CONTROL):
        folds.setdefault(trial.control, []).append(trial.fold)
    assert folds.pop("chaos") == [0, 1, 2, 3, 4]
    assert set(map(tuple, folds.values())) == {(0,)}
    names = [trial.run_id(trial.seeds[0]) for trial in plan.of_phase(Phase.CONTROL)]
    assert len(set(names)) == len(names)
    assert plan.add_controls() == []


def test_a_confirmation_has_folds_of_the_people_who_chose_nothing(people: PoseSet) -> None:
    confirm = {"picks": ["strong"], "seeds": 1, "folds": "auto"}
    space, data = divided(Space.model_validate({**SEARCH, "confirm": confirm}), people)
    assert space.confirm is not None
    assert space.confirm.folds == len(data.folds) == 7
    assert data.apart == ("A06",)
    assert "A06" not in {who for fold in data.folds for who in fold.tested}
    assert data.of(None).poses is people
    seen = data.of(3).poses
    assert seen.subjects("test") == data.folds[3].tested
    assert seen.subjects("valid") == ("A06",)


def test_trials_keep_their_fold_on_the_way_and_in_the_tables() -> None:
    import pandas as pd

    trial = Trial("g00003", Phase.GRID, Space.model_validate(GRID).trial_config({}), (0, 1), fold=3)
    assert Trial.of_config(trial.as_config()) == trial
    runs = pd.DataFrame(run_rows(trial, TrialEnd.failed(trial, "no")))
    assert list(from_runs(runs)) == [trial]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"folds": 9}, "9 are wanted and synthetic has 8 bodies with 10 poses or more; give 5 to 8"),
        ({"evaluation": {**EVALUATION, "person_poses": 5000}}, "somebody must have evaluation.person_poses, 5000"),
    ],
)
def test_what_cannot_be_tested_is_refused(people: PoseSet, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(UserError, match=said):
        divided(Space.model_validate({**GRID, **changes}), people)


def test_what_is_said_before_a_study(people: PoseSet) -> None:
    space, data = divided(Space.model_validate({**GRID, "folds": "auto"}), people)
    who, folds, smallest = describe_reach(space, data)
    assert who == "people: 8 with 8 bodies"
    assert folds.startswith("folds: 8, which test 8 people with 8 bodies, at most 1 in a fold; 1 cell × 4 primary")
    assert "Path bone excess" in smallest
    who, tests = describe_reach(*divided(Space.model_validate(GRID), people))
    assert "by models of one training set, with one seed" in tests
    assert list(notes(Space.model_validate(GRID), people)) == []


def test_the_shared_body_of_cmu17_is_told(cmu17: PoseSet) -> None:
    space = Space.model_validate({**GRID, "evaluation": {**EVALUATION, "person_poses": 150}})
    (torn,) = notes(space, cmu17)
    assert "13 people" in torn
    assert "test 10" in torn
    large, few = notes(space.model_copy(update={"folds": "auto"}), cmu17)
    assert large.startswith("fold 1 holds 49% of the tested poses, of 10 people")
    assert few.startswith("9 of 36 people are not tested, because they have fewer than 150 poses: 11, 12, 35,")


@pytest.fixture(scope="module")
def study(people: PoseSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grid in five folds, run here without Ray."""
    folder = tmp_path_factory.mktemp("folds") / "study"
    space, data = divided(Space.model_validate({**GRID, "folds": 5, "data_options": {"every": 4, "views": 1}}), people)
    plan = Plan(space)
    plan.add_cells()
    about = describe(people, "synthetic", data.folds, data.apart)
    with Session.open(folder) as session, session.begin(space.model_dump(mode="json"), about):
        place = Place.at(str(folder / "checkpoints"))
        writer = TrialWriter(folder, people.fingerprint, place)
        for trial in plan.trials.values():
            prepared = data.of(trial.fold)
            *_, last = run_trial(trial, prepared.poses, prepared.yardstick, place, compiling="off")
            assert last.end is not None
            writer.write_end(trial, last.end)
    return folder


def test_everybody_is_tested_once_and_judged_over_folds(study: Path) -> None:
    results = store.load(study)
    assert results.damaged == []
    family = analyse(results, parse_margins([])).answer
    assert family is not None
    assert set(family.tests["n_people"]) == {8}
    assert set(family.tests["n_folds"]) == {5}
    assert set(family.tests["n_bodies"]) == {8}
    assert family.tests["p"].notna().all()
    tested = family.differences.groupby(["metric", "person"])["fold"].nunique()
    assert (tested == 1).all()
    assert tested.groupby("metric").size().eq(8).all()


def test_measured_again_from_the_weights_it_has_the_same_numbers(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: {0})  # one process is enough, and takes long to start
    before = store.load(study).subjects
    assert recompute(study) == []
    after = store.load(study).subjects
    keys = ["run_id", "split", "subject", "metric"]
    both = before.merge(after, on=keys)
    assert len(both) == len(before) == len(after)
    assert both["mean_x"].to_numpy() == pytest.approx(both["mean_y"].to_numpy(), rel=1e-4)

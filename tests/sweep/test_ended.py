"""How a session ended, for other programs."""

import json
from pathlib import Path

import pytest

from acai_ray import store
from acai_ray.common.json_output import plain
from acai_ray.sweep.ended import ended
from acai_ray.sweep.study import Outcome
from acai_ray.tune import _show_as_json, main
from tests.helpers.study_factory import Trial, build

OUTCOME = Outcome(
    trials=5,
    unfinished=2,
    bad_runs=1,
    out_of_time=True,
    unconfirmed=False,
    tried_all=False,
    picked_after=None,
    uncompiled=0,
    stopped=1,
)


@pytest.fixture
def study(tmp_path: Path) -> Path:
    trials = [
        Trial("s00000", "search", 0.1, [0, 1]),
        Trial("s00001", "search", 0.2, [0, 1], status={1: ("diverged", "not finite")}),
        Trial("s00002", "search", 0.3, [0, 1], status={0: ("stopped", "behind"), 1: ("stopped", "behind")}),
        Trial("s00003", "search", 0.4, [0], status={0: ("running", "")}),
        Trial("b00000", "baseline", 0.0, [0, 1]),
    ]
    return build(tmp_path / "demo", trials, split="valid")


def test_trials_are_counted_by_how_they_ended(study: Path) -> None:
    found = ended(OUTCOME, store.load(study), 130)
    assert found["trials"] == {"begun": 5, "done": 2, "failed": 1, "stopped": 1, "not_finished": 2}
    assert (found["study"], found["exit_code"]) == ("demo", 130)
    assert "the same command goes on" in found["meaning"]
    assert json.dumps(plain(found), allow_nan=False)


def test_the_object_has_the_sentences_and_the_verdicts_so_far(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _show_as_json(OUTCOME, study, 130)
    found = json.loads(capsys.readouterr().out)
    assert found["sentences"][0].startswith("5 trials in")
    assert {row["metric"] for row in found["verdicts"]} >= {"reconstruction_mpjpe_mm", "path_coverage"}
    assert {row["family"] for row in found["verdicts"]} == {"search"}


def test_a_mistake_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--space", "nowhere.yaml", "--json"]) == 2
    assert "no file nowhere.yaml" in json.loads(capsys.readouterr().out)["error"]
    assert main(["--space", "smoke", "--json", "--dry-run"]) == 2
    assert "--json tells how a study ended" in json.loads(capsys.readouterr().out)["error"]

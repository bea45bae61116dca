"""A trial's names, its plain forms, and what a table of another program's runs is refused for."""

import json
import pickle

import pandas as pd
import pytest
import yaml

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.controls import BY_KIND
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.trials.trial import CHAOS, SHRUNK, Trial, from_runs, trial_name
from acai_ray.trials.trial_end import MemberEnd, TrialEnd
from acai_ray.trials.trial_writer import run_rows

CONFIG = TrialConfig(latent_dim=4, lam=0.1)


@pytest.mark.parametrize("phase", Phase)
def test_a_name_is_the_phases_letter_and_its_number(phase: Phase) -> None:
    trial = Trial(trial_name(phase, 12), phase, CONFIG, (0,))
    assert trial.trial_id == f"{phase.prefix}00012"
    assert trial.number == 12


@pytest.mark.parametrize(
    ("lam", "control", "arm"),
    [
        (0.0, "", Arm.VANILLA),
        (1e-6, "", Arm.ACAI),
        (0.3, "", Arm.ACAI),
        (1e-6, CHAOS, Arm.CONTROL),
        (0.0, "pca", "control"),
    ],
)
def test_the_arm_follows_from_lambda_and_control(lam: float, control: str, arm: Arm) -> None:
    assert Trial("g00000", Phase.GRID, TrialConfig(lam=lam), (0,), control).arm == arm


def test_two_controls_are_trained() -> None:
    trained = {kind for kind in BY_KIND if Trial("x00000", Phase.CONTROL, CONFIG, (0,), kind).trained}
    assert trained == {CHAOS, SHRUNK} == {"chaos", "shrunk"}


def test_what_leaves_the_program_is_plain_text() -> None:
    """A member of an enum in a file of rows or settings would tie its reader to this program."""
    trial = Trial("s00000", Phase.SEARCH, CONFIG, (0, 1))
    config = trial.as_config()
    assert type(config["phase"]) is str
    assert yaml.safe_load(yaml.safe_dump(config)) == json.loads(json.dumps(config)) == config
    assert Trial.of_config(config) == pickle.loads(pickle.dumps(trial)) == trial
    row = run_rows(trial, TrialEnd([MemberEnd(RunStatus.DONE)] * 2))[0]
    assert {name: type(row[name]) for name in ("arm", "phase", "control", "status")} == dict.fromkeys(
        ("arm", "phase", "control", "status"), str
    )


@pytest.mark.parametrize(("column", "value"), [("phase", "dream"), ("control", "astrology")])
def test_a_phase_or_a_control_of_another_version_is_refused(column: str, value: str) -> None:
    rows = run_rows(Trial("s00000", Phase.SEARCH, CONFIG, (0,)), TrialEnd([MemberEnd(RunStatus.DONE)]))
    with pytest.raises(
        UserError, match=f"the {column} of a trial must be .* but s00000 has '{value}'; use the version"
    ):
        list(from_runs(pd.DataFrame(rows).assign(**{column: value})))

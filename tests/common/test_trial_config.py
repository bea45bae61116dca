"""The settings of a trial: the report's are the defaults, every one is a column, and a mistake is one sentence."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from acai_ray.common.errors import UserError
from acai_ray.common.settings import parse
from acai_ray.common.trial_config import TrialConfig
from acai_ray.store import SCHEMAS, SETTINGS

REPORT: dict[str, Any] = {
    "latent_dim": 16,
    "lam": 0,
    "gamma": 0.05,
    "network": "mlp",
    "width": 256,
    "depth": 2,
    "norm": "batch",
    "critic_norm": "batch",
    "dropout": 0,
    "critic": True,
    "optimizer": "adam",
    "lr": 0.01,
    "critic_lr": None,
    "weight_decay": 0,
    "schedule": "constant",
    "batch_size": 64,
    "epochs": 300,
    "steps_per_epoch": 1000,
    "rotation_deg": 30,
    "flip_probability": 0.5,
    "matmul_precision": "highest",
}


def test_the_defaults_are_the_reports() -> None:
    defaults = TrialConfig().model_dump()
    assert {name: defaults[name] for name in REPORT} == REPORT
    assert {name: defaults[name] for name in ("regularizer", "options", "codes")} == {
        "regularizer": "acai",
        "options": {},
        "codes": "sphere",
    }
    without_effect = {"final_lr_fraction"}  # a constant schedule ignores it
    assert defaults.keys() - REPORT.keys() == {"regularizer", "options", "codes", *without_effect}


def test_every_setting_is_a_column_of_runs() -> None:
    fields = {"epochs_planned" if name == "epochs" else name for name in TrialConfig.model_fields}
    assert fields <= set(SCHEMAS["runs"].names)
    assert set(SETTINGS) == fields - {"latent_dim", "regularizer", "options", "lam", "gamma"}


@given(st.floats(0, 100))
def test_lambda_is_accepted_for_lam(value: float) -> None:
    assert parse(TrialConfig, {"lambda": value}, "a file") == TrialConfig(lam=value)


def test_settings_survive_their_plain_form() -> None:
    config = TrialConfig(latent_dim=7, lam=1e-4, critic_lr=0.3, schedule="cosine")
    assert TrialConfig.model_validate(config.model_dump()) == config
    assert TrialConfig.model_validate(config.model_dump(mode="json")) == config


def test_settings_are_frozen_and_can_be_compared() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        TrialConfig().lam = 1
    assert TrialConfig(lr=0.01) == TrialConfig()
    assert hash(TrialConfig(lr=0.01)) == hash(TrialConfig())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"latent_dim": 1}, ["latent_dim", "greater than or equal to 2", "1"]),
        ({"lambda": -1}, ["lambda", "greater than or equal to 0", "-1"]),
        ({"gamma": 1.5}, ["gamma", "less than or equal to 1", "1.5"]),
        ({"width": 100}, ["width", "multiple of 16", "100"]),
        ({"batch_size": 48}, ["batch_size", "multiple of 32", "48"]),
        ({"depth": 0}, ["depth", "greater than or equal to 1", "0"]),
        ({"norm": "layer"}, ["norm", "'batch' or 'none'", "'layer'"]),
        ({"optimizer": "lbfgs"}, ["optimizer", "'adam'", "'lbfgs'"]),
        ({"dropout": 1}, ["dropout", "less than 1", "1"]),
        ({"lr": 0}, ["lr", "greater than 0", "0"]),
        ({"lr": math.nan}, ["lr", "finite", "nan"]),
        ({"lam": math.inf}, ["lam", "finite", "inf"]),
        ({"epochs": 2.5}, ["epochs", "integer", "2.5"]),
        ({"epochs": "many"}, ["epochs", "number", "'many'"]),
        ({"rotation_deg": 200}, ["rotation_deg", "180", "200"]),
        ({"critic": False, "lam": 0.1}, ["lam", "0 without a critic", "0.1"]),
        ({"leraning_rate": 1}, ["leraning_rate", "not a known key", "lr"]),
        ({1: 2}, ["1", "keys"]),
        ([1, 2], ["keys and values", "list"]),
        (None, ["keys and values", "NoneType"]),
    ],
)
def test_a_mistake_is_one_sentence_with_key_rule_and_value(content, says) -> None:
    with pytest.raises(UserError) as caught:
        parse(TrialConfig, content, "mine.yaml")
    message = str(caught.value)
    assert message.startswith("mine.yaml")
    assert all(part in message for part in says), message
    assert "\n" not in message
    assert caught.value.__suppress_context__ or caught.value.__context__ is None

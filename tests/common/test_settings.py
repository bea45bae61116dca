"""Settings: the report's are the defaults, every one is a column, and a mistake is one sentence."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from acai_ray.common.errors import UserError
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import parse
from acai_ray.common.trial_config import TrialConfig
from acai_ray.common.yaml_files import read_yaml
from acai_ray.poses import LoadOptions
from acai_ray.store import SCHEMAS, SETTINGS

REPORT: dict[str, Any] = {
    "latent_dim": 16,
    "lam": 0,
    "gamma": 0.05,
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
    assert defaults.keys() - REPORT.keys() == {"final_lr_fraction"}  # a constant schedule ignores it
    evaluation = EvaluationConfig()
    assert (evaluation.pairs, evaluation.transitions) == (10_000, 100)
    assert (evaluation.targets, evaluation.generated) == (10_000, 180_000)
    assert (evaluation.distance_pairs, evaluation.distance_points, evaluation.neighbours) == (1_000, 10, 5)
    assert evaluation.critic_draws >= 1_000


def test_every_setting_is_a_column_of_runs() -> None:
    fields = {"epochs_planned" if name == "epochs" else name for name in TrialConfig.model_fields}
    assert fields <= set(SCHEMAS["runs"].names)
    assert set(SETTINGS) == fields - {"latent_dim", "lam", "gamma"}


@given(st.floats(0, 100))
def test_lambda_is_accepted_for_lam(value: float) -> None:
    config = parse(TrialConfig, {"lambda": value}, "a file")
    assert config == TrialConfig(lam=value)


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
        ({"epochs": "many"}, ["epochs", "integer", "'many'"]),
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


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ({"pairs": 0}, ["pairs", "greater than or equal to 1"]),
        ({"transitions": 1}, ["transitions", "greater than or equal to 2"]),
        ({"targets": 5}, ["targets", "neighbours", "5"]),
        ({"targets": 500, "generated": 499}, ["generated", "at least targets, 500", "499"]),
    ],
)
def test_evaluation_sizes_fit_each_other(content, says) -> None:
    with pytest.raises(UserError) as caught:
        parse(EvaluationConfig, content, "mine.yaml")
    assert all(part in str(caught.value) for part in says), caught.value


def test_any_record_of_settings_is_parsed_the_same_way() -> None:
    with pytest.raises(UserError, match="options of the data: views: input should be greater than or equal to 1"):
        parse(LoadOptions, {"views": 0}, "options of the data")


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"a: [1, 2", "must be YAML"), (b"\xff\xfe\x00", "must be YAML"), (b"a: !!python/object:os.x {}", "must be YAML")],
)
def test_what_is_no_yaml_is_one_sentence(content, says, tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(content)
    with pytest.raises(UserError, match=says) as caught:
        read_yaml(path)
    assert "mine.yaml" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("lam: 1\nlr: 2\nlam: 3", "has 'lam' twice, again in line 3; remove one"),
        ("{lam: 1, lam: 1}", "has 'lam' twice, again in line 1"),
        ("trial: {lam: 1, 'lam': 2}", "'lam' twice"),
        ("a: [{b: 1, b: 2}]", "'b' twice"),
        ("1: a\n1: b", "'1' twice"),
        ("base: &b {a: 1}\nc: {<<: *b, d: 1, d: 2}", "'d' twice"),
    ],
)
def test_a_key_written_twice_is_refused(content, says, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_text(content)
    with pytest.raises(UserError, match="a settings file must have each key once") as caught:
        read_yaml(tmp_path / "mine.yaml")
    assert says in str(caught.value)


def test_merges_of_yaml_are_read(tmp_path) -> None:
    content = "x: {y: &c {<<: &b {a: 1, b: 1}, a: 2}}\nd: {<<: *c}\ne: {<<: [*b, *c], b: 3}\nf: *c\n1: a\n'1': b"
    (tmp_path / "mine.yaml").write_text(content)
    merged = {"a": 2, "b": 1}
    expected = {"x": {"y": merged}, "d": merged, "e": {"a": 1, "b": 3}, "f": merged, 1: "a", "1": "b"}
    assert read_yaml(tmp_path / "mine.yaml") == expected


def test_a_missing_file_is_one_sentence(tmp_path) -> None:
    with pytest.raises(UserError, match="readable"):
        read_yaml(tmp_path / "none.yaml")

"""What the words of a command line mean."""

import argparse
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acai_ray import train, tune
from acai_ray.analysis import __main__ as analysis
from acai_ray.common.errors import UserError
from acai_ray.common.option_types import duration, name_after, parsed, study_name
from acai_ray.data import __main__ as data


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("90s", 90), ("30m", 1800), ("2h", 7200), ("1h30m", 5400), ("1d", 86400), ("1.5h", 5400), ("0", 0)],
)
def test_durations(text: str, seconds: float) -> None:
    assert duration(text) == seconds


@given(st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99))
def test_parts_of_a_duration_add_up(d: int, h: int, m: int, s: int) -> None:
    assert duration(f"{d}d{h}h{m}m{s}s") == 86400 * d + 3600 * h + 60 * m + s


@pytest.mark.parametrize(
    "text",
    [
        "",
        "h",
        "2 h",
        "-1h",
        "1x",
        "1h30",
        "1..5h",
        "two hours",
        "1h,30m",
        "inf",
        "1e3",
        "1h1h",
        "30m1h",
        "٣h",
        "٣",
        "²",
    ],
)
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="a duration is like"):
        duration(text)


@pytest.mark.parametrize(
    ("parser", "line", "name", "expected"),
    [
        (tune.parser, ["--space", "smoke", "--results", ""], "results", Path("results")),
        (tune.parser, ["--space", "smoke", "--results", "."], "results", Path()),
        (tune.parser, ["--space", "smoke", "--storage="], "storage", None),
        (tune.parser, ["--space", "smoke", "--address", ""], "address", None),
        (tune.parser, ["--space", "smoke", "--study", ""], "study", None),
        (tune.parser, ["--space", "smoke", "--data", ""], "data", None),
        (train.parser, ["--config", "a.yaml", "--start", ""], "start", None),
        (analysis.parser, [""], "path", Path("results")),
        (analysis.parser, ["a", "--share", ""], "share", None),
    ],
)
def test_an_empty_value_is_none(parser: Any, line: list[str], name: str, expected: object) -> None:
    assert getattr(parsed(parser(), line), name) == expected


@pytest.mark.parametrize("name", ["ACAI_STORAGE", "RAY_ADDRESS"])
def test_an_empty_variable_is_none(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")
    options = parsed(tune.parser(), ["--space", "smoke"])
    assert (options.storage, options.address) == (None, None)


@pytest.mark.parametrize(
    ("parser", "line"),
    [
        (tune.parser, ["--space", ""]),
        (train.parser, ["--config", ""]),
        (data.parser, ["inspect", ""]),
        (data.parser, ["convert", "a.npz", ""]),
    ],
)
def test_what_must_be_given_may_not_be_empty(parser: Any, line: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parsed(parser(), line)
    assert ended.value.code == 2
    assert "is a variable not set?" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a b", "a/b", "..", ".hidden", "-x", "index.html", "é*"])
def test_what_is_no_name_of_a_study(name: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="a study's name is"):
        study_name(name)
    with pytest.raises(UserError, match="give another with --study"):
        name_after(Path(f"{name.rpartition('/')[0] or '.'}") / "my space.yaml")


def test_a_name_is_short_enough_for_a_folder() -> None:
    assert study_name("x" * 200) == "x" * 200
    for name in ("x" * 201, "é" * 101):
        with pytest.raises(argparse.ArgumentTypeError, match="at most 200 bytes"):
            study_name(name)


def test_a_study_is_named_after_its_file() -> None:
    assert name_after(Path("spaces/wide.v2.yaml")) == "wide.v2"

"""What a terminal without our signs shows in their place."""

import subprocess
import sys
from pathlib import Path

import pytest

import acai_ray
from acai_ray.common.letters import PLAIN, shown

OURS = {
    letter
    for path in Path(acai_ray.__file__).parent.rglob("*.py")
    for letter in path.read_text(encoding="utf-8")
    if not letter.isascii() and letter != "\N{REPLACEMENT CHARACTER}"
}


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("▲ −3 ± 1 ▼", "^ -3 +- 1 v"),
        ("λ=0.1, γ → ½, Δ ‖μ‖", "lambda=0.1, gamma -> 1/2, delta ||mu||"),
        ("m², Jürgen…", "m2, Jurgen..."),
        ("\u5e74", "?"),
        ("\udcff", "?"),
        ("plain", "plain"),
    ],
)
def test_ascii_has_something_for_each_sign(text: str, plain: str) -> None:
    assert shown(text, "ascii") == plain


def test_what_the_encoding_has_is_left_alone() -> None:
    assert shown("λ ▲ −", "utf-8") == "λ ▲ −"
    assert shown("± ▲", "latin-1") == "± ^"


def test_no_sign_of_ours_becomes_a_question_mark() -> None:
    assert {letter for letter in OURS if "?" in shown(letter, "ascii")} == set()
    assert all(text.isascii() for text in PLAIN.values())


@pytest.mark.parametrize("module", ["tune", "train", "analysis", "data", "lines"])
def test_help_of_every_command_fits_an_ascii_terminal(module: str) -> None:
    said = subprocess.run(
        [sys.executable, "-m", f"acai_ray.{module}", "--help"],
        capture_output=True,
        check=True,
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": ":".join(sys.path), "COLUMNS": "80"},
    ).stdout
    assert said.isascii()
    assert b" ? " not in said

"""The live view: made from plain facts, and no line broken at any width."""

import io

import pytest
from rich.console import Console

from acai_ray.trials.standing import Best, PhaseCount, Running, Standing, line
from acai_ray.trials.view import View

STANDING = Standing(
    phases=[PhaseCount("search", 17, 40), PhaseCount("twins", 2, 2), PhaseCount("confirm", 0, 4, at_most=True)],
    running=[
        Running("s00017", "acai d 8 λ 0.0123", 11, 300, 45.23),
        Running("s00018", "acai d 16 λ 0.2", 300, 300, None),
        Running("x00003", "real d 51", 0, 0, None),
    ],
    failed=1,
    stopped=3,
    best=Best("s00003", "acai d 8 λ 0.01", {"path_bone_excess_mm": (28.64, 40.1), "path_coverage": (0.428, None)}),
    passed_s=61.0,
    left_s=7200.0,
)


def drawn(standing: Standing, width: int, height: int = 40) -> list[str]:
    output = io.StringIO()
    Console(file=output, width=width, height=height).print(View(standing))
    return output.getvalue().splitlines()


def test_the_view_says_how_far_each_phase_and_each_trial_is() -> None:
    text = "\n".join(drawn(STANDING, 100))
    for words in (
        "17 of 40 trials",
        "0 of at most 4 trials",
        "epoch 12 of 300",
        "45.2 mm",
        "evaluation",
        "28.64",
        "vanilla twin 40.1",
        "its twin is not measured yet",
        "3 stopped at a rung · 1 failed · 0:01:01 passed · about 2:00:00 left",
    ):
        assert words in text


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_no_line_is_broken(width: int) -> None:
    lines = drawn(STANDING, width)
    assert len(lines) == len(drawn(STANDING, 200))
    assert max(map(len, lines)) <= width


def test_a_low_screen_has_fewer_running_trials() -> None:
    many = STANDING._replace(running=[Running(f"s{n:05d}", "acai d 8", 1, 9, 40.0) for n in range(50)])
    lines = drawn(many, 80, height=24)
    assert len(lines) < 24
    assert any("more in training" in text for text in lines)


def test_the_line_has_the_same_facts() -> None:
    assert line(STANDING) == (
        "19 of at most 46 trials done (search 17/40, twins 2/2, confirm 0/4) · 3 running · best s00003: "
        "path_bone_excess_mm 28.64 (vanilla 40.1), path_coverage 0.428 · 3 stopped at a rung · 1 failed · "
        "0:01:01 passed · about 2:00:00 left"
    )


def test_an_estimate_that_has_run_out_is_not_shown() -> None:
    assert "left" not in line(STANDING.later(7200.0))

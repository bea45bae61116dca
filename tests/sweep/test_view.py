"""The live view of a study: made from plain facts, no line broken at any width, and a clock that never goes up."""

import io

import pytest
from rich.console import Console

from acai_ray.common.settings import parse
from acai_ray.sweep import progress
from acai_ray.sweep.counting import count_control_trials, count_trials
from acai_ray.sweep.progress import Progress
from acai_ray.sweep.space import Space
from acai_ray.sweep.standing import Best, PhaseCount, Running, Standing, line
from acai_ray.sweep.view import View
from acai_ray.trials.trial import Trial
from tests.helpers.planning import finished, measured, planner

SEARCH = {
    "search": {"latent_dim": {"choice": [4, 8]}, "lambda": {"log_uniform": [1e-3, 1.0]}},
    "trials": 6,
    "seeds": 2,
    "confirm": {"seeds": 3, "picks": ["strong"]},
    "trial": {"epochs": 10},
}

STANDING = Standing(
    phases=[PhaseCount("search", 17, 40), PhaseCount("twins", 2, 2), PhaseCount("confirm", 0, 4, at_most=True)],
    running=[
        Running("s00017", "acai d 8 λ 0.0123", 11, 300, 45.23),
        Running("s00018", "acai d 16 λ 0.2", 299, 300, None),
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
        "last epoch, evaluation",
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


def test_all_trials_are_known_from_the_start() -> None:
    space = parse(Space, SEARCH, "space")
    standing = Progress(planner(space, [], {})).standing()
    expected = sum(size.trials for size in count_trials(space).values()) + count_control_trials(space)
    assert [phase.name for phase in standing.phases] == ["search", "twins", "controls", "confirm"]
    assert sum(phase.total for phase in standing.phases) == expected
    assert standing.left_s is None


def test_the_time_left_counts_down_while_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    one = planner(parse(Space, SEARCH, "space"), [], {})
    watched = Progress(one)
    config = one.suggest("t0")
    assert isinstance(config, dict)
    trial = Trial.of_config(config)
    rows = [{"epoch": 1, "valid_mpjpe_mm": error} for error in (40.0, 42.0)]
    now[0] = 10.0
    watched.count(trial, 1, rows)
    left = watched.standing().left_s
    assert left is not None
    assert [running.error_mm for running in watched.standing().running] == [41.0]
    now[0] = 500.0
    assert watched.standing().left_s == max(0.0, left - 490.0)
    assert watched.standing().passed_s == 500.0
    one.on_trial_complete("t0", finished(measured(trial)))
    assert watched.standing().done == 1

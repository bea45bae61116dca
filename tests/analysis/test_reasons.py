"""The words for reasons: one sentence for each, with a test's numbers or without."""

import re
from typing import Any

import pytest

from acai_ray.analysis.reasons import WHY, WHY_IN_GENERAL, why, why_in_general, why_left_out
from acai_ray.protocol.obstacles import Obstacle
from acai_ray.protocol.verdicts import Reason

NAN = float("nan")
TEST: dict[str, Any] = {
    "p": 0.07,
    "p_adjusted": 0.21,
    "p_equivalent_adjusted": 0.64,
    "margin": 0.25,
    "chaos": 1.75,
    "family_size": 12,
}
RUN: dict[str, Any] = {
    "run_id": "g1-0",
    "status": "diverged",
    "reason": "loss is NaN",
    "epochs": 3,
    "steps": NAN,
    "epochs_planned": 30.0,
    "threads": 2,
    "mode": "eager",
}


@pytest.mark.parametrize(
    ("reason", "changed", "sentence"),
    [
        (Reason.BEYOND_MARGIN, {}, "adjusted p = 0.210, beyond the margin of 0.25"),
        (Reason.WITHIN_MARGIN, {}, "within the margin of ±0.25, adjusted p = 0.640"),
        (Reason.NO_PAIRS, {"p": NAN, "p_adjusted": NAN, "chaos": NAN}, "no pair has this number"),
        (Reason.TOO_FEW_PEOPLE, {}, "one person alone says nothing about people"),
        (Reason.TOO_FEW_SEEDS, {}, "one training run for all people says nothing about training"),
        (Reason.BELOW_CHAOS_FLOOR, {}, "smaller than the chaos floor of 1.75"),
        (Reason.BELOW_MARGIN, {}, "a difference, but not shown to be larger or smaller than the margin of 0.25"),
        (Reason.NOT_SIGNIFICANT, {}, "p = 0.070, above 0.05; adjusted p of equivalence = 0.640"),
        (Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT, {}, "p = 0.070 becomes 0.210 among 12 tests"),
    ],
)
def test_a_reason_is_worded_with_the_tests_numbers(reason: Reason, changed: dict[str, Any], sentence: str) -> None:
    assert why({**TEST, **changed, "reason": reason.value}) == sentence


@pytest.mark.parametrize("reason", Reason)
def test_a_reason_in_general_has_no_number_of_one_test(reason: Reason) -> None:
    assert reason in WHY
    assert set(re.findall(r"\d[\d.]*", why_in_general(reason, 12))) <= {"0.05", "12"}


def test_each_reason_is_worded_otherwise() -> None:
    assert set(WHY) == set(WHY_IN_GENERAL) == set(Reason)
    for words in (WHY, WHY_IN_GENERAL):
        assert len(set(words.values())) == len(Reason)


@pytest.mark.parametrize(
    ("obstacle", "sentence"),
    [
        (Obstacle.NOT_DONE, "diverged: loss is NaN"),
        (Obstacle.NOT_ALL_EPOCHS, "trained for 3 epochs and ? steps, 30 epochs were planned"),
        (Obstacle.NO_TWIN, "no vanilla twin with the same seed and settings"),
        (Obstacle.TWIN_NOT_DONE, "its vanilla twin g0-0 did not finish (stopped)"),
        (Obstacle.OTHER_LENGTH, "trained for 3 epochs and ? steps, its vanilla twin g0-0 for 2 epochs and 200 steps"),
        (
            Obstacle.OTHER_WAY,
            "computed with 2 threads in mode eager, its vanilla twin with 4 threads in mode eager; only the same gives "
            "exact twins",
        ),
        (Obstacle.REPEATED, "another run has the same seed and settings"),
    ],
)
def test_an_obstacle_is_worded_with_the_runs_it_is_about(obstacle: Obstacle, sentence: str) -> None:
    twin = {**RUN, "run_id": "g0-0", "status": "stopped", "reason": None, "epochs": 2, "steps": 200, "threads": 4}
    assert why_left_out(obstacle, RUN, twin) == sentence

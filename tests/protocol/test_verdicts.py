"""The rule of a verdict: when ACAI is better or worse, and for which reason it is neither."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acai_ray.protocol.statistics import LEVEL, smallest_p
from acai_ray.protocol.verdicts import PairedTest, Reason, Word, decide

NAN = float("nan")
WORSE = PairedTest(
    better="lower",
    n=8,
    mean=3.0,
    low=2.5,
    high=3.5,
    p=2 / 2**8,
    p_adjusted=8 / 2**8,
    margin=1.0,
    chaos=NAN,
    family_size=4,
)
"""Eight pairs, all of them clearly higher where lower is better."""

numbers = st.floats(-10, 10, allow_nan=False)
shares = st.floats(0, 1, allow_nan=False)


@pytest.mark.parametrize(
    ("changed", "word", "reason"),
    [
        ({}, Word.WORSE, Reason.BEYOND_MARGIN),
        ({"better": "higher"}, Word.BETTER, Reason.BEYOND_MARGIN),
        ({"mean": -3.0, "low": -3.5, "high": -2.5}, Word.BETTER, Reason.BEYOND_MARGIN),
        ({"chaos": 2.9}, Word.WORSE, Reason.BEYOND_MARGIN),
        ({"chaos": 3.0}, Word.INCONCLUSIVE, Reason.BELOW_CHAOS_FLOOR),
        ({"margin": 3.0}, Word.INCONCLUSIVE, Reason.BELOW_MARGIN),
        ({"margin": 3.0, "chaos": 9.0}, Word.INCONCLUSIVE, Reason.BELOW_MARGIN),
        ({"p_adjusted": 0.06, "margin": 3.5}, Word.INCONCLUSIVE, Reason.WITHIN_MARGIN),
        ({"n": 5, "p": smallest_p(5), "p_adjusted": 0.25}, Word.INCONCLUSIVE, Reason.TOO_FEW_SEEDS),
        ({"p": 0.06, "p_adjusted": 0.24}, Word.INCONCLUSIVE, Reason.NOT_SIGNIFICANT),
        ({"p_adjusted": 0.06, "family_size": 7}, Word.INCONCLUSIVE, Reason.TOO_FEW_SEEDS_FOR_FAMILY),
        ({"p": 0.02, "p_adjusted": 0.14, "family_size": 7}, Word.INCONCLUSIVE, Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT),
        ({"p": 0.02, "p_adjusted": 0.08}, Word.INCONCLUSIVE, Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT),
        (
            {"n": 0, **dict.fromkeys(("mean", "low", "high", "p", "p_adjusted"), NAN)},
            Word.INCONCLUSIVE,
            Reason.NO_PAIRS,
        ),
    ],
)
def test_the_rule(changed: dict[str, Any], word: Word, reason: Reason) -> None:
    test = replace(WORSE, **changed)
    verdict = decide(test)
    assert (verdict.word, verdict.reason, verdict.test) == (word, reason, test)


def test_every_reason_occurs_above() -> None:
    marks = test_the_rule.pytestmark  # type: ignore[attr-defined]
    assert {reason for _, _, reason in marks[0].args[1]} == set(Reason)


@given(mean=numbers, half=shares, p=shares, factor=st.integers(1, 100), n=st.integers(2, 20), margin=shares)
def test_a_difference_is_decided_exactly_where_p_margin_and_chaos_allow(
    mean: float, half: float, p: float, factor: int, n: int, margin: float
) -> None:
    adjusted = min(1.0, factor * p)
    test = replace(
        WORSE, mean=mean, low=mean - half, high=mean + half, p=p, p_adjusted=adjusted, n=n, margin=margin, chaos=1.5
    )
    verdict = decide(test)
    assert verdict.word.decided == (adjusted <= LEVEL and abs(mean) > max(margin, 1.5))
    assert verdict.word.decided == (verdict.reason is Reason.BEYOND_MARGIN)
    mirrored = decide(replace(test, mean=-mean, low=-test.high, high=-test.low))
    opposite = {Word.BETTER: Word.WORSE, Word.WORSE: Word.BETTER, Word.INCONCLUSIVE: Word.INCONCLUSIVE}
    assert mirrored.word is opposite[verdict.word]
    assert mirrored.reason is verdict.reason

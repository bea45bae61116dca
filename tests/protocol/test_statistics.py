"""Statistics against scipy and brute force."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from acai_ray.protocol import statistics

finite = st.floats(-1e3, 1e3, allow_nan=False).map(lambda x: round(x, 3))


def brute_force(values: list[float]) -> float:
    observed = abs(sum(values)) - 1e-9
    patterns = list(product((-1, 1), repeat=len(values)))
    return sum(abs(np.dot(pattern, values)) >= observed for pattern in patterns) / len(patterns)


@given(st.lists(finite, min_size=1, max_size=9))
def test_sign_flip_p_is_the_enumeration(values: list[float]) -> None:
    assert statistics.sign_flip_p(values) == pytest.approx(brute_force(values))


@given(st.lists(finite, min_size=2, max_size=9), st.randoms(use_true_random=False))
def test_sign_flip_p_ignores_order_and_scale(values: list[float], random: "np.random.Generator") -> None:
    shuffled = list(values)
    random.shuffle(shuffled)
    assert statistics.sign_flip_p(shuffled) == statistics.sign_flip_p(values)
    assert statistics.sign_flip_p([-4 * value for value in values]) == statistics.sign_flip_p(values)


@pytest.mark.parametrize("n", [1, 2, 5, 10, 21, 40])
def test_equal_signs_reach_the_smallest_p(n: int) -> None:
    assert statistics.sign_flip_p([0.3] * n) == 2 / 2**n


def test_above_the_exact_size_p_is_estimated() -> None:
    values = np.random.default_rng(1).normal(0.3, 1, size=60)
    expected = stats.ttest_1samp(values, 0).pvalue
    assert statistics.sign_flip_p(values) == pytest.approx(expected, abs=0.01)


def test_no_values_no_p_and_no_difference_p_one() -> None:
    assert np.isnan(statistics.sign_flip_p([]))
    assert statistics.sign_flip_p([0, 0, 0]) == 1


@given(st.lists(finite, min_size=2, max_size=30).filter(lambda v: np.ptp(v) > 0.01))
def test_t_interval_is_scipys(values: list[float]) -> None:
    expected = stats.ttest_1samp(values, 0).confidence_interval()
    assert statistics.t_interval(values) == pytest.approx((expected.low, expected.high), rel=1e-6, abs=1e-9)


def test_the_last_digits_decide_nothing() -> None:
    """Coverages are counts: many sign patterns have equal sums, and equal differences have no spread."""
    vanilla = np.array([0.137, 0.142, 0.131, 0.139, 0.144, 0.135, 0.141, 0.138])
    counted = np.array([3, -1, 4, 1, -5, 9, 2, 6]) / 1000
    signs = np.random.default_rng(0).choice([-1e-12, 1e-12], size=(20, 2, 8))
    p = {statistics.sign_flip_p((vanilla + counted) * (1 + a) - vanilla * (1 + b)) for a, b in signs}
    assert p == {brute_force([3, -1, 4, 1, -5, 9, 2, 6])}
    for a, b in signs:
        low, high = statistics.t_interval((vanilla + 0.0025) * (1 + a) - vanilla * (1 + b))
        assert low == high == pytest.approx(0.0025, rel=1e-9)


def test_one_seed_has_no_interval() -> None:
    assert np.isnan(statistics.t_interval([1.0])).all()


def test_holm_worked_example() -> None:
    assert statistics.holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_lies_between_raw_and_bonferroni_and_keeps_order(p: list[float]) -> None:
    adjusted = statistics.holm(p)
    assert (adjusted >= np.array(p)).all()
    assert (adjusted <= np.minimum(np.array(p) * len(p), 1) + 1e-12).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= 0).all()


def test_a_missing_p_is_no_test() -> None:
    assert statistics.holm([0.02, np.nan]) == pytest.approx([0.02, np.nan], nan_ok=True)

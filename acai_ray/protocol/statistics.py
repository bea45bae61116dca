"""Statistics of paired differences: few seeds, no assumption that is not stated."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

LEVEL = 0.05
"""A difference is decided where its adjusted p is at most this."""

EXACT_PAIRS = 40
"""Up to this many pairs the sign-flip p is exact, above it a Monte-Carlo estimate."""

MONTE_CARLO_DRAWS = 100_000

ROUNDING = 1e-9
"""What is smaller than this share of the numbers it was computed from is rounding.

A difference of two numbers has some 1e-16 of them as error, which is 1e-12 or more of a small difference; metrics that
count, such as coverage, give differences that are equal but for it.
"""

Values = Sequence[float] | npt.NDArray[np.float64]


def t_interval(differences: Values, confidence: float = 0.95) -> tuple[float, float]:
    """Student-t interval of the mean with n − 1 degrees of freedom; NaN below two values, no width for equal ones."""
    from scipy.special import stdtrit

    values = np.asarray(differences, dtype=float)
    if values.size < 2:
        return float("nan"), float("nan")
    quantile = float(stdtrit(values.size - 1, (1 + confidence) / 2))
    varies = np.ptp(values) > ROUNDING * np.abs(values).max()
    half_width = quantile * float(values.std(ddof=1)) / values.size**0.5 if varies else 0.0
    return float(values.mean()) - half_width, float(values.mean()) + half_width


def sign_flip_p(differences: Values) -> float:
    """Two-sided p of the sign-flip test of mean zero: the share of the 2ⁿ sign patterns with as large a |sum|.

    Exact up to `EXACT_PAIRS` values (the patterns of both halves meet in the middle), above it estimated from
    `MONTE_CARLO_DRAWS` patterns of a fixed generator, the observed pattern counted among them. NaN without values.
    """
    values = np.asarray(differences, dtype=float)
    if values.size == 0:
        return float("nan")
    threshold = abs(values.sum()) - ROUNDING * np.abs(values).sum()  # equal sums count, however they were rounded
    if threshold <= 0:
        return 1.0
    if values.size > EXACT_PAIRS:
        return _sampled_p(values, threshold)
    half = values.size // 2
    left, right = _signed_sums(values[:half]), np.sort(_signed_sums(values[half:]))
    one_tail = int((right.size - np.searchsorted(right, threshold - left)).sum())
    return float(2 * one_tail / 2.0**values.size)


def _signed_sums(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    sums = np.zeros(1)
    for value in values:
        sums = np.concatenate([sums + value, sums - value])
    return sums


def _sampled_p(values: npt.NDArray[np.float64], threshold: float) -> float:
    generator = np.random.default_rng(0)
    as_large = 0
    for _ in range(0, MONTE_CARLO_DRAWS, 1000):
        signs = generator.choice([-1.0, 1.0], size=(1000, values.size))
        as_large += int((np.abs(signs @ values) >= threshold).sum())
    return (1 + as_large) / (1 + MONTE_CARLO_DRAWS)


def smallest_p(n: int) -> float:
    """The smallest two-sided sign-flip p that n pairs can reach, 2/2ⁿ."""
    return min(1.0, 2.0 ** (1 - n))


def family_capacity(n: int) -> int:
    """How many tests of n pairs each one Holm family can hold: the largest m with m · 2/2ⁿ ≤ `LEVEL`."""
    return int(LEVEL * 2 ** (n - 1)) if n > 0 else 0


def seeds_needed(tests: int) -> int:
    """The fewest seeds that carry a Holm family of that many tests."""
    return next(n for n in range(1, 1024) if family_capacity(n) >= tests)


def holm(p_values: Values) -> npt.NDArray[np.float64]:
    """Holm's adjusted p-values in the order given; a NaN is no test: it stays NaN and does not count."""
    p = np.asarray(p_values, dtype=float)
    adjusted = np.full(p.shape, np.nan)
    tests = np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return adjusted


def correlation(a: Values, b: Values) -> float:
    """Pearson's correlation; NaN below three pairs or where one side does not vary."""
    x, y = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    if x.size < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return float("nan")
    return float(np.corrcoef(x, y)[0, 1])

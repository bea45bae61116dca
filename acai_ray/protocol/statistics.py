"""Statistics of paired differences: few folds or seeds, no assumption that is not stated."""

from collections.abc import Sequence
from dataclasses import dataclass

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

Floats = npt.NDArray[np.float64]
Values = Sequence[float] | Floats


@dataclass(frozen=True)
class Estimate:
    """Means of several tests with their standard errors; NaN where a test has too few values.

    Attributes:
        mean: `(N,)`.
        error: `(N,)` standard errors of the means.
        freedom: `(N,)` degrees of freedom of Student's t.
    """

    mean: Floats
    error: Floats
    freedom: Floats

    def put(self, place: int, other: "Estimate") -> None:
        """Replace one test's estimate by that of the only test of `other`, unless that has no mean."""
        if np.isfinite(other.mean[0]):
            self.mean[place], self.error[place], self.freedom[place] = other.mean[0], other.error[0], other.freedom[0]

    def interval(self, confidence: float = 0.95) -> tuple[Floats, Floats]:
        """Both ends of Student's t interval."""
        from scipy.special import stdtrit

        half = stdtrit(self.freedom, (1 + confidence) / 2) * self.error
        return self.mean - half, self.mean + half

    def p_of_zero(self) -> Floats:
        """Two-sided p of a mean of zero; without any spread it is 1 for a mean of zero and else 0."""
        return 2 * self._tail(np.abs(self.mean))

    def p_of_equivalence(self, margin: Floats) -> Floats:
        """The larger p of the two one-sided tests that the mean lies beyond ± `margin` (Schuirmann 1987)."""
        return self._tail(margin - np.abs(self.mean))

    def _tail(self, distance: Floats) -> Floats:
        """The probability of a t larger than this distance over the standard error."""
        from scipy.special import stdtr

        exact = np.where(distance > 0, 0.0, np.where(distance < 0, 1.0, 0.5))
        with np.errstate(divide="ignore", invalid="ignore"):
            tail = np.where(self.error > 0, stdtr(self.freedom, -distance / self.error), exact)
        return np.where(np.isfinite(self.error), tail, np.nan)


def estimate_over_folds(values: Floats) -> Estimate:
    """The mean over folds with K − 1 degrees of freedom.

    Args:
        values: `(N, K)`, the difference of each test and fold; NaN where a test lacks a fold.
    """
    known = np.isfinite(values)
    count = known.sum(axis=1)
    filled = np.where(known, values, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = filled.sum(axis=1) / count
        deviation = np.where(known, values - mean[:, None], 0.0)
        error = np.sqrt(np.square(deviation).sum(axis=1) / (count - 1) / count)
    largest = np.abs(filled).max(axis=1, initial=0.0)
    varies = np.abs(deviation).max(axis=1, initial=0.0) > ROUNDING * largest
    error = np.where(count < 2, np.nan, np.where(varies, error, 0.0))
    return Estimate(mean, error, np.where(count < 2, np.nan, count - 1.0))


def estimate_people_by_seeds(values: Floats) -> Estimate:
    """The mean over people and seeds, both random: a two-way analysis of variance without interaction.

    The mean's variance is (MS_people + MS_seeds − MS_rest) / (P·S) with Satterthwaite's degrees of freedom. Where the
    rest is so large by chance that this falls below the share of people or of seeds alone, the larger of them is taken.

    Args:
        values: `(P, S)`, the difference of each person and seed; without spread in either there is no standard error.
    """
    people, seeds = values.shape
    nothing = np.full(1, np.nan)
    mean = np.full(1, values.mean()) if values.size else nothing
    if people < 2 or seeds < 2:
        return Estimate(mean, nothing, nothing.copy())
    by_person, by_seed = values.mean(axis=1), values.mean(axis=0)
    rest = values - by_person[:, None] - by_seed[None] + mean[0]
    degrees = np.array([people - 1, seeds - 1, (people - 1) * (seeds - 1)], dtype=float)
    squares = [seeds * np.square(by_person - mean[0]).sum(), people * np.square(by_seed - mean[0]).sum()]
    of_people, of_seeds, of_rest = np.array([*squares, np.square(rest).sum()]) / degrees
    total = max(of_people + of_seeds - of_rest, of_people, of_seeds)
    if total <= (ROUNDING * np.abs(values).max()) ** 2:
        return Estimate(mean, np.zeros(1), np.full(1, degrees[:2].min()))
    freedom = total**2 / (np.square([of_people, of_seeds, of_rest]) / degrees).sum()
    return Estimate(mean, np.full(1, (total / values.size) ** 0.5), np.full(1, max(1.0, freedom)))


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


def holm(p_values: Values) -> npt.NDArray[np.float64]:
    """Holm's adjusted p-values in the order given; a NaN is no test: it stays NaN and does not count."""
    p = np.asarray(p_values, dtype=float)
    adjusted = np.full(p.shape, np.nan)
    tests = np.flatnonzero(~np.isnan(p))
    order = tests[np.argsort(p[tests], kind="stable")]
    factors = np.arange(order.size, 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(factors * p[order]), 1.0)
    return adjusted

"""The rule of a verdict: what the paired differences of one test show, and for which reason."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from acai_ray.protocol.statistics import LEVEL, family_capacity, smallest_p


class Word(StrEnum):
    """What a test says of ACAI; the value stands in the column `verdict` of a family's tests."""

    BETTER = "better"
    WORSE = "worse"
    INCONCLUSIVE = "inconclusive"

    @property
    def decided(self) -> bool:
        """Whether there is a difference, in either direction."""
        return self in (Word.BETTER, Word.WORSE)


class Reason(StrEnum):
    """Why a verdict is what it is; the value stands in the column `reason` of a family's tests.

    A category holds no number, so that tests of different metrics can be counted by it. The numbers of one test are in
    its `PairedTest`.
    """

    BEYOND_MARGIN = "beyond_margin"
    """The adjusted p is small enough, and the mean difference exceeds the margin and the chaos floor."""
    NO_PAIRS = "no_pairs"
    """No pair of runs has the metric."""
    BELOW_CHAOS_FLOOR = "below_chaos_floor"
    """There is a difference beyond the margin, but no larger than what a λ without effect changes."""
    BELOW_MARGIN = "below_margin"
    """There is a difference, but it is no larger than the margin."""
    WITHIN_MARGIN = "within_margin"
    """No difference was shown, and the whole interval lies within the margin."""
    TOO_FEW_SEEDS = "too_few_seeds"
    """So few pairs cannot reach a p of at most `LEVEL`, whatever they show."""
    NOT_SIGNIFICANT = "not_significant"
    """p is above `LEVEL` before any adjustment."""
    TOO_FEW_SEEDS_FOR_FAMILY = "too_few_seeds_for_family"
    """p is as small as it can be with so few pairs, and the family has more tests than that can carry."""
    NOT_SIGNIFICANT_AFTER_ADJUSTMENT = "not_significant_after_adjustment"
    """p is at most `LEVEL` alone, but not after Holm's adjustment."""


@dataclass(frozen=True)
class PairedTest:
    """What the rule looks at: the paired differences of one metric in one cell, and the family of the test.

    Attributes:
        better: which direction of the metric is better.
        n: pairs that have the metric; where it is 0, the numbers from `mean` to `p_adjusted` are NaN.
        mean: the mean difference ACAI − vanilla, in the metric's unit, as are `low`, `high`, `margin` and `chaos`.
        low: the lower end of the 95 % interval of the mean; NaN below two pairs.
        high: the upper end.
        p: of the sign-flip test.
        p_adjusted: p after Holm's adjustment.
        margin: the difference that matters.
        chaos: the chaos floor at this latent size; NaN where it was not measured.
        family_size: how many tests share the Holm family.
    """

    better: Literal["lower", "higher"]
    n: int
    mean: float
    low: float
    high: float
    p: float
    p_adjusted: float
    margin: float
    chaos: float
    family_size: int

    @property
    def capacity(self) -> int:
        """How many tests of so many pairs one Holm family can hold."""
        return family_capacity(self.n)


@dataclass(frozen=True)
class Verdict:
    """What a test says, why, and the numbers it says it from."""

    word: Word
    reason: Reason
    test: PairedTest


def decide(test: PairedTest) -> Verdict:
    """Apply the rule: better or worse needs an adjusted p of at most `LEVEL` and a mean beyond margin and chaos floor.

    A chaos floor that was not measured (NaN) stands in no verdict's way.
    """
    reason = _reason(test)
    if reason is not Reason.BEYOND_MARGIN:
        return Verdict(Word.INCONCLUSIVE, reason, test)
    is_better = (test.mean < 0) == (test.better == "lower")
    return Verdict(Word.BETTER if is_better else Word.WORSE, reason, test)


def _reason(test: PairedTest) -> Reason:
    if test.n == 0:
        return Reason.NO_PAIRS
    if test.p_adjusted > LEVEL:
        return _why_not_significant(test)
    if abs(test.mean) <= test.margin:
        return Reason.BELOW_MARGIN
    return Reason.BELOW_CHAOS_FLOOR if abs(test.mean) <= test.chaos else Reason.BEYOND_MARGIN


def _why_not_significant(test: PairedTest) -> Reason:
    if -test.margin <= test.low and test.high <= test.margin:
        return Reason.WITHIN_MARGIN
    if smallest_p(test.n) > LEVEL:
        return Reason.TOO_FEW_SEEDS
    if test.p > LEVEL:
        return Reason.NOT_SIGNIFICANT
    # Only a test whose p could not be smaller failed for want of seeds; another one might have had a smaller p.
    if test.capacity < test.family_size and test.p <= smallest_p(test.n):
        return Reason.TOO_FEW_SEEDS_FOR_FAMILY
    return Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT

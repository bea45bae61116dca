"""The words of a verdict, and the reasons for them."""

from enum import StrEnum


class Word(StrEnum):
    """What a test says of ACAI; the value stands in the column `verdict` of a family's tests."""

    BETTER = "better"
    WORSE = "worse"
    EQUIVALENT = "equivalent"
    """There is no difference that matters."""
    UNDECIDED = "undecided"

    @property
    def differs(self) -> bool:
        """Whether there is a difference that matters, in either direction."""
        return self in (Word.BETTER, Word.WORSE)


class Reason(StrEnum):
    """Why a verdict is what it is; the value stands in the column `reason` of a family's tests.

    A category holds no number, so that tests of different metrics can be counted by it. The numbers of one test are in
    its row.
    """

    BEYOND_MARGIN = "beyond_margin"
    """The adjusted p is small enough, and the mean difference exceeds the margin and the chaos floor."""
    WITHIN_MARGIN = "within_margin"
    """The adjusted p of equivalence is small enough: the difference is smaller than the margin."""
    NO_PAIRS = "no_pairs"
    """No pair of runs has the metric of any person."""
    TOO_FEW_PEOPLE = "too_few_people"
    """There is one fold, and in it one person: nothing tells how people differ."""
    TOO_FEW_SEEDS = "too_few_seeds"
    """There is one fold, and in it one seed for all people: nothing tells how training runs differ."""
    BELOW_CHAOS_FLOOR = "below_chaos_floor"
    """There is a difference beyond the margin, but no larger than what a λ without effect changes."""
    BELOW_MARGIN = "below_margin"
    """There is a difference, but neither is it beyond the margin nor is it shown to be within it."""
    NOT_SIGNIFICANT = "not_significant"
    """p is above `statistics.LEVEL` before any adjustment."""
    NOT_SIGNIFICANT_AFTER_ADJUSTMENT = "not_significant_after_adjustment"
    """p is at most `statistics.LEVEL` alone, but not after Holm's adjustment."""

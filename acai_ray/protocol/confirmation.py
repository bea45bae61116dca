"""The rules of a confirmation: what may be confirmed, by which names, and on which seeds."""

from collections.abc import Iterable
from enum import StrEnum

RECONSTRUCTION_ALLOWANCE = 1.10
"""A balanced or a strong pick reconstructs with at most this multiple of its vanilla twin's error."""

FRESH_SEED = 10_000
"""The first seed of a confirmation; a search uses 0, 1, 2, …"""


class Pick(StrEnum):
    """What is confirmed at each latent size; the names of a trial stand in the column `pick` of the table `runs`.

    Cost is the reconstruction error minus the twin's, gain the twin's path bone excess minus the trial's, both in mm,
    on validation people and as means over the seeds of the search. `sweep.picks` has the exact rules.
    """

    FREE = "free"
    """The largest gain whose cost is at most the margin of the primary metric reconstruction."""
    BALANCED = "balanced"
    """The knee of the front of cost and gain: where more gain begins to cost more."""
    STRONG = "strong"
    """The best mean rank over the objectives other than reconstruction, within `RECONSTRUCTION_ALLOWANCE`."""


def joined(picks: Iterable[Pick]) -> str:
    """The names of a trial that was picked under each of them: `free+strong`; empty for none."""
    return "+".join(picks)


def named(text: str) -> tuple[Pick, ...]:
    """The picks in a text of `joined`.

    Raises:
        ValueError: one of its names is no pick.
    """
    return tuple(Pick(name) for name in text.split("+") if text)

"""Where two texts differ by more than the rounding of their numbers."""

import re
from itertools import zip_longest
from typing import Final

from acai_ray.analysis.check.rounding import Agree

NUMBER: Final = re.compile(
    r"(?<![\w#])[-−+]?(?:\d{1,3}(?:,\d{3}){1,9}|\d{1,99})(?:\.\d{1,99})?(?:[eE][-−+]?\d{1,3})?(?=p[tx]\b|\W|$)"
)
"""A number as a reader sees it, also before `pt` and `px`; digits within a word or a colour as `#1b1f24` are none.

Its length is bounded, so that whatever a stranger's file holds can be calculated with.
"""

FIELD: Final = re.compile(r"(?<![\w#])[-+]?\d{1,99}(?:\.\d{1,99})?(?:[eE][-+]?\d{1,3})?(?=\W|$)")
"""The same between the commas of a CSV file."""

_SHOWN = 40
"""So many characters of a difference are quoted."""


def difference(written: str, made: str, agree: Agree, number: re.Pattern[str] = NUMBER) -> tuple[int, str] | None:
    """The first place where two texts differ: its offset in `written`, and what stands there; None where none is.

    Everything but the numbers must be the same; numbers must `agree`.
    """
    if written == made:
        return None
    offset = 0
    for (word, shown), (true_word, true) in zip_longest(
        _split(written, number), _split(made, number), fillvalue=("", "")
    ):
        if word != true_word:
            start = _common(word, true_word)
            return offset + start, _reads(word[start:] + shown, true_word[start:] + true)
        offset += len(word)
        if shown != true and not (shown and true and agree(shown, true)):
            return offset, f"has {shown or 'nothing'}, but the tables give {true or 'nothing'}"
        offset += len(shown)
    return None


def line_of(text: str, offset: int) -> str:
    """`line 12`: where an offset is."""
    return f"line {text.count(chr(10), 0, offset) + 1}"


def _split(text: str, number: re.Pattern[str]) -> list[tuple[str, str]]:
    """The words before each number, and the number; at last the words after all, with no number."""
    pairs, end = [], 0
    for match in number.finditer(text):
        pairs.append((text[end : match.start()], match[0]))
        end = match.end()
    return [*pairs, (text[end:], "")]


def _reads(text: str, true: str) -> str:
    shown, given = quoted(text), quoted(true)
    return f"reads {shown}, but the tables give {given}" if shown != given else "reads otherwise"


def _common(one: str, other: str) -> int:
    """Where the word begins in which two texts differ first."""
    same = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return max((one.rfind(mark, 0, same) for mark in ' \n>"'), default=-1) + 1


def quoted(text: str) -> str:
    """The beginning of a text, on one line and between quotation marks."""
    line = " ".join(text[: 2 * _SHOWN].split())
    return f"“{line[:_SHOWN]}{'…' if len(line) > _SHOWN else ''}”"

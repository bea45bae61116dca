"""Sentences with citations, made of values that may be missing or odd."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from acai_ray.analysis.wording import clean, joined, number

MOST_LISTED = 10
"""Of more numbers only the first, the last and how many there are."""

LONGEST = 2000
"""A text from a study is cut after so many characters."""


@dataclass(frozen=True)
class Sentence:
    """A sentence and the citation keys of `references.REFERENCES` it stands on."""

    text: str
    cites: tuple[str, ...] = ()


@dataclass(frozen=True)
class Methods:
    """Paragraphs by title."""

    paragraphs: Mapping[str, list[Sentence]]

    @property
    def cited(self) -> list[str]:
        """The citation keys in the order of their first use."""
        return list(dict.fromkeys(key for said in self.paragraphs.values() for one in said for key in one.cites))


def say(template: str, cites: Iterable[str] = (), **values: object) -> list[Sentence]:
    """The sentence with its values; none where one of them is unknown or is no text and no number."""
    known = {name: plain(value) for name, value in values.items()}
    return [Sentence(template.format(**known), tuple(cites))] if all(known.values()) else []


def plain(value: object) -> str:
    """A text or a number as text; empty for anything else."""
    if isinstance(value, str):
        return clean(value.strip())[:LONGEST]
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return ""
    return f"{value:,}" if isinstance(value, int) else number(value)


def listed(values: Iterable[Any], word: str = "and") -> str:
    """`a, b and c`; of many the first and the last."""
    texts = [text for text in map(plain, values) if text]
    if len(texts) > MOST_LISTED:
        return f"{texts[0]} to {texts[-1]} ({len(texts)} values)"
    return joined(texts, word)

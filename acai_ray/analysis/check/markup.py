"""HTML and SVG compared by what they say: text and structure, places in drawings, pictures, the page's data."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from acai_ray.analysis.check import page_data, pictures, texts
from acai_ray.analysis.check.rounding import Agree, drawn

_PARTS: Final = re.compile(
    r"""(?P<data>(?<=<script\ type="application/json"\ id="page-data">).*?(?=</script>))
    |(?P<code><script>.*?</script>|<style>.*?</style>)
    |(?P<picture>(?<=data:image/png;base64,)[\w+/=]+)
    |(?P<name>(?:(?<=\sid=")|(?<=href="\#)|(?<=url\(\#)|(?<=\saria-labelledby="))[\w.:-]+)
    |(?P<place>\s(?:d|x|y|width|height|viewBox|transform|points)="[^"<>]*")""",
    re.DOTALL | re.VERBOSE,
)
"""What is not compared as text. Which part is of which kind follows from the page that the tables give: the written one
must have the same parts, and the same characters around them."""


@dataclass(frozen=True)
class _Part:
    """A piece of markup: its kind, `text` or a group of `_PARTS`, its characters and where they begin."""

    kind: str
    text: str
    offset: int


@dataclass
class _Names:
    """Which id of one file stands for which of the other.

    Ids are counters and hashes, of coordinates to their last digit. What they are called says nothing; which elements
    belong together does, so each stands for one and the same other wherever it is.
    """

    others: dict[str, str] = field(default_factory=dict)
    ones: dict[str, str] = field(default_factory=dict)

    def agree(self, one: str, other: str) -> bool:
        return self.others.setdefault(one, other) == other and self.ones.setdefault(other, one) == one


def difference(written: str, made: str, printed: Agree) -> str:
    """The first place where two HTML or SVG files say something else; empty where there is none.

    Args:
        written: the file found.
        made: what the tables give.
        printed: whether two numbers of the text say the same.
    """
    names, end = _Names(), _Part("end", "", len(written))
    for part, true in zip_longest(_parts(written), _parts(made), fillvalue=end):
        offset, what = _between(part, true, names, printed)
        if what:
            return f"{texts.line_of(written, part.offset + offset)} {what}"
    return ""


def _parts(markup: str) -> Iterator[_Part]:
    """All of it, in order: text and what is not text in turn."""
    offset = 0
    for match in _PARTS.finditer(markup):
        yield _Part("text", markup[offset : match.start()], offset)
        yield _Part(str(match.lastgroup), match[0], match.start())
        offset = match.end()
    yield _Part("text", markup[offset:], offset)


def _between(part: _Part, true: _Part, names: _Names, printed: Agree) -> tuple[int, str]:
    """Where within a part, and in what words, it differs from what it must be; no words where it does not."""
    if part.kind != true.kind:
        return 0, f"has {texts.quoted(part.text)}, but the tables give {texts.quoted(true.text)}"
    if part.kind == "name":
        return 0, "" if names.agree(part.text, true.text) else f"refers to {part.text}, which is another element"
    if part.text == true.text:
        return 0, ""
    if part.kind == "code":
        return 0, "has a script or style that is not this program's"
    if part.kind == "picture":
        return 0, pictures.between_png(*(base64.b64decode(each.text) for each in (part, true)))
    if part.kind == "data":
        return 0, page_data.difference(part.text, true.text)
    return texts.difference(part.text, true.text, drawn if part.kind == "place" else printed) or (0, "")

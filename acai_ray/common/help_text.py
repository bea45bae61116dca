"""The help of a command: its paragraphs fill the terminal's width, and its lists keep their lines."""

import argparse
import re
import textwrap
from collections.abc import Iterator
from itertools import groupby


class HelpFormatter(argparse.HelpFormatter):
    """Fills paragraphs; a line that is indented stays a line of its own, and goes on below its second column."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:  # what argparse itself overrides for raw text
        del indent
        return "\n".join(line for block in _blocks(text) for line in _filled(block, width))


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs each in one line, the lines of lists, and empty lines."""
    for listed, group in groupby(text.strip("\n").split("\n"), lambda line: not line or line.startswith(" ")):
        lines = list(group)
        yield from lines if listed else [" ".join(lines)]


def _filled(block: str, width: int) -> list[str]:
    first = re.match(r" *\S+(?: \S+)* {2,}", block) if block.startswith(" ") else None
    below = first.end() if first and first.end() <= width // 2 else 4 if block.startswith(" ") else 0
    return textwrap.wrap(block, width, subsequent_indent=" " * below, break_on_hyphens=False) or [""]

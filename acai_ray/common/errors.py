"""The error that users read, and how any other exception is described in one line."""

import re
import traceback
from functools import partial
from pathlib import Path
from typing import Any

LONGEST = 600
"""Characters of a library's message that a sentence quotes; a compiler's may fill pages."""

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class UserError(ValueError):
    """A mistake the user can correct; its message is one sentence that names the rule, the value and the remedy.

    Commands print it without a traceback and exit with code 2. It may quote names from a stranger's file, so characters
    that break a line or control a terminal are replaced.
    """

    def __init__(self, message: str) -> None:
        """Args: the sentence."""
        super().__init__(UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", message))


class RuleError(UserError):
    """A mistake whose sentence is made of fields, so that other code can tell two of them apart without reading it.

    Attributes:
        place: the file, or the part of it, that breaks the rule; empty where the rule names it.
        rule: what must hold.
        value: what is the case instead; continues the sentence after "but".
        remedy: what the user can do.
    """

    def __init__(self, place: str, *, rule: str, value: str, remedy: str) -> None:
        """Args: the fields; the sentence is made here and nowhere else."""
        super().__init__(f"{f'{place}: ' if place else ''}{rule}, but {value}; {remedy}")
        self.place, self.rule, self.value, self.remedy = place, rule, value, remedy

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickled as its fields, because Python would call `__init__` with the sentence alone."""
        return partial(type(self), self.place, rule=self.rule, value=self.value, remedy=self.remedy), ()


def one_line(error: BaseException) -> str:
    """What an exception says, in one line and whole, unless that is very long; its kind where it says nothing."""
    said = " ".join(str(error).split()) or type(error).__name__
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} ..."


def describe(error: BaseException) -> str:
    """An exception in one line, with the place it comes from."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {one_line(error)} ({Path(frame.filename).name}:{frame.lineno})"

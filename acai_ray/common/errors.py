"""The error that users read, and how any other exception is described in one line."""

import re
import traceback
from pathlib import Path

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class UserError(ValueError):
    """A mistake the user can correct; its message is one sentence that names the rule, the value and the remedy.

    Commands print it without a traceback and exit with code 2. It may quote names from a stranger's file, so characters
    that break a line or control a terminal are replaced.
    """

    def __init__(self, message: str) -> None:
        """Args: the sentence."""
        super().__init__(UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", message))


def describe(error: BaseException) -> str:
    """An exception in one line, with the place it comes from."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'} ({Path(frame.filename).name}:{frame.lineno})"

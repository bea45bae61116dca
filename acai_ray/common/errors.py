"""What is said when something goes wrong."""

import re
import traceback
from pathlib import Path

UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class UserError(ValueError):
    """A mistake the user can mend; its message is one sentence that names the rule, the value and the remedy.

    Commands print it without a traceback and exit with code 2. Names from a file may be in it, so it never holds what
    would break the line or steer a terminal.
    """

    def __init__(self, message: str) -> None:
        """Args: the sentence."""
        super().__init__(UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", message))


def describe(error: BaseException) -> str:
    """An exception in one line, with the place it comes from."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'} ({Path(frame.filename).name}:{frame.lineno})"

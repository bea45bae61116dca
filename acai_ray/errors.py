"""What is said when something goes wrong."""

import traceback
from pathlib import Path


class UserError(ValueError):
    """A mistake the user can mend; its message is one sentence that names the rule, the value and the remedy.

    Commands print it without a traceback and exit with code 2.
    """


def describe(error: BaseException) -> str:
    """An exception in one line, with the place it comes from."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0] if lines else 'no message'} ({Path(frame.filename).name}:{frame.lineno})"

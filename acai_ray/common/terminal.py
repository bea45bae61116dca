"""Standard output as a terminal, or as wide plain text elsewhere."""

import sys
from io import TextIOWrapper

from rich.console import Console

PLAIN_WIDTH = 200


def console() -> Console:
    """Standard output: wide and plain where it is no terminal; a letter it cannot show becomes a question mark."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    output = Console(highlight=False, markup=False, emoji=False)
    return output if output.is_terminal else Console(highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH)

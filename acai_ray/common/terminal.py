"""Standard output as a terminal, or as wide plain text elsewhere."""

from rich.console import Console

from acai_ray.common import letters

PLAIN_WIDTH = 200


def console() -> Console:
    """Standard output: wide and plain where it is no terminal; a sign it cannot show is substituted."""
    letters.use_those_of_the_terminal()
    output = Console(highlight=False, markup=False, emoji=False)
    return output if output.is_terminal else Console(highlight=False, markup=False, emoji=False, width=PLAIN_WIDTH)

"""The natural order of file names, in which numbers count by their value."""

import re


def natural(name: str) -> list[str | int]:
    """A key for sorting that puts `take 2` before `take 10`."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"([0-9]+)", name))]

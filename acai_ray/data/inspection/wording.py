"""Singular and plural in the sentences of an inspection."""


def agreeing(count: int, one: str, many: str) -> str:
    """The word that goes with a count: `is` with 1 and `are` with any other."""
    return one if count == 1 else many


def counted(count: int, one: str, many: str) -> str:
    """A count and what is counted: `1 person`, `1,200 people`."""
    return f"{count:,} {agreeing(count, one, many)}"


def share_of_people(some: int, everybody: int) -> str:
    """So many of all people: `1 of 8 people`."""
    return f"{some} of {counted(everybody, 'person', 'people')}"

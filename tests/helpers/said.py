"""What a command said on standard error."""


def complaints(said: str) -> list[str]:
    """Its lines, but for those that only say what the command does."""
    return [line for line in said.splitlines() if not line.endswith(" ...")]

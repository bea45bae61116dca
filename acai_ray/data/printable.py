"""Text from files, made safe to print and to draw."""


def printable(text: object) -> str:
    """The text with `�` in the place of each character that could break the line or steer a terminal."""
    return "".join(letter if letter.isprintable() else "�" for letter in str(text))

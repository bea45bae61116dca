"""Our own signs in the letters of a terminal: one that knows ASCII alone shows `lambda` for λ, and `^` for ▲."""

import codecs
import sys
import unicodedata
from io import TextIOWrapper

HANDLER = "acai_ray.plain"
"""The name by which Python knows `_substitute`."""

PLAIN = {
    "▲": "^",
    "▼": "v",
    "−": "-",
    "–": "-",
    "—": "-",
    "·": ".",
    "×": "x",
    "±": "+-",
    "→": "->",
    "≤": "<=",
    "≥": ">=",
    "⁄": "/",
    "°": " deg",
    "λ": "lambda",
    "√": "sqrt ",
    "‖": "||",
    "‘": "'",
    "’": "'",
    "“": '"',
    "”": '"',
}
"""By a sign that ASCII lacks, what stands for it.

Other Greek letters are called by their names (Unicode's own name of λ is "lamda"), the rest loses its accents, or
becomes a question mark.
"""


def use_those_of_the_terminal() -> None:
    """Let standard output and standard error show what their encoding lacks by what stands for it."""
    codecs.register_error(HANDLER, _substitute)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=HANDLER)


def shown(text: str, encoding: str) -> str:
    """A text as a terminal of this encoding shows it; for tables, whose columns must be as wide as what is shown."""
    codecs.register_error(HANDLER, _substitute)
    return text.encode(encoding, HANDLER).decode(encoding)


def _substitute(error: UnicodeError) -> tuple[str, int]:
    assert isinstance(error, UnicodeEncodeError), "only what is written is substituted"
    return "".join(map(_plain, error.object[error.start : error.end])), error.end


def _plain(sign: str) -> str:
    if sign in PLAIN:
        return PLAIN[sign]
    parts = unicodedata.normalize("NFKD", sign)
    letters = "".join(_spelled(part) for part in parts if not unicodedata.combining(part))
    return letters if letters.isascii() else "?"


def _spelled(part: str) -> str:
    greek, _, name = unicodedata.name(part, "").partition(" LETTER ")
    return name.lower() if greek.startswith("GREEK ") else PLAIN.get(part, part)

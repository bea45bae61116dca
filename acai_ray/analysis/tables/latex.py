"""Text and tables as LaTeX that compiles whatever a study holds."""

import re
import textwrap
from collections.abc import Sequence
from functools import lru_cache

from pylatexenc.latexencode import UnicodeToLatexEncoder

from acai_ray.analysis.tables.table import Table
from acai_ray.analysis.wording import MISSING, clean

MOST_ROWS = 40
"""A table of more rows runs over several pages."""

COLUMN_CHARACTERS = 52
"""About what fits the width of one of two columns in the size of a footnote."""

PAGE_CHARACTERS = 135
"""About what fits the width of a page in the size of a script; a long table that is wider is turned on its side."""

SIDE_CHARACTERS = 180
"""About what fits the length of a page in the size of a script; the letters of a wider table are smaller still."""

LONG_TEXT = 32
"""A cell of more characters is broken into lines."""

SYMBOLS = {
    "L_rec": r"$L_{\mathrm{rec}}$",
    "L_adv": r"$L_{\mathrm{adv}}$",
    "x̂_α": r"$\hat{x}_\alpha$",
    "x̂": r"$\hat{x}$",
    "2ⁿ": "$2^n$",
    "▲": r"$\bigtriangleup$",
    "▼": r"$\bigtriangledown$",
    "[": "{[}",
}
"""What has a form of its own in mathematics, the longer before what it contains; and a bracket, which would be taken
for an argument after the end of a line."""

NUMBER = re.compile(r"([+−]?)([\d,]+)(?:\.(\d+))?(?:e([+−]\d+))?")
HEADING_CHARACTERS, LONG_HEADING_CHARACTERS = 16, 10
"""A longer heading is broken into lines, in a table on one page and in one on several."""

LINE_BREAK = r"\\"
PACKAGES = r"% needs \usepackage{booktabs,graphicx,longtable,lscape,siunitx}"
BROKEN, NARROW = (rf">{{\raggedright\arraybackslash}}p{{{width}cm}}" for width in (3.6, 2.8))
"""A column of long text, and one of the smallest letters; siunitx brings the package array, which has the `>`."""


_SYMBOL = re.compile("(" + "|".join(map(re.escape, SYMBOLS)) + ")")
_ENCODER = UnicodeToLatexEncoder(
    unknown_char_policy="replace", unknown_char_warning=False, replacement_latex_protection="braces-after-macro"
)


@lru_cache(maxsize=4096)
def escape(text: str) -> str:
    """Any text as LaTeX that prints it; a letter LaTeX does not know becomes a bold question mark."""
    return "".join(
        SYMBOLS[part] if part in SYMBOLS else _ENCODER.unicode_to_latex(part) for part in _SYMBOL.split(clean(text))
    )


def table(shown: Table) -> str:
    r"""A table with rules by booktabs, numbers aligned at their points by siunitx; a longtable where it is long.

    A table that is wider than its place is made smaller, or if it is long, turned on its side and then made smaller. A
    longtable needs one column of text: in a two-column paper it stands in the appendix, after `\onecolumn`.
    """
    long = len(shown.rows) > MOST_ROWS
    width = LONG_HEADING_CHARACTERS if long else HEADING_CHARACTERS
    columns = [_column(texts) for texts in zip(*shown.rows, strict=True)]
    spec = "".join(kind for kind, _ in columns)
    head = " & ".join(_heading(text, width) for text in shown.header) + rf" {LINE_BREAK}"
    body = "\n".join(" & ".join(row) + rf" {LINE_BREAK}" for row in zip(*(cells for _, cells in columns), strict=True))
    caption = rf"\caption{{{escape(shown.caption)}}}\label{{tab:{shown.name}}}"
    most, places = (PAGE_CHARACTERS, ("scriptsize", "landscape")) if long else (COLUMN_CHARACTERS, ("table", "table*"))
    wide = _width(shown, width)
    fields = {"spec": spec, "head": head, "body": body, "caption": caption, "place": places[wide > most]}
    if not long:
        return f"{PACKAGES}\n{_FLOAT % fields}"
    tiny = wide > SIDE_CHARACTERS
    fields |= {"size": "tiny", "spec": spec.replace(BROKEN, NARROW)} if tiny else {"size": "scriptsize"}
    return f"{PACKAGES}\n{_LONG % fields}"


_FLOAT = r"""\begin{%(place)s}
\centering\footnotesize\setlength{\tabcolsep}{3pt}
%(caption)s
\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%%
\begin{tabular}{%(spec)s}
\toprule
%(head)s
\midrule
%(body)s
\bottomrule
\end{tabular}}
\end{%(place)s}
"""

_LONG = r"""\begin{%(place)s}\%(size)s\setlength{\tabcolsep}{2pt}
\begin{longtable}{%(spec)s}
%(caption)s \\
\toprule
%(head)s
\midrule
\endfirsthead
\toprule
%(head)s
\midrule
\endhead
\bottomrule
\endfoot
%(body)s
\end{longtable}
\end{%(place)s}
"""


def _column(texts: Sequence[str]) -> tuple[str, list[str]]:
    """How a column is aligned, and its cells: numbers at the point, or right if one has a power, text at the left."""
    matches = [NUMBER.fullmatch(text) for text in texts if text != MISSING]
    numbers = [match for match in matches if match]
    if not numbers or len(numbers) < len(matches):
        return BROKEN if max(map(len, texts)) > LONG_TEXT else "l", [_text(text) for text in texts]
    if any(match[4] for match in numbers):
        return "r", [rf"\num[retain-explicit-plus]{{{_number(text)}}}" if text != MISSING else "--" for text in texts]
    return f"S[{_format(numbers)}]", [_number(text) for text in texts]


def _text(text: str) -> str:
    r"""A cell; what the `\\` before a row would take for its own argument is kept from it."""
    escaped = escape(text).replace(r"\_", r"\_\allowbreak ")
    return f"{{}}{escaped}" if text.startswith(("[", "*")) else escaped


def _format(numbers: Sequence[re.Match[str]]) -> str:
    """The room the numbers need: a sign, digits before and after the point."""
    sign = "+" if any(match[1] for match in numbers) else ""
    whole = max(len(match[2].replace(",", "")) for match in numbers)
    decimals = max(len(match[3] or "") for match in numbers)
    point = f".{decimals}" if decimals else ""
    return f"table-format={sign}{whole}{point},retain-explicit-plus"


def _number(text: str) -> str:
    return "{--}" if text == MISSING else text.replace("−", "-").replace(",", "")


def _heading(text: str, width: int) -> str:
    """A heading in lines, in braces, because a column of numbers takes text only so."""
    lines = textwrap.wrap(text, width, break_long_words=False)
    escaped = LINE_BREAK.join(map(escape, lines))
    return rf"{{\shortstack[l]{{{escaped}}}}}" if len(lines) > 1 else f"{{{escaped}}}"


def _width(shown: Table, heading_width: int) -> int:
    """The characters of the widest row, a long text in lines, each column's gap counted as two."""
    columns = zip(*shown.rows, strict=True)
    headings = [max(map(len, textwrap.wrap(text, heading_width)), default=0) for text in shown.header]
    widths = [min(max(map(len, texts)), LONG_TEXT) for texts in columns]
    return sum(max(pair) + 2 for pair in zip(headings, widths, strict=True))

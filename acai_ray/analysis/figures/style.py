"""One look for every figure, and its SVG, PNG and PDF bytes."""

import base64
import math
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.markers import TICKDOWN
from matplotlib.ticker import FuncFormatter, NullLocator

from acai_ray.analysis.wording import number
from acai_ray.common import drawing

INK, PAPER, FAINT = drawing.INK, "#fefefe", "#d5d9de"
"""Text, background and grid; in the page they follow its light or dark scheme."""

VANILLA, ACAI, REFERENCE = "#9a7b24", "#2a8bd0", "#b5447a"
"""Distinct for every kind of colour vision, which a test measures."""

ARMS = (ACAI, "#c8501e", "#1f8a6d", "#7a4fb0", "#59636e")
"""The colours of several regularizers in the order of a study, over again after the last."""

ONE_COLUMN, TWO_COLUMNS = 3.3, 7.0
"""The widths of a figure in inches: of one and of both columns of a paper."""

PAGE_HEIGHT = 9.0
"""What a figure must not be taller than, in inches."""

ENLARGED = 1.5
"""How much larger than on paper the page shows a figure."""

LARGEST_VECTOR = 1_000_000
"""Bytes of an SVG that a page still embeds; a larger one has so many elements that a browser scrolls slowly."""

_DPI = 200
_RC = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 7.0,
    "text.color": INK,
    "text.parse_math": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.facecolor": PAPER,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.titlesize": 7.0,
    "axes.labelsize": 7.0,
    "axes.linewidth": 0.6,
    "axes.titley": 1.0,  # known, it need not be looked for between the ticks
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "grid.color": FAINT,
    "grid.linewidth": 0.4,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.minor.size": 1.5,
    "figure.facecolor": PAPER,
    "legend.frameon": False,
    "legend.fontsize": 6.5,
    "legend.columnspacing": 1.2,
    "pdf.fonttype": 42,  # TrueType, which journals ask for
    "svg.fonttype": "none",
    "svg.hashsalt": "acai-ray",
}


@contextmanager
def styled() -> Iterator[None]:
    """The look, within the block."""
    with mpl.rc_context(_RC):
        yield


def panels(rows: int, columns: int, *, height: float, share_y: bool = False) -> tuple[Figure, list[list[Axes]]]:
    """A figure with a grid of axes, laid out without overlap: as wide as a column, of several panels as wide as two.

    Args:
        rows: of panels.
        columns: of panels.
        height: of a row, in inches.
        share_y: whether the panels of a row have one y axis.
    """
    width = ONE_COLUMN if columns == 1 else TWO_COLUMNS
    figure = Figure(figsize=(width, height * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, sharey="row" if share_y else False)
    return figure, [list(row) for row in axes]


def laid_out(draw: Callable[[], Figure | None]) -> Figure | None:
    """Draw a figure in this look, laid out once for all the files made of it."""
    with styled():
        figure = draw()
        engine = figure.get_layout_engine() if figure is not None else None
        if figure is not None and engine is not None:
            engine.execute(figure)
            figure.set_layout_engine(None)
    return figure


def shades(n: int) -> list[tuple[float, ...]]:
    """`n` ordered colours, readable on light and dark and with every kind of colour vision."""
    spread = [0.15 + 0.7 * i / max(n - 1, 1) for i in range(n)]
    return [tuple(mpl.colormaps["viridis"](value)) for value in spread]


def logarithmic_x(ax: Axes) -> None:
    """A logarithmic x axis with plain numbers; to be called when all data is drawn.

    Its minor ticks are one line of marks: as ticks, each of several artists, they cost most of a figure's time.
    """
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 3)))
    low, high = ax.get_xlim()
    places = [place for place in ax.xaxis.get_minorticklocs() if low <= place <= high]
    ax.xaxis.set_minor_locator(NullLocator())
    marks = Line2D(places, [0.0] * len(places), transform=ax.get_xaxis_transform(), linestyle="none", clip_on=False)
    marks.set(marker=TICKDOWN, markersize=mpl.rcParams["xtick.minor.size"], color=INK)
    marks.set_markeredgewidth(mpl.rcParams["xtick.minor.width"])
    marks.set_in_layout(False)  # without a mark its place is the figure's corner
    ax.add_artist(marks)


def wrapped(title: str) -> str:
    """A title in short lines, for an axis that is no longer than they are."""
    return textwrap.fill(title, 16, break_long_words=False)


HANDLE, LETTER = 0.35, 0.045
"""Inches that a legend's sign takes with the space around it, and about what a letter takes."""


def legend_below(figure: Figure, handles: Sequence[Artist], labels: Sequence[str], columns: int = 5) -> None:
    """One legend for all panels, under them, in as many columns as the figure is wide."""
    most = min(len(labels), columns)
    fitting = (n for n in range(most, 1, -1) if _legend_width(labels, n) <= figure.get_figwidth())
    figure.legend(handles, labels, loc="outside lower center", ncols=next(fitting, 1))


def _legend_width(labels: Sequence[str], columns: int) -> float:
    """About how many inches a legend takes, whose columns are filled one after the other."""
    rows = math.ceil(len(labels) / columns)
    widest = (max(map(len, labels[first : first + rows])) for first in range(0, len(labels), rows))
    return sum(HANDLE + LETTER * length for length in widest)


def svg(figure: Figure) -> bytes:
    """The figure as SVG, the same bytes for the same numbers."""
    return _saved(figure, "svg", {"Date": None, "Creator": None})


def png(figure: Figure) -> bytes:
    """The figure as PNG."""
    return _saved(figure, "png", {"Software": None})


def pdf(figure: Figure) -> bytes:
    """The figure as PDF without a background, the same bytes for the same numbers."""
    return _saved(figure, "pdf", {"CreationDate": None, "Creator": None, "Producer": None}, transparent=True)


def inline(name: str, vector: bytes, raster: bytes, description: str) -> Markup:
    """Markup to embed in a page: the SVG, or the PNG where the SVG has more than `LARGEST_VECTOR` bytes.

    The rule must not look at the size of the PNG: how well it is compressed depends on the processor.

    Args:
        name: makes the SVG's ids unique within the page.
        vector: what `svg` returned.
        raster: what `png` returned.
        description: read aloud in place of the picture.
    """
    if len(vector) > LARGEST_VECTOR:
        data = base64.b64encode(raster).decode()
        width = round(int.from_bytes(raster[16:20], "big") * 96 / _DPI * ENLARGED)
        return Markup('<img src="data:image/png;base64,{}" width="{}" alt="{}">').format(data, width, description)
    text = vector.decode()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    text = re.sub(r'\sxmlns(:\w+)?="[^"]*"', "", text).replace("xlink:href", "href")
    text = (
        re.sub(r'\bid="', f'id="{name}-', text).replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    )
    for colour, variable in ((INK, "--ink"), (PAPER, "--paper"), (FAINT, "--faint")):
        text = text.replace(colour, f"var({variable})")
    text = re.sub(r'(width|height)="([\d.]+)pt"', _enlarged, text, count=2)
    label = Markup.escape(description)
    return Markup(text.replace("<svg", f'<svg role="img" aria-label="{label}"', 1))  # noqa: S704 - matplotlib escapes its text


def _enlarged(size: re.Match[str]) -> str:
    return f'{size[1]}="{float(size[2]) * ENLARGED:g}pt"'


def _saved(figure: Figure, kind: str, metadata: dict[str, None], *, transparent: bool = False) -> bytes:
    buffer = BytesIO()
    with styled():
        figure.savefig(buffer, format=kind, dpi=_DPI, metadata=metadata, transparent=transparent)
    return buffer.getvalue()

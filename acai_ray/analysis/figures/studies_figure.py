"""The forest plot of several studies: each one's difference and interval, cell by cell."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from acai_ray.analysis.compare.studies import PLACE
from acai_ray.analysis.figures.style import INK, PAGE_HEIGHT, legend_below, panels
from acai_ray.analysis.figures.sweep_figures import evenly
from acai_ray.analysis.wording import cell_label, clean
from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol.primary import PRIMARY, Metric
from acai_ray.protocol.verdicts import Word

COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f7f7f")
"""Okabe and Ito's, for every kind of colour vision, without the two that are faint on white or dark paper."""

MARKERS = "osD^vP<X>*"

MOST_CELLS = 20


def forest(rows: pd.DataFrame, names: Sequence[str]) -> Figure | None:
    """Draw mean and 95 % interval of every study, one panel a primary metric, one row a cell.

    Args:
        rows: what `studies.verdicts` or `studies.shared` returned; of more than `MOST_CELLS` cells, evenly picked.
        names: all studies, in order; each keeps its colour and marker.
    """
    cells = rows_of(rows.drop_duplicates(PLACE)[PLACE])
    shown = evenly(cells, MOST_CELLS)
    if not shown:
        return None
    height = 0.9 + len(shown) * (0.16 + 0.11 * rows["study"].nunique())
    figure, axes = panels(1, len(PRIMARY), height=min(max(1.8, height), PAGE_HEIGHT), share_y=True)
    for ax, metric in zip(axes[0], PRIMARY, strict=True):
        _panel(ax, rows[rows["metric"] == metric.name], metric, shown, names)
    axes[0][0].set_yticks([-float(i) for i in range(len(shown))], [cell_label(cell) for cell in shown])
    axes[0][0].set_ylim(0.5 - len(shown), 0.5)
    present = [name for name in names if (rows["study"] == name).any()]
    looks = [_look(names.index(name)) for name in present]
    handles = [Line2D([], [], markersize=4, linewidth=1, color=colour, marker=marker) for colour, marker in looks]
    legend_below(figure, handles, [clean(name) for name in present])
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, metric: Metric, cells: Sequence[Row], names: Sequence[str]) -> None:
    ax.axvline(0, color=INK, linewidth=0.8)
    present = [name for name in names if (rows["study"] == name).any()]
    heights = {_key(cell): -float(place) for place, cell in enumerate(cells)}
    for row in rows_of(rows[rows["n"] > 0]):
        if _key(row) in heights:
            shift = 0.7 * ((present.index(row["study"]) + 0.5) / len(present) - 0.5)
            _estimate(ax, row, heights[_key(row)] - shift, names.index(row["study"]))
    ax.set(title=f"{metric.title}\n{metric.better} is better", xlabel=_x_label(metric))
    ax.xaxis.set_major_locator(MaxNLocator(4))


def _x_label(metric: Metric) -> str:
    return f"ACAI − vanilla ({metric.unit})" if metric.unit else "ACAI − vanilla"


def _estimate(ax: Axes, row: Row, y: float, study: int) -> None:
    """Filled where the study's own verdict is better or worse, hollow where it is equivalent or undecided."""
    colour, marker = _look(study)
    face = colour if Word(row["verdict"]).differs else "none"
    ax.hlines(y, row["low"], row["high"], color=colour, linewidth=1)
    ax.plot(row["mean"], y, marker=marker, color=colour, markerfacecolor=face, markersize=4)


def _look(study: int) -> tuple[str, str]:
    """Colour and marker."""
    return COLOURS[study % len(COLOURS)], MARKERS[study % len(MARKERS)]


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row[column]) for column in PLACE)

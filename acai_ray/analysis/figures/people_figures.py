"""The figure behind the verdicts: every person's difference, with the mean over folds and its interval."""

import itertools

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.people import by_person
from acai_ray.analysis.figures.style import (
    ACAI,
    ARMS,
    FAINT,
    INK,
    PAGE_HEIGHT,
    PAPER,
    VANILLA,
    legend_below,
    panels,
    wrapped,
)
from acai_ray.analysis.figures.sweep_figures import evenly, margin_band, with_unit
from acai_ray.analysis.wording import cell_label
from acai_ray.common.frames import rows_of
from acai_ray.protocol.primary import PRIMARY

MOST_CELLS = 60
"""At most this many cells are shown, evenly picked by their settings; a table has them all."""

FOLDS_APART = 0.5
"""Height over which the people of a cell's folds are spread, one fold above the other; cells are 1 apart."""


def paired_differences(analysis: Analysis) -> Figure | None:
    """The regularizer − vanilla of every person, with mean and 95 % interval, for each cell of the answer."""
    family = analysis.answer
    if family is None:
        return None
    order = family.tests.drop_duplicates("cell")
    order = order[order["cell"].isin(evenly(list(order["cell"]), MOST_CELLS))]
    place = {cell: -float(i) for i, cell in enumerate(order["cell"])}
    people = by_person(family.differences)
    colours = dict(zip(family.titles, itertools.cycle(ARMS), strict=False))
    height = min(max(1.6, 0.9 + 0.2 * len(order)), PAGE_HEIGHT)
    figure, axes = panels(1, len(PRIMARY), height=height, share_y=True)
    for ax, metric in zip(axes[0], PRIMARY, strict=True):
        dots, tests = (
            frame[(frame["metric"] == metric.name) & frame["cell"].isin(place)] for frame in (people, family.tests)
        )
        _differences(ax, dots, tests, place, colours)
        margin_band(ax.axvspan, analysis.margins[metric.name])
        title = wrapped(metric.title) if len(family.titles) > 1 else metric.title  # their names narrow the panels
        ax.set(title=f"{title}\n{metric.better} is better", xlabel=with_unit(f"{family.arm} − vanilla", metric))
    axes[0][0].set_yticks(list(place.values()), [cell_label(row, family.titles) for row in rows_of(order)])
    several = len(people["fold"].dropna().unique()) > 1
    folds = ["a person, odd fold", "a person, even fold"] if several else ["a person, mean over seeds"]
    handles = [
        *(_dot(number) for number in range(len(folds))),
        Line2D([], [], color=INK, marker="D", markersize=2.2),
        Patch(color=VANILLA, alpha=0.15, linewidth=0),
        Line2D([], [], color=FAINT, linewidth=3.5),
    ]
    legend_below(figure, handles, [*folds, "mean and 95 % interval", "margin", "chaos floor"])
    return figure


def _dot(fold: int) -> Line2D:
    """Filled for folds 1, 3, 5, … as a reader counts them from 1, open for the others."""
    face = PAPER if fold % 2 else ACAI
    return Line2D([], [], color=ACAI, marker="o", markersize=2.2, markerfacecolor=face, linestyle="none")


def _differences(
    ax: Axes, people: pd.DataFrame, tests: pd.DataFrame, place: dict[int, float], colours: dict[str, str]
) -> None:
    ax.axvline(0, color=INK, linewidth=0.8)
    floor, level = tests["chaos"], tests["cell"].map(place).astype(float)
    ax.hlines(level, -floor, floor, color=FAINT, linewidth=3.5, zorder=1)
    fold = people["fold"].fillna(0).astype(int)
    most = max(int(fold.max()), 1) if len(fold) else 1
    spread = FOLDS_APART if len(set(fold)) > 1 else 0.0
    height = people["cell"].map(place).astype(float) + spread * (fold / most - 0.5)
    for odd, (arm, colour) in itertools.product((0, 1), colours.items()):
        rows = (fold % 2 == odd) & (people["arm"] == arm)
        face = PAPER if odd else colour
        ax.plot(
            people.loc[rows, "value"], height[rows], "o", color=colour, markersize=2.2, markerfacecolor=face, alpha=0.7
        )
    tests = tests[tests["n_people"] > 0]
    y = tests["cell"].map(place).astype(float) - 0.4
    ax.hlines(y, tests["low"], tests["high"], color=INK, linewidth=1)
    ax.plot(tests["mean"], y, "D", color=INK, markersize=2.2)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_ylim(min(place.values()) - 0.7, 0.7)

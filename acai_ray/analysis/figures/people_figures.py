"""The figure of differences by person."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.people import METRICS, agreement, by_person
from acai_ray.analysis.figures.style import ACAI, INK, panels
from acai_ray.analysis.figures.sweep_figures import evenly
from acai_ray.analysis.wording import cell_label
from acai_ray.common.frames import rows_of

MOST_CELLS = 30
"""At most this many cells are shown, evenly picked by their settings."""


def people_differences(analysis: Analysis) -> Figure | None:
    """ACAI − vanilla of every person, with the mean over people, a row a cell, a panel a metric."""
    people = by_person(analysis)
    if people.empty:
        return None
    cells = people.drop_duplicates("cell")
    cells = cells[cells["cell"].isin(evenly(list(cells["cell"]), MOST_CELLS))]
    place = {cell: -float(i) for i, cell in enumerate(cells["cell"])}
    people = people[people["cell"].isin(place)]
    metrics = [name for name in METRICS if (people["metric"] == name).any()]
    figure, axes = panels(1, len(metrics), height=max(1.4, 0.9 + 0.15 * len(place)), share_y=True)
    for ax, metric in zip(axes[0], metrics, strict=True):
        dots = people[people["metric"] == metric]
        means = agreement(dots)
        ax.axvline(0, color=INK, linewidth=0.8)
        ax.plot(dots["difference_mm"], dots["cell"].map(place), "o", color=ACAI, markersize=4, alpha=0.6)
        ax.plot(means["mean_mm"], means["cell"].map(place) - 0.25, "D", color=INK, markersize=3)
        ax.set(title=f"{METRICS[metric]}\nlower is better", xlabel="ACAI − vanilla (mm)")
        ax.xaxis.set_major_locator(MaxNLocator(4))
        ax.set_ylim(min(place.values()) - 0.7, 0.7)
    axes[0][0].set_yticks(list(place.values()), [cell_label(cell) for cell in rows_of(cells)])
    return figure

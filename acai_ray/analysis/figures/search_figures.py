"""Figures of what a search says: importances of its settings, Pareto fronts of its trials."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.fronts import AGAINST, X, fronts
from acai_ray.analysis.compare.importances import KINDS, importances
from acai_ray.analysis.figures.style import ACAI, INK, REFERENCE, VANILLA, legend_below, panels, wrapped
from acai_ray.analysis.figures.sweep_figures import sizes_shown
from acai_ray.analysis.tables.search_tables import KIND_LABELS
from acai_ray.analysis.wording import setting_label
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.primary import PRIMARY

_COLOURS = {Arm.VANILLA: VANILLA, Arm.ACAI: ACAI}
_BEYOND = 0.06


def importance_bars(analysis: Analysis) -> Figure | None:
    """Each setting's importance, a row of panels a kind, a column a metric."""
    frame = importances(analysis).frame
    if frame.empty:
        return None
    metrics = [metric for metric in PRIMARY if (frame["metric"] == metric.name).any()]
    settings = list(frame["setting"].unique())
    figure, axes = panels(len(KINDS), len(metrics), height=max(1.1, 0.6 + 0.17 * len(settings)), share_y=True)
    for row, kind in zip(axes, KINDS, strict=True):
        for ax, metric in zip(row, metrics, strict=True):
            rows = frame[(frame["metric"] == metric.name) & (frame["kind"] == kind)]
            _bars(ax, rows.set_index("setting").loc[settings])
            ax.set(title=f"{metric.label}\n{KIND_LABELS[kind]}")
    for ax in axes[-1]:
        ax.set_xlabel("share")
    handles = [
        Line2D([], [], color=ACAI, linewidth=6, alpha=0.7),
        Line2D([], [], color=INK, linewidth=1.2),
        Line2D([], [], color=REFERENCE, marker="D", markersize=4, linestyle="none"),
    ]
    legend_below(figure, handles, ["importance", "lowest to highest forest", "with shuffled values"])
    return figure


def pareto_fronts(analysis: Analysis) -> Figure | None:
    """Every trial of both arms and the fronts, a row of panels a metric against reconstruction, a column a size."""
    frame = fronts(analysis)
    if frame.empty:
        return None
    metrics = [metric for metric in AGAINST if (frame["metric"] == metric.name).any()]
    sizes = sizes_shown(frame["latent_dim"])
    figure, axes = panels(len(metrics), len(sizes), height=1.7)
    for row, metric in zip(axes, metrics, strict=True):
        for ax, size in zip(row, sizes, strict=True):
            _plane(ax, frame[(frame["metric"] == metric.name) & (frame["latent_dim"] == size)], metric.better)
            ax.set_title(f"d = {size}")
        row[0].set_ylabel(f"{wrapped(metric.title)}\n{metric.better} is better")
    for ax in axes[-1]:
        ax.set_xlabel("MPJPE (mm)" if len(sizes) > 2 else X.title)
    handles = [Line2D([], [], color=_COLOURS[arm], marker="o", markersize=4) for arm in (Arm.ACAI, Arm.VANILLA)]
    legend_below(figure, handles, [f"{analysis.arm}, each trial and the front", "vanilla, each trial and the front"])
    return figure


def staircase(front: pd.DataFrame, right: float, worst: float) -> tuple[list[float], list[float]]:
    """The edge of what a front's trials dominate, from the worst value up its left side and to the right end.

    Args:
        front: columns `x` (lower is better) and `y`.
        right: where the edge ends.
        worst: the value of `y` that it starts from.
    """
    rows = front.sort_values("x", kind="stable")
    first, last = float(rows["x"].iloc[0]), float(rows["y"].iloc[-1])
    return [first, *rows["x"].astype(float), right], [worst, *rows["y"].astype(float), last]


def _bars(ax: Axes, rows: pd.DataFrame) -> None:
    places = -np.arange(len(rows), dtype=float)
    ax.barh(places, rows["importance"], height=0.6, color=ACAI, alpha=0.7)
    ax.hlines(places, rows["low"], rows["high"], color=INK, linewidth=1.2)
    ax.plot(rows["shuffled"], places, "D", color=REFERENCE, markersize=4)
    ax.set_yticks(places, [setting_label(name) for name in rows.index])
    ax.set_xlim(0, max(1.0, 1.05 * rows[["high", "shuffled"]].to_numpy(dtype=float).max()))
    ax.grid(visible=False, axis="y")


def _plane(ax: Axes, rows: pd.DataFrame, better: str) -> None:
    (left, right), (low, high) = _padded(rows["x"]), _padded(rows["y"])
    for arm in (Arm.ACAI, Arm.VANILLA):
        mine = rows[rows["arm"] == arm]
        ax.plot(mine["x"], mine["y"], "o", color=_COLOURS[arm], markersize=4, alpha=0.6)
        ax.step(
            *staircase(mine[mine["front"]], right, high if better == "lower" else low),
            where="post",
            color=_COLOURS[arm],
            linewidth=1.2,
        )
    ax.set(xlim=(left, right), ylim=(low, high))
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_locator(MaxNLocator(5))


def _padded(values: "pd.Series[float]") -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    pad = _BEYOND * ((high - low) or abs(high) or 1.0)
    return low - pad, high + pad

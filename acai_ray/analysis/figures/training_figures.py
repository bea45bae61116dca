"""Figures of the training: losses by epoch, health of the critic."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.columns import measured
from acai_ray.analysis.figures.style import ACAI, INK, REFERENCE, VANILLA, legend_below, logarithmic_x, panels, shades
from acai_ray.analysis.figures.sweep_figures import MOST_CURVES, evenly, sizes_shown
from acai_ray.analysis.wording import number
from acai_ray.protocol.phases import Phase

UNINFORMED = {"critic_alpha_mse": 7 / 192, "critic_real_mse": 1 / 64}
"""The two critic terms where the critic answers 1/8 whatever it sees."""

TELLS_APART = {"critic_alpha_mse": 1 / 48, "critic_real_mse": 0.0}
"""The two critic terms where it only tells interpolated poses from real ones."""

_HISTORY = {"loss_rec": "training loss L_rec (m²)", "valid_mpjpe_mm": "validation MPJPE (mm)"}
_CRITIC = {"critic_alpha_mse": "critic's α-MSE", "critic_real_mse": "critic's real term"}


_REFERENCES = {
    "answers 1/8 to all": Line2D([], [], color=REFERENCE, linestyle="--", linewidth=1),
    "tells interpolated from real": Line2D([], [], color=REFERENCE, linestyle=":", linewidth=1),
}
"""The reference lines of the critic's terms in a legend."""


def training(analysis: Analysis) -> Figure | None:
    """Reconstruction by epoch, mean over seeds, by λ, one column a latent size."""
    figure = _by_epoch(analysis, _HISTORY, {})
    for ax in figure.axes if figure else ():
        if ax.has_data():
            ax.set_yscale("log")
            ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 3, 5, 7)))
            ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value, 3)))
            ax.yaxis.set_minor_formatter(NullFormatter())
    return figure


def critic_by_epoch(analysis: Analysis) -> Figure | None:
    """The critic's two terms by epoch, with the values of an uninformed one."""
    figure = _by_epoch(analysis, _CRITIC, _REFERENCES)
    if figure is not None:
        half = len(figure.axes) // 2
        for axes, column in ((figure.axes[:half], "critic_alpha_mse"), (figure.axes[half:], "critic_real_mse")):
            for ax in axes:
                _reference(ax, column)
    return figure


def critic_health(analysis: Analysis) -> Figure | None:
    """The critic's two terms after training on validation poses (else test poses), every run, vanilla's at the left."""
    runs = analysis.done
    of_split = {column: measured(runs, column, ("valid", "test")) for column in _CRITIC}
    present = [column for column in _CRITIC if of_split[column]]
    if not present:
        return None
    sizes = sizes_shown(runs["latent_dim"])
    figure, axes = panels(len(present), len(sizes), height=1.55, share_y=True)
    for row, column in zip(axes, present, strict=True):
        for ax, size in zip(row, sizes, strict=True):
            _health(ax, runs[runs["latent_dim"] == size], of_split[column])
            _reference(ax, column)
            ax.set_title(f"d = {size}")
        row[0].set_ylabel(_CRITIC[column])
    for ax in axes[-1]:
        ax.set_xlabel(analysis.lambda_label)
    arms = {
        arm: Line2D([], [], color=colour, marker="o", markersize=2.2, linestyle="none")
        for arm, colour in ((f"{analysis.arm}, each seed", ACAI), ("vanilla, each seed", VANILLA))
    }
    legend = {**arms, **_REFERENCES}
    legend_below(figure, list(legend.values()), list(legend))
    return figure


def _health(ax: Axes, runs: pd.DataFrame, column: str) -> None:
    acai, vanilla = runs[runs["lam"] > 0], runs[runs["lam"] == 0]
    left = float(acai["lam"].min()) / 3 if len(acai) else 1e-4
    ax.plot(acai["lam"], acai[column], "o", color=ACAI, markersize=2.2, alpha=0.7)
    ax.plot([left] * len(vanilla), vanilla[column], "o", color=VANILLA, markersize=2.2, alpha=0.7)
    logarithmic_x(ax)


def _reference(ax: Axes, column: str) -> None:
    ax.axhline(UNINFORMED[column], color=REFERENCE, linestyle="--", linewidth=1)
    ax.axhline(TELLS_APART[column], color=REFERENCE, linestyle=":", linewidth=1)


def _by_epoch(analysis: Analysis, columns: Mapping[str, str], references: Mapping[str, Line2D]) -> Figure | None:
    runs = analysis.results.runs[analysis.results.runs["phase"] != Phase.CONTROL]
    history = analysis.results.history.merge(runs[["run_id", "latent_dim", "lam"]], on="run_id")
    columns = {name: label for name, label in columns.items() if name in history and history[name].notna().any()}
    if not columns:
        return None
    means = history.groupby(["latent_dim", "lam", "epoch"], as_index=False)[list(columns)].mean()
    sizes = sizes_shown(means["latent_dim"])
    figure, axes = panels(len(columns), len(sizes), height=1.7, share_y=True)
    weights = evenly(sorted(lam for lam in means["lam"].unique() if lam > 0), MOST_CURVES)
    colours: dict[float, Any] = dict(zip(weights, shades(len(weights)), strict=True)) | {0.0: INK}
    handles = {}
    for row, (column, label) in zip(axes, columns.items(), strict=True):
        row[0].set_ylabel(label)
        for ax, size in zip(row, sizes, strict=True):
            for lam, rows in means[means["latent_dim"] == size].dropna(subset=[column]).groupby("lam"):
                if lam in colours:
                    (handles[lam],) = ax.plot(rows["epoch"], rows[column], color=colours[lam], linewidth=1.2)
                    handles[lam].set(linestyle="-" if lam else "--", marker="." if len(rows) == 1 else "")
            ax.set_title(f"d = {size}")
            ax.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    for ax in axes[-1]:
        ax.set_xlabel("epoch")
    shown = sorted(handles)
    legend = {**{f"λ = {number(lam, 3)}": handles[lam] for lam in shown}, **references}
    legend_below(figure, list(legend.values()), list(legend))
    return figure

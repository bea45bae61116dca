"""Figures over the sweep: transition curves, metrics against λ, differences against λ."""

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.controls import controls, label_of
from acai_ray.analysis.compare.pairs import SWEEP
from acai_ray.analysis.figures.style import (
    ACAI,
    INK,
    PAPER,
    REFERENCE,
    VANILLA,
    legend_below,
    logarithmic_x,
    panels,
    shades,
    wrapped,
)
from acai_ray.analysis.wording import number
from acai_ray.protocol.primary import PRIMARY, Metric, with_split
from acai_ray.protocol.verdicts import Word

T = TypeVar("T")

CONTROL_LINES = {"real": ":", "pca": "-.", "linear": (0, (6, 2))}
"""Controls that stand beside the metrics, and how their lines are dashed."""

MOST_SIZES = 5
"""A figure shows at most this many latent sizes, evenly picked among those there are."""

MOST_CURVES = 9
"""A panel shows at most this many λ, evenly picked among those there are."""

FEWEST_LAMBDAS = 3
"""What differences are drawn against must be a range of λ, not a choice between two."""

ASIDE = 1.08
"""Bars of several latent sizes at one λ stand side by side, each so many times farther right."""


def transition_curves(analysis: Analysis) -> Figure | None:
    """The mean transition curve by λ, one panel a latent size (the report's Fig. 1 and 2)."""
    runs = _sweep_runs(analysis)
    curves = analysis.results.curves.merge(runs[["run_id", "latent_dim", "lam"]], on="run_id")
    for split in ("test", "valid"):
        if (curves["split"] == split).any():
            curves = curves[curves["split"] == split]
            break
    if curves.empty:
        return None
    means = curves.groupby(["latent_dim", "lam", "t"], as_index=False)["mean"].mean()
    untrained = _untrained_curves(analysis, str(curves["split"].iloc[0]))
    sizes = sizes_shown(means["latent_dim"])
    figure, axes = panels(math.ceil(len(sizes) / 2), min(len(sizes), 2), height=2.7)
    places = [ax for row in axes for ax in row]
    for ax, size in zip(places, sizes, strict=False):
        _curves(ax, means[means["latent_dim"] == size], untrained[untrained["latent_dim"] == size])
        ax.set(title=f"d = {size}", xlabel="step t along the path", ylabel="step length / (chord / T)")
        ax.legend(ncols=3, handlelength=1.2, loc="upper center", bbox_to_anchor=(0.5, -0.2))
    for ax in places[len(sizes) :]:
        ax.set_axis_off()
    return figure


def against_lambda(analysis: Analysis) -> Figure | None:
    """Each primary metric against λ: every seed's dot, the mean, the vanilla level."""
    family = analysis.sweep
    if family is None:
        return None
    runs, beside = _sweep_runs(analysis), controls(analysis)
    sizes = sizes_shown(family.pairs["latent_dim"])
    figure, axes = panels(len(PRIMARY), len(sizes), height=1.55, share_y=True)
    for row, metric in zip(axes, PRIMARY, strict=True):
        for ax, size in zip(row, sizes, strict=True):
            _against(ax, runs[runs["latent_dim"] == size], metric, family.split)
            _control_lines(ax, beside[beside["latent_dim"] == size], with_split(metric.column, family.split))
            ax.set_title(f"d = {size}")
        row[0].set_ylabel(wrapped(metric.title))
    for ax in axes[-1]:
        ax.set_xlabel(analysis.lambda_label)
    handles = [
        Line2D([], [], color=ACAI, marker="o", markersize=3),
        Line2D([], [], color=VANILLA, marker="o", markersize=3),
        *(Line2D([], [], color=REFERENCE, linewidth=1, linestyle=style) for style in CONTROL_LINES.values()),
    ]
    shown = [f"{analysis.arm}, each seed and mean", "vanilla, each seed and mean"]
    labels = [*shown, *(label_of(kind) for kind in CONTROL_LINES)]
    legend_below(figure, handles, labels)
    return figure


def differences_by_lambda(analysis: Analysis) -> Figure | None:
    """Mean and 95 % interval of the differences against λ in each cell of the answer; nothing of fewer than three λ."""
    family = analysis.answer
    if family is None or family.tests.groupby("latent_dim")["lam"].nunique().max() < FEWEST_LAMBDAS:
        return None
    sizes = sizes_shown(family.tests["latent_dim"])
    colours = shades(len(sizes))
    figure, axes = panels(1, len(PRIMARY), height=1.9)
    for ax, metric in zip(axes[0], PRIMARY, strict=True):
        tests = family.tests[(family.tests["metric"] == metric.name) & (family.tests["n"] > 0)]
        for place, (size, colour) in enumerate(zip(sizes, colours, strict=True)):
            aside = ASIDE ** (place - (len(sizes) - 1) / 2)
            _by_lambda(ax, tests[tests["latent_dim"] == size].sort_values("lam"), colour, aside)
        ax.axhline(0, color=INK, linewidth=0.8)
        margin_band(ax.axhspan, analysis.margins[metric.name])
        ax.set(title=f"{metric.title}\n{metric.better} is better", xlabel=analysis.lambda_label)
        ax.yaxis.set_major_locator(MaxNLocator(5))
        logarithmic_x(ax)
    axes[0][0].set_ylabel(f"{family.arm} − vanilla")
    handles = [
        *(Line2D([], [], color=colour, marker="o", markersize=3) for colour in colours),
        Line2D([], [], color=INK, marker="o", markersize=3, markerfacecolor=PAPER, linestyle="none"),
        Patch(color=VANILLA, alpha=0.15, linewidth=0),
    ]
    legend_below(figure, handles, [*(f"d = {size}" for size in sizes), "undecided", "margin"], len(handles))
    return figure


def sizes_shown(latent_dims: "pd.Series[Any]") -> list[Any]:
    """The latent sizes a figure has panels for."""
    return evenly(sorted(latent_dims.unique()), MOST_SIZES)


def evenly(values: Sequence[T], most: int) -> list[T]:
    """At most `most` of the values, evenly picked by their places, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    return [values[round(i * (len(values) - 1) / (most - 1))] for i in range(most)]


def _by_lambda(ax: Axes, tests: pd.DataFrame, colour: tuple[float, ...], aside: float) -> None:
    """Bars of one latent size, joined where each λ has one; what is undecided is an open dot."""
    places, line = tests["lam"] * aside, "-" if tests["lam"].is_unique else "none"
    ax.vlines(places, tests["low"], tests["high"], color=colour, linewidth=1)
    ax.plot(places, tests["mean"], color=colour, linewidth=1, linestyle=line, marker="o", markersize=3)
    undecided = tests["verdict"] == Word.UNDECIDED
    ax.plot(places[undecided], tests.loc[undecided, "mean"], "o", color=colour, markersize=3, markerfacecolor=PAPER)


def margin_band(span: Callable[..., Any], margin: float) -> None:
    """Shade what lies within the margin."""
    span(-margin, margin, color=VANILLA, alpha=0.15, linewidth=0)


def with_unit(text: str, metric: Metric) -> str:
    """A text with the metric's unit, if it has one."""
    return f"{text} ({metric.unit})" if metric.unit else text


def _sweep_runs(analysis: Analysis) -> pd.DataFrame:
    """The done runs of the sweep, or of all phases where there is no sweep."""
    runs = analysis.done
    swept = runs[runs["phase"].isin(SWEEP)]
    return swept if len(swept) else runs


def _untrained_curves(analysis: Analysis, split: str) -> pd.DataFrame:
    runs = analysis.results.runs
    curves = analysis.results.curves
    controls_of = runs.loc[runs["control"] == "untrained", ["run_id", "latent_dim"]]
    return curves[curves["split"] == split].merge(controls_of, on="run_id").sort_values("t")


def _curves(ax: Axes, means: pd.DataFrame, untrained: pd.DataFrame) -> None:
    lambdas = sorted(means["lam"].unique())
    picked = evenly([lam for lam in lambdas if lam > 0], MOST_CURVES)
    for lam, colour in zip(picked, shades(len(picked)), strict=True):
        rows = means[means["lam"] == lam]
        ax.plot(rows["t"], rows["mean"], color=colour, linewidth=1.2, label=f"λ = {number(lam, 3)}")
    if 0 in lambdas:
        rows = means[means["lam"] == 0]
        ax.plot(rows["t"], rows["mean"], color=INK, linewidth=1.4, linestyle="--", label="λ = 0")
    if len(untrained):
        ax.plot(untrained["t"], untrained["mean"], color=REFERENCE, linewidth=1, linestyle="-.", label="untrained")
    ax.axhline(1, color=REFERENCE, linestyle=":", linewidth=1, label="straight, even")


def _against(ax: Axes, runs: pd.DataFrame, metric: Metric, split: str) -> None:
    column = with_split(metric.column, split)
    if column not in runs or runs[column].notna().sum() == 0:
        ax.text(0.5, 0.5, "not measured", transform=ax.transAxes, ha="center", va="center")
        return
    acai, vanilla = runs[runs["lam"] > 0], runs[runs["lam"] == 0]
    ax.plot(acai["lam"], acai[column], "o", color=ACAI, markersize=2.2, alpha=0.6)
    means = acai.groupby("lam")[column].mean()
    ax.plot(means.index, means, color=ACAI, linewidth=1)
    left = float(acai["lam"].min()) / 3 if len(acai) else 1e-4
    ax.plot([left] * len(vanilla), vanilla[column], "o", color=VANILLA, markersize=2.2, alpha=0.6)
    if len(vanilla):
        ax.axhline(vanilla[column].mean(), color=VANILLA, linewidth=1)
    logarithmic_x(ax)
    ax.yaxis.set_major_locator(MaxNLocator(5))


def _control_lines(ax: Axes, beside: pd.DataFrame, column: str) -> None:
    if column not in beside:
        return
    for kind, style in CONTROL_LINES.items():
        values = beside.loc[beside["control"] == kind, column]
        for value in values[values > 0]:  # lines reconstruct their ends without error: an axis down to 0 hides the rest
            ax.axhline(value, color=REFERENCE, linewidth=1, linestyle=style)

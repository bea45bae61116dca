"""The figure of metrics at smaller sample sizes."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullLocator

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.sensitivity import sensitivity
from acai_ray.analysis.figures.style import INK, panels, shades
from acai_ray.analysis.figures.sweep_figures import sizes_shown

METRICS = {
    "smoothness_ratio_median": "smoothness ratio, median",
    "path_bone_excess_mm": "path bone excess",
    "mean_distance_euclidean_m": "Mean Distance",
    "path_coverage": "path coverage",
    "path_frechet_m2": "path Fréchet",
    "path_recall_euclidean_m": "path recall",
    "prior_recall_euclidean_m": "prior recall",
}
MARKERS = "osD^v<>"


def sample_sizes(analysis: Analysis) -> Figure | None:
    """Metrics at shares of their sample sizes over those at the full sizes, one panel a latent size."""
    values = sensitivity(analysis)
    values = values[values["metric"].isin(list(METRICS))]
    if values.empty:
        return None
    sizes = sizes_shown(values["latent_dim"])
    figure, axes = panels(1, len(sizes), height=2.4, share_y=True)
    for ax, size in zip(axes[0], sizes, strict=True):
        rows = values[values["latent_dim"] == size]
        for (metric, label), colour, marker in zip(METRICS.items(), shades(len(METRICS)), MARKERS, strict=True):
            line = rows[rows["metric"] == metric]
            ax.plot(line["fraction"], line["relative"], color=colour, marker=marker, markersize=3, label=label)
        _axes(ax, sorted(rows["fraction"].unique()))
        ax.set(title=f"d = {size}", xlabel="share of the sample sizes")
    axes[0][0].set_ylabel("value / value at the full sizes")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=4 if len(sizes) > 1 else 2)
    return figure


def _axes(ax: Axes, fractions: list[float]) -> None:
    ax.axhline(1, color=INK, linewidth=0.8)
    ax.set_xscale("log", base=2)
    ax.set_xticks(fractions)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda share, _: "1" if share == 1 else f"1/{1 / share:.0f}"))

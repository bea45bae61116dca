"""What the metrics give without a trained model, beside each latent size of a study."""

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.wording import clean
from acai_ray.store import SCHEMAS

LABELS = {
    "real": "real poses",
    "mean": "mean pose",
    "linear": "lines between poses",
    "pca": "PCA",
    "shrunk": "vanilla, shrunk × 0.4",
    "untrained": "untrained network",
    "chaos": "vanilla, λ = 1e-6",
}
"""Kinds of controls, in the order they are shown; others follow under their own names."""

POSE_SPACE = ("real", "mean", "linear")
"""Kinds that are the same for all latent sizes."""

POSE_DIMENSIONS = 51
"""The latent size under which they are kept."""


def controls(analysis: Analysis) -> pd.DataFrame:
    """The controls that stand beside each latent size of the study's own runs.

    Returns:
        One row a latent size and control, in the order of `LABELS`: `latent_dim control label runs` and the metric
        columns of `summary()`, means over runs. Real poses stand in the columns of both samplers.
    """
    summary = analysis.summary
    metrics = [column for column in summary.columns if column not in SCHEMAS["runs"].names]
    runs = summary[(summary["phase"] == "control") & (summary["status"] == "done")]
    groups = runs.groupby(["control", "latent_dim"])
    found = groups[metrics].mean().assign(runs=groups.size()).reset_index()
    rows = [_beside(found, size) for size in sorted(analysis.done["latent_dim"].unique())]
    columns = ["latent_dim", "control", "label", "runs", *metrics]
    shown = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=columns)
    return _real_as_samples(shown.reindex(columns=columns), metrics)


def _beside(found: pd.DataFrame, size: int) -> pd.DataFrame:
    mine = found[found["control"].isin(POSE_SPACE) | (found["latent_dim"] == size)]
    known = list(LABELS)
    order = mine["control"].map(lambda kind: known.index(kind) if kind in known else len(known))
    labels = mine["control"].map(lambda kind: LABELS.get(kind, clean(kind)))
    return mine.assign(latent_dim=size, label=labels).iloc[order.argsort(kind="stable")]


def _real_as_samples(frame: pd.DataFrame, metrics: list[str]) -> pd.DataFrame:
    """Real poses stand for what either sampler should give."""
    real = frame["control"] == "real"
    for column in metrics:
        for sampler in ("prior", "path"):
            own = column.replace(f"{sampler}_", "real_")
            if own != column and own in frame:
                frame.loc[real, column] = frame.loc[real, own]
    return frame

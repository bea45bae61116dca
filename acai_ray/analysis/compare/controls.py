"""What the metrics give without ACAI, and mostly without training, beside each latent size of a study."""

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.columns import metric_columns
from acai_ray.analysis.wording import clean
from acai_ray.protocol.controls import BY_KIND, CONTROLS
from acai_ray.protocol.phases import Phase

_PLACES = {control.kind: place for place, control in enumerate(CONTROLS)}
_POSE_SPACE = [control.kind for control in CONTROLS if not control.per_latent]
_REAL = "real"


def controls(analysis: Analysis) -> pd.DataFrame:
    """The controls that stand beside each latent size of the study's own runs.

    Returns:
        One row a latent size and control (and kind of codes, where a control has one beside each), in the order of
        `CONTROLS`, unknown kinds last: `latent_dim control label runs` and the metric columns of `summary()`, means
        over runs. Real poses stand in the columns of both samplers.
    """
    summary = analysis.summary
    metrics = metric_columns(summary)
    runs = summary[(summary["phase"] == Phase.CONTROL) & (summary["status"] == "done")]
    groups = runs.groupby(["control", "latent_dim", "codes"])
    means = groups[metrics].mean().assign(runs=groups.size()).reset_index()
    beside = [_beside(means, size) for size in sorted(analysis.done["latent_dim"].unique())]
    columns = ["latent_dim", "control", "label", "runs", *metrics]
    frame = pd.concat(beside, ignore_index=True) if beside else pd.DataFrame(columns=columns)
    return _real_as_samples(frame.reindex(columns=columns), metrics)


def label_of(kind: str, codes: str = "sphere") -> str:
    """What a reader is shown for a kind of control; an unknown kind is shown by its own name."""
    if kind not in BY_KIND:
        return clean(kind)
    return BY_KIND[kind].label + (", flat codes" if BY_KIND[kind].each_codes and codes == "flat" else "")


def _beside(means: pd.DataFrame, size: int) -> pd.DataFrame:
    """The controls of one latent size, and those of the pose space, which are the same for all sizes."""
    mine = means[means["control"].isin(_POSE_SPACE) | (means["latent_dim"] == size)]
    order = mine["control"].map(lambda kind: _PLACES.get(kind, len(_PLACES)))
    labelled = [label_of(kind, codes) for kind, codes in zip(mine["control"], mine["codes"], strict=True)]
    labels = pd.Series(labelled, index=mine.index, dtype="str")
    return mine.assign(latent_dim=size, label=labels).iloc[order.argsort(kind="stable")]


def _real_as_samples(frame: pd.DataFrame, metrics: list[str]) -> pd.DataFrame:
    """Real poses stand for what either sampler should give."""
    real = frame["control"] == _REAL
    for column in metrics:
        for sampler in ("prior", "path"):
            own = column.replace(f"{sampler}_", "real_")
            if own != column and own in frame:
                frame.loc[real, column] = frame.loc[real, own]
    return frame

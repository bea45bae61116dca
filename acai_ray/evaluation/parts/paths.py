"""Decoded paths between pairs of poses: how even they are, and how near to real poses."""

import torch
from torch import Tensor

from acai_ray import metrics
from acai_ray.common.units import MM
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import DISTANCES, distances, row, summarised
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses.splits import Split

PATHS_AT_ONCE = 100
"""Paths that are decoded and measured at once; bounds the memory."""


def paths(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """Transition curves, smoothness, path energy and the variation of bone lengths along paths."""
    start, end = (measured.encode(poses) for poses in measured.yardstick.pairs[split])
    t = torch.linspace(0, 1, measured.yardstick.config.transitions + 1)
    parts, energies, variations = [], [], []
    for first, second in zip(start.split(PATHS_AT_ONCE), end.split(PATHS_AT_ONCE), strict=True):
        decoded = measured.paths(first, second, t)
        parts.append(metrics.transition_curve(decoded))
        energies.append(metrics.path_energy_ratio(decoded))
        variations.append(metrics.bone_variation(decoded))
    curve = torch.cat(parts)
    _curve_rows(curve, split, out)
    out.metrics.extend(summarised(split, "none", "smoothness_ratio", "1", metrics.smoothness_ratio(curve)))
    out.metrics.extend(summarised(split, "none", "path_energy", "1", torch.cat(energies)))
    out.metrics.extend(summarised(split, "none", "bone_variation", "mm", torch.cat(variations) * MM))


def _curve_rows(curve: Tensor, split: Split, out: Evaluation) -> None:
    steps = [metrics.statistics(values) for values in curve.T]
    n, n_left_out = int(steps[0]["n"]), int(steps[0]["n_left_out"])
    if not n:
        return
    for number, step in enumerate(steps, start=1):
        kept = {name: step.get(name) for name in ("mean", "median", "variance", "n")}
        out.curves.append({"split": split, "t": number, **kept})
    over_t = metrics.statistics(metrics.mean_curve(curve))
    for statistic in ("mean", "variance", "median"):
        value = over_t[statistic]
        out.metrics.append(
            row(split=split, metric="anci", statistic=statistic, value=value, unit="1", n=n, n_left_out=n_left_out)
        )


def mean_distance(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """Distance from interior points of paths to the nearest training pose."""
    config = measured.yardstick.config
    start, end = (measured.encode(poses[: config.distance_pairs]) for poses in measured.yardstick.pairs[split])
    interior = torch.linspace(0, 1, config.distance_points + 2)[1:-1]
    distance_rows(measured.paths(start, end, interior).flatten(0, 1), measured.yardstick, split, out)


def distance_rows(points: Tensor, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Mean Distance of poses, `(N, 17, 3)`: to the training set augmented once, and to the plain one."""
    for name, real in (("mean_distance", "augmented"), ("mean_distance_plain", "train")):
        references = yardstick.references[real]
        for distance in DISTANCES:
            nearest = metrics.nearest_distances(points, references, distance)
            out.metrics.extend(distances(split, "none", name, distance, nearest, len(references)))

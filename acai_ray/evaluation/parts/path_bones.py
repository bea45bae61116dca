"""How far bones leave their range on the way between two poses."""

import torch
from torch import Tensor

from acai_ray import metrics
from acai_ray.common.units import MM
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import summarised
from acai_ray.poses.splits import Split

STEPS = 32
"""Steps in which the length of a path is measured."""

PATHS_AT_ONCE = 256
"""Paths that are decoded and measured at once; bounds the memory."""


def path_bones(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """Bone excess at even arc length, and beyond that of the paths' ends, at the places of the path bone excess."""
    codes, places = measured.codes[split], measured.yardstick.path_places
    first, second, t = places(measured.yardstick.config.targets, split)
    start, end = codes[first], codes[second]
    there = _excess(measured, measured.model.between(start, end, t))
    ends = (_excess(measured, start) + _excess(measured, end)) / 2
    even = _excess(measured, measured.model.between(start, end, _even(measured, start, end, t)))
    for name, values in (("even_bone_excess", even), ("on_the_way_bone_excess", there - ends)):
        out.metrics.extend(summarised(split, "path", name, "mm", values * MM))


def _excess(measured: MeasuredModel, codes: Tensor) -> Tensor:
    return metrics.bone_excess(measured.decode(codes), measured.yardstick.bone_limits)


def _even(measured: MeasuredModel, start: Tensor, end: Tensor, shares: Tensor) -> Tensor:
    """The places at which each path has covered its share of its length."""
    t = torch.linspace(0, 1, STEPS + 1)
    parts = zip(*(values.split(PATHS_AT_ONCE) for values in (start, end, shares)), strict=True)
    return torch.cat([metrics.even_places(measured.paths(first, last, t), share) for first, last, share in parts])

"""Whether the middle of a path is the pose that people took halfway."""

import torch

from acai_ray import metrics
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import distances
from acai_ray.poses.splits import Split

GAPS_MS = (500, 1000)
"""How long before and after a pose the ends of its path lie."""


def inbetween(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """MPJPE of the middle of paths between poses of one recording; nothing where none are so far apart."""
    poses, codes = measured.yardstick.poses[split], measured.codes[split]
    for gap in GAPS_MS:
        before, between, after = measured.yardstick.instants(split, gap / 1000).unbind(1)
        if len(between):
            middle = measured.model.between(codes[before], codes[after], torch.full((len(between),), 0.5))
            errors = metrics.mpjpe(poses[between], measured.decode(middle))
            out.metrics.extend(distances(split, "none", f"inbetween_{gap}ms", "mpjpe", errors))

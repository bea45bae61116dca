"""Whether a model takes noise off a pose."""

from acai_ray import metrics
from acai_ray.common.units import MM
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import distances
from acai_ray.poses.splits import Split

NOISES_MM = (20, 50, 100)
"""Root mean square lengths of the displacement of a joint."""


def denoising(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """MPJPE of reconstructions of noisy targets to the targets without noise."""
    targets, noise = measured.yardstick.targets[split], measured.yardstick.noise(split)
    for size in NOISES_MM:
        errors = metrics.mpjpe(targets, measured.decode(measured.encode(targets + noise * (size / MM))))
        out.metrics.extend(distances(split, "none", f"denoising_{size}mm", "mpjpe", errors))

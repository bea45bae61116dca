"""How well a model reconstructs the poses of a split."""

from acai_ray import metrics
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import distances
from acai_ray.poses.splits import Split


def reconstruction(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """MPJPE, flat Euclidean distance and PA-MPJPE of every pose of the split."""
    poses, decoded = measured.yardstick.poses[split], measured.decode(measured.codes[split])
    errors = {
        ("reconstruction", "mpjpe"): metrics.mpjpe(poses, decoded),
        ("reconstruction", "euclidean"): metrics.euclidean(poses, decoded),
        ("pa_reconstruction", "mpjpe"): metrics.pa_mpjpe(decoded, poses),
    }
    for (metric, distance), values in errors.items():
        out.metrics.extend(distances(split, "none", metric, distance, values))

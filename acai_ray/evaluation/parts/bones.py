"""Whether generated poses have possible bodies."""

from torch import Tensor

from acai_ray import metrics
from acai_ray.common.units import MM
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import summarised
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses.splits import Split


def bones(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """Bone excess and asymmetry of generated, reconstructed and real poses.

    Poses of `path` lie between codes of this split. Poses of `prior` belong to no split, so they stand beside each.
    """
    n, targets = measured.yardstick.config.targets, measured.yardstick.targets[split]
    sets = {"path": measured.path_poses(n, split)}
    if measured.prior is not None:
        sets["prior"] = measured.prior[:n]
    sets |= {"reconstructed": measured.decode(measured.encode(targets)), "real": targets}
    for sampler, poses in sets.items():
        bone_rows(sampler, poses, measured.yardstick, split, out)


def bone_rows(sampler: str, poses: Tensor, yardstick: Yardstick, split: Split, out: Evaluation) -> None:
    """Bone excess and asymmetry of poses, `(N, 17, 3)`."""
    excess = metrics.bone_excess(poses, yardstick.bone_limits) * MM
    out.metrics.extend(summarised(split, sampler, "bone_excess", "mm", excess))
    out.metrics.extend(summarised(split, sampler, "bone_asymmetry", "mm", metrics.bone_asymmetry(poses) * MM))

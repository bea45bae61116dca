"""Whether a classifier can tell a model's poses from real ones."""

from torch import Tensor

from acai_ray import metrics
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import Row, one
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.metrics.realism import FEWEST
from acai_ray.poses.splits import Split


def realism(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """AUC of classifiers that learned on training people; nothing for these people themselves, nor of very few poses.

    What autoencoding alone costs is told by the reconstructed poses, beside those of paths.
    """
    if split == "train" or too_few(measured.yardstick, split):
        return
    real = measured.yardstick.targets[split]
    for sampler, generated in measured.of_same_people(split).items():
        out.metrics.append(realism_row(sampler, measured.judges[sampler], real, generated, split))


def too_few(yardstick: Yardstick, split: Split) -> bool:
    """Whether the classifier would learn from too few poses, or be asked about too few."""
    return min(len(yardstick.targets[part]) for part in ("train", split)) < FEWEST


def realism_row(sampler: str, judge: metrics.RealismJudge, real: Tensor, generated: Tensor, split: Split) -> Row:
    """The AUC of poses against real ones of the same people, `(N, 17, 3)` each."""
    auc = metrics.realism_auc(judge, real, generated)
    return one(split, sampler, "realism_auc", "1", auc, len(generated), len(real))

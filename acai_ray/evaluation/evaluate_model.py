"""The evaluation of one model: all its parts on each split. A new metric is one function and one line here."""

from collections.abc import Sequence

import torch

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.products import products_in
from acai_ray.common.trial_config import ALIGNED, TrialConfig
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.gallery import gallery
from acai_ray.evaluation.generative_model import GenerativeModel
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import name_of
from acai_ray.evaluation.parts.bones import bones
from acai_ray.evaluation.parts.codes import codes
from acai_ray.evaluation.parts.denoising import denoising
from acai_ray.evaluation.parts.inbetween import inbetween
from acai_ray.evaluation.parts.path_bones import path_bones
from acai_ray.evaluation.parts.paths import mean_distance, paths
from acai_ray.evaluation.parts.people import people
from acai_ray.evaluation.parts.realism import realism
from acai_ray.evaluation.parts.reconstruction import reconstruction
from acai_ray.evaluation.parts.regularizer import regularizer
from acai_ray.evaluation.parts.samples import samples
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.metrics.realism import FEWEST
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.poses.splits import Split
from acai_ray.training.state import TrainState

PARTS = (
    reconstruction,
    paths,
    mean_distance,
    samples,
    bones,
    codes,
    regularizer,
    realism,
    inbetween,
    denoising,
    path_bones,
    people,
)
"""What is measured of a model on each split."""


@torch.no_grad()
@products_in("highest")
def evaluate(model: GenerativeModel, yardstick: Yardstick, splits: Sequence[Split] | None = None) -> Evaluation:
    """Measure one model.

    Args:
        model: on the yardstick's device, where all of it is computed but a few small summaries.
        yardstick: the draws and references.
        splits: on which; all unless given.
    """
    measured, out = MeasuredModel(model, yardstick), Evaluation()
    for split in splits or yardstick.splits:
        for part in PARTS:
            part(measured, split, out)
    out.gallery.extend(gallery(measured))
    return out


def metric_names(poses: PoseSet, config: EvaluationConfig) -> set[str]:
    """The names of all metrics that an evaluation gives, from a very small evaluation of an untrained model."""
    few: dict[str, int] = dict.fromkeys(
        ("pairs", "distance_pairs", "distance_points", "critic_draws", "gallery", "diverse"), 2
    )
    enough = dict.fromkeys(("targets", "generated"), max(config.most_neighbours + 1, FEWEST))
    small = config.model_copy(update={**few, **enough})
    settings = TrialConfig(latent_dim=2, width=ALIGNED, depth=1)
    model = PoseModel.of_member(TrainState.start(settings, [0]).networks, 0, settings)
    return {name_of(row) for row in evaluate(model, Yardstick(poses, small)).metrics}

"""The whole evaluation of a model: a new metric is one function and one line here."""

from collections.abc import Sequence

import torch

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.trial_config import ALIGNED, TrialConfig
from acai_ray.evaluation.critic import critic
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.gallery import gallery
from acai_ray.evaluation.generative import GenerativeModel
from acai_ray.evaluation.measured import Measured
from acai_ray.evaluation.metric_rows import name_of
from acai_ray.evaluation.parts import bones, codes, mean_distance, paths, reconstruction
from acai_ray.evaluation.samples import sample_rows
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.poses.splits import Split
from acai_ray.training.state import TrainState


def _samples(of: Measured, split: Split, out: Evaluation) -> None:
    sample_rows(of.samples, of.yardstick, split, out)


PARTS = (reconstruction, paths, mean_distance, _samples, bones, codes, critic)
"""What is measured of a model on each split."""


@torch.no_grad()
def evaluate(model: GenerativeModel, yardstick: Yardstick, splits: Sequence[Split] | None = None) -> Evaluation:
    """Measure one model.

    Args:
        model: on the CPU or a GPU; what it generates is compared on the CPU.
        yardstick: the draws and references.
        splits: on which; all unless given.
    """
    of, out = Measured(model, yardstick), Evaluation()
    for split in splits or yardstick.splits:
        for part in PARTS:
            part(of, split, out)
    out.gallery.extend(gallery(of))
    return out


def metric_names(poses: PoseSet, config: EvaluationConfig) -> set[str]:
    """The names of all metrics that an evaluation gives, found by a very small one."""
    few = dict.fromkeys(("pairs", "distance_pairs", "distance_points", "critic_draws", "gallery", "diverse"), 2)
    enough = dict.fromkeys(("targets", "generated"), config.most_neighbours + 1)
    small = config.model_copy(update={**few, **enough})
    settings = TrialConfig(latent_dim=2, width=ALIGNED, depth=1)
    model = PoseModel.of_member(TrainState.start(settings, [0]).networks, 0, settings)
    return {name_of(row) for row in evaluate(model, Yardstick(poses, small)).metrics}

"""A small evaluation of a model in training: a few metrics on a small, fixed sample of poses."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.products import products_in
from acai_ray.common.randomness import Purpose, generator
from acai_ray.evaluation.evaluate_model import PARTS
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.generative_model import GenerativeModel
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.streams import Stream
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses import PoseSet
from acai_ray.poses.splits import SPLITS, Split

POSES = 2_000
"""Poses of each split, at most."""

SIZES = {"pairs": 500, "distance_pairs": 50, "generated": 2_000, "targets": 1_000, "diverse": 100, "critic_draws": 500}
"""Sizes of the evaluation, at most."""


def sample_of(poses: PoseSet, seed: int) -> PoseSet:
    """At most `POSES` poses of each split but the test people's, drawn by a stream of their own.

    Their rate is unknown, since poses that follow each other are no longer a fixed time apart.
    """
    splits: list[Split] = [split for split in poses.splits if split != "test"]
    rows = np.concatenate([_some_rows(poses, split, seed) for split in splits])
    return replace(poses, poses=poses.poses[rows], index=poses.index.iloc[rows].reset_index(drop=True), fps=None)


def _some_rows(poses: PoseSet, split: Split, seed: int) -> NDArray[np.int64]:
    rows = np.flatnonzero(poses.index["split"] == split)
    rng = generator(seed, Purpose.EVALUATION, Stream.RUNG, SPLITS.index(split))
    return np.sort(rng.permutation(rows)[:POSES])


def rung_yardstick(poses: PoseSet, whole: Yardstick) -> Yardstick:
    """What a model in training is measured on; bones keep the range that they have in all training poses."""
    small = Yardstick(sample_of(poses, whole.config.seed), smaller(whole.config), whole.device)
    small.bone_limits = whole.bone_limits
    return small


def smaller(config: EvaluationConfig) -> EvaluationConfig:
    """The same settings with sizes of at most `SIZES`; there are still more targets than neighbours."""
    sizes = {name: min(getattr(config, name), most) for name, most in SIZES.items()}
    sizes["targets"] = min(config.targets, max(sizes["targets"], config.most_neighbours + 1))
    sizes["generated"] = max(sizes["generated"], sizes["targets"])
    return config.model_copy(update=sizes)


@torch.no_grad()
@products_in("highest")
def quick_values(model: GenerativeModel, yardstick: Yardstick, names: Sequence[str]) -> dict[str, float]:
    """Some metrics of a model by their `store.metric_name`; what the yardstick does not give is left out.

    The parts of an evaluation are run one after the other until the last of these metrics is known.
    """
    measured, out = MeasuredModel(model, yardstick), Evaluation()
    splits: list[Split] = ["valid", "train"] if any(name.startswith("train_") for name in names) else ["valid"]
    for split in splits:
        for part in PARTS:
            part(measured, split, out)
            values = {name: out.objective(name) for name in names}
            if None not in values.values():
                break
    return {name: value for name, value in values.items() if value is not None}

"""The primary metrics of each person: against brute force, and independent of who else is measured."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from acai_ray import metrics
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.units import MM
from acai_ray.evaluation import evaluate
from acai_ray.evaluation.controls import LinearModel
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses import PoseSet
from acai_ray.protocol.primary import PRIMARY
from acai_ray.store import SCHEMAS

SIZES = EvaluationConfig(
    pairs=30,
    transitions=10,
    distance_pairs=4,
    generated=200,
    targets=40,
    critic_draws=50,
    person_poses=12,
    person_draws=3,
)
LINES = LinearModel(torch.zeros(51), torch.eye(51), None)
"""A model that reconstructs exactly, and whose paths are straight lines."""


def rows_of(poses: PoseSet, model: LinearModel = LINES, sizes: EvaluationConfig = SIZES) -> pd.DataFrame:
    return pd.DataFrame(evaluate(model, Yardstick(poses, sizes)).subjects)


def without(poses: PoseSet, person: str) -> PoseSet:
    rows = (poses.index["subject"] != person).to_numpy()
    return replace(poses, poses=poses.poses[rows], index=poses.index[rows].reset_index(drop=True))


@pytest.fixture(scope="module")
def rows(pose_set: PoseSet) -> pd.DataFrame:
    return rows_of(pose_set)


def test_everybody_who_is_tested_has_every_primary_metric(rows: pd.DataFrame, pose_set: PoseSet) -> None:
    names = {metric.of_person for metric in PRIMARY}
    for split in ("valid", "test"):
        for person in pose_set.subjects(split):
            mine = rows[(rows["split"] == split) & (rows["subject"] == person)]
            assert names <= set(mine["metric"])
            assert mine["metric"].is_unique
    assert "train" not in set(rows["split"])
    assert set(rows.columns) == set(SCHEMAS["subjects"].names) - {"run_id"}


def test_a_perfect_model_is_perfect_for_everybody(rows: pd.DataFrame) -> None:
    means = rows.pivot_table(index="subject", columns="metric", values="mean")
    assert means["reconstruction"].to_numpy() == pytest.approx(0, abs=1e-3)
    assert means["smoothness_ratio"].to_numpy() == pytest.approx(1, abs=1e-3)


def test_the_numbers_are_those_of_the_persons_own_draws(rows: pd.DataFrame, pose_set: PoseSet) -> None:
    yardstick = Yardstick(pose_set, SIZES)
    person = yardstick.people["test"][0]
    mine = rows[(rows["split"] == "test") & (rows["subject"] == person.name)].set_index("metric")
    assert len(person.poses) == (pose_set.index["subject"] == person.name).sum()
    ends, t = person.poses[person.points], person.point_t[:, None, None]
    between = torch.lerp(ends[:, 0], ends[:, 1], t)
    excess = metrics.bone_excess(between, yardstick.bone_limits) * MM
    assert mine.loc["path_bone_excess", "mean"] == pytest.approx(float(excess.mean()), rel=1e-4)
    coverages = []
    for targets, ends, t in zip(person.targets, person.sample_ends, person.sample_t, strict=True):
        samples = torch.lerp(person.poses[ends[:, 0]], person.poses[ends[:, 1]], t[:, None, None])
        coverages.append(float(metrics.density_coverage(person.poses[targets], samples, SIZES.neighbours)[1]))
    assert mine.loc["path_coverage", "mean"] == pytest.approx(np.mean(coverages))
    assert (mine.loc["path_coverage", "n"], mine.loc["path_coverage", "n_reference"]) == (3, 12)


def test_paths_lie_between_two_poses_of_the_person(pose_set: PoseSet) -> None:
    for person in Yardstick(pose_set, SIZES).people["test"]:
        for ends in (person.pairs, person.points, person.sample_ends.flatten(0, 1)):
            assert (ends[:, 0] != ends[:, 1]).all()
            assert 0 <= int(ends.min()) <= int(ends.max()) < len(person.poses)


def test_nobodys_draws_depend_on_other_people(rows: pd.DataFrame, pose_set: PoseSet) -> None:
    """So a person is measured alike in whatever fold, and in a larger data set."""
    one, other = pose_set.subjects("test")
    alone = rows_of(without(pose_set, other))
    keys = ["split", "subject", "metric"]
    both = rows[rows["subject"] == one].merge(alone[alone["subject"] == one], on=keys)
    assert len(both) == 5
    assert both["mean_x"].to_numpy() == pytest.approx(both["mean_y"].to_numpy())


def test_who_has_too_few_poses_is_not_tested(pose_set: PoseSet) -> None:
    assert rows_of(pose_set, sizes=SIZES.model_copy(update={"person_poses": 100_000})).empty


def test_the_mean_pose_covers_little_and_is_everywhere(pose_set: PoseSet) -> None:
    flat = LinearModel.pca(torch.from_numpy(pose_set.split("train").poses), 1)
    nearest = SIZES.model_copy(update={"neighbours": 1, "precision_neighbours": 1})
    found = rows_of(pose_set, replace(flat, axes=torch.zeros_like(flat.axes)), nearest)
    means = found.pivot_table(index="metric", values="mean")["mean"]
    assert means["path_coverage"] < 0.5
    assert means["reconstruction"] > 50

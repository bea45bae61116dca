"""The small evaluation at a rung: few poses, nobody who is tested, and what the whole evaluation would give of them."""

import numpy as np
import pytest
import torch

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.evaluation import evaluate
from acai_ray.evaluation.rung_sample import POSES, SIZES, quick_values, rung_yardstick, sample_of, smaller
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.protocol.primary import PRIMARY
from acai_ray.training.state import TrainState
from tests.helpers.training import small

SIZED = EvaluationConfig(pairs=10, transitions=5, distance_pairs=4, generated=50, targets=20, critic_draws=10)
NAMES = tuple(metric.column for metric in PRIMARY)


@pytest.fixture(scope="module")
def model() -> PoseModel:
    return PoseModel.of_member(TrainState.start(small(), [0]).networks, 0, small())


def test_the_sample_is_small_fixed_and_without_test_people(pose_set: PoseSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("acai_ray.evaluation.rung_sample.POSES", 100)
    one, again, other = (sample_of(pose_set, seed) for seed in (0, 0, 1))
    assert one.splits == ("train", "valid")
    assert [len(one.split(split)) for split in one.splits] == [100, 100]
    assert np.array_equal(one.poses, again.poses)
    assert not np.array_equal(one.poses, other.poses)
    assert set(map(bytes, one.poses)) <= set(map(bytes, pose_set.poses))
    assert one.index["subject"].isin(pose_set.subjects("valid") + pose_set.subjects("train")).all()


def test_sizes_are_small_and_stay_possible() -> None:
    whole = EvaluationConfig()
    assert {name: getattr(smaller(whole), name) for name in SIZES} == SIZES
    assert smaller(SIZED) == SIZED.model_copy(update={"diverse": 100})
    many = EvaluationConfig(neighbours=1_500, targets=5_000, person_poses=2_000)
    assert smaller(many).targets == 1_501
    assert EvaluationConfig.model_validate(smaller(many).model_dump())


def test_a_rung_measures_what_an_evaluation_of_its_sample_would(pose_set: PoseSet, model: PoseModel) -> None:
    whole = Yardstick(pose_set, SIZED)
    small_one = rung_yardstick(pose_set, whole)
    assert all(len(poses) <= POSES for poses in small_one.poses.values())
    assert small_one.bone_limits is whole.bone_limits
    expected = evaluate(model, small_one)
    assert quick_values(model, small_one, NAMES) == {name: expected.objective(name) for name in NAMES}
    train = ("train_path_coverage", "path_coverage")
    assert quick_values(model, small_one, train) == {name: expected.objective(name) for name in train}
    assert quick_values(model, small_one, (*NAMES, "no_such_metric")) == quick_values(model, small_one, NAMES)


def test_a_rung_draws_from_no_stream_of_others(pose_set: PoseSet, model: PoseModel) -> None:
    whole = Yardstick(pose_set, SIZED)
    before, state = evaluate(model, whole), torch.get_rng_state()
    quick_values(model, rung_yardstick(pose_set, whole), NAMES)
    assert torch.equal(torch.get_rng_state(), state)
    assert evaluate(model, whole).metrics == before.metrics

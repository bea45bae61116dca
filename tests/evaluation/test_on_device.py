"""An evaluation on a GPU: nothing is mixed with the CPU's tensors, and the numbers are those of the CPU.

The GPU is pretended, so its arithmetic is the CPU's; the search for nearest poses is the devices' own.
"""

from collections.abc import Iterator

import pytest
import torch

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.evaluation import Evaluation, evaluate, evaluate_control, shrunk
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.parts.regularizer import regularizer
from acai_ray.evaluation.rung_sample import quick_values, rung_yardstick
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.metrics.search import device_bounds
from acai_ray.metrics.search.all_pairs import joint_distance_sums
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.training.regularizers import REGULARIZERS
from acai_ray.training.state import TrainState
from tests.helpers.evaluations import value
from tests.helpers.pretended_gpu import GPU, pretended_gpu
from tests.helpers.training import small

SIZES = EvaluationConfig(
    pairs=20,
    transitions=5,
    distance_pairs=4,
    distance_points=3,
    generated=1100,
    targets=30,
    critic_draws=50,
    gallery=4,
    person_poses=20,
    person_draws=2,
)
RUNG = ("reconstruction_mpjpe_mm", "path_coverage", "path_bone_excess_mm")


@pytest.fixture
def gpu(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(device_bounds, "sums_on", lambda _: joint_distance_sums)  # the pretended cannot be compiled for
    with pretended_gpu() as device:
        yield device


@pytest.fixture(scope="module")
def on_cpu(pose_set: PoseSet) -> Yardstick:
    return Yardstick(pose_set, SIZES)


def model(**settings: object) -> PoseModel:
    config = small(latent_dim=8, width=32, **settings)
    return PoseModel.of_member(TrainState.start(config, [3]).networks, 0, config)


def same(found: Evaluation, expected: Evaluation) -> None:
    for table in ("metrics", "curves", "subjects", "gallery"):
        assert repr(getattr(found, table)) == repr(getattr(expected, table)), table


@pytest.mark.slow
def test_a_model_has_the_numbers_of_the_cpu(pose_set: PoseSet, on_cpu: Yardstick, gpu: str) -> None:
    yardstick = Yardstick(pose_set, SIZES, gpu)
    assert {poses.device for poses in (*yardstick.poses.values(), yardstick.augmented)} == {GPU}
    assert MeasuredModel(model().to(gpu), yardstick).path_poses(9, "valid").device == GPU
    same(evaluate(model().to(gpu), yardstick), evaluate(model(), on_cpu))
    moved, stayed = (shrunk(model().to(of.device), of) for of in (yardstick, on_cpu))
    name = "path_coverage"
    assert value(evaluate(moved, yardstick, ["valid"]), name) == value(evaluate(stayed, on_cpu, ["valid"]), name)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mean", "linear", "untrained"])
def test_so_has_a_control(kind: str, pose_set: PoseSet, on_cpu: Yardstick, gpu: str) -> None:
    config = small(latent_dim=8, width=32)
    same(evaluate_control(kind, config, Yardstick(pose_set, SIZES, gpu)), evaluate_control(kind, config, on_cpu))


@pytest.mark.parametrize("name", REGULARIZERS)
def test_so_has_the_health_of_a_regularizer(name: str, pose_set: PoseSet, on_cpu: Yardstick, gpu: str) -> None:
    settings = {"regularizer": name, "codes": REGULARIZERS[name].codes[0]}
    moved, stayed = Evaluation(), Evaluation()
    with torch.no_grad():
        regularizer(MeasuredModel(model(**settings).to(gpu), Yardstick(pose_set, SIZES, gpu)), "valid", moved)
        regularizer(MeasuredModel(model(**settings), on_cpu), "valid", stayed)
    same(moved, stayed)


def test_so_has_what_is_measured_at_a_rung(pose_set: PoseSet, on_cpu: Yardstick, gpu: str) -> None:
    rung = rung_yardstick(pose_set, Yardstick(pose_set, SIZES, gpu))
    assert rung.device == GPU
    expected = quick_values(model(), rung_yardstick(pose_set, on_cpu), RUNG)
    assert set(expected) == set(RUNG)
    assert quick_values(model().to(gpu), rung, RUNG) == expected

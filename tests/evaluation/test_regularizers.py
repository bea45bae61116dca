"""What an evaluation tells of each regularizer, and what it leaves out where codes are not on the sphere."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.evaluation import Evaluation, evaluate_control
from acai_ray.evaluation.controls import WITHOUT_TRAINING
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.parts.codes import codes as codes_part
from acai_ray.evaluation.parts.regularizer import own_network, regularizer
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.poses.splits import SPLITS
from acai_ray.training.regularizers import REGULARIZERS, Probe
from tests.helpers.evaluations import names
from tests.helpers.training import small, trained

SIZES = EvaluationConfig(
    pairs=10, transitions=4, distance_pairs=4, distance_points=2, generated=200, targets=40, critic_draws=60, gallery=2
)
HEALTH = {
    "acai": {"critic_alpha_mse", "critic_real_mse", "critic_loss", "critic_correlation", "critic_auc"},
    "denoising": set(),
    "vae": {"vae_kl", "vae_active_units"},
    "aae": {"aae_critic_loss", "aae_critic_auc"},
    "constant_speed": {"speed_variation"},
}
"""The names of the metrics of each, as docs/metrics.md explains them."""

KINDS = [(part.name, codes) for part in REGULARIZERS.values() for codes in part.codes]


@pytest.fixture(scope="module")
def yardstick(pose_set: PoseSet) -> Yardstick:
    return Yardstick(pose_set, SIZES)


def model_of(poses: PoseSet, **settings: Any) -> PoseModel:
    state = trained(small(**{"lam": 0.01, **settings}), [0, 1], poses)
    return PoseModel.of_member(state.networks, 1, state.config)


def health_of(model: PoseModel, yardstick: Yardstick) -> Evaluation:
    out = Evaluation()
    with torch.no_grad():
        for split in SPLITS:
            regularizer(MeasuredModel(model, yardstick), split, out)
    return out


@pytest.mark.parametrize(("name", "codes"), KINDS)
def test_its_health_is_told_of_every_split(name: str, codes: str, pose_set: PoseSet, yardstick: Yardstick) -> None:
    found = health_of(model_of(pose_set, regularizer=name, codes=codes), yardstick)
    assert names(found) == {f"{split}{metric}" for split in ("", "train_", "test_") for metric in HEALTH[name]}
    assert len(found.metrics) == 3 * len(HEALTH[name])
    assert all(math.isfinite(row["value"]) and row["n"] == SIZES.critic_draws for row in found.metrics)
    assert {row["unit"] for row in found.metrics} <= {"1"}


def test_it_is_the_same_whenever_it_is_told(pose_set: PoseSet, yardstick: Yardstick) -> None:
    model = model_of(pose_set, regularizer="aae")
    first, again = (health_of(model, yardstick) for _ in range(2))
    assert first.metrics == again.metrics


def test_its_network_is_the_one_that_was_trained(pose_set: PoseSet) -> None:
    state = trained(small(regularizer="aae"), [0, 1], pose_set)
    own = own_network(PoseModel.of_member(state.networks, 1, state.config))
    assert own is not None
    assert not own.training
    assert state.networks.own is not None
    for name, value in own.state_dict().items():
        assert torch.equal(value[0], state.networks.own.state_dict()[name][1]), name
    assert own_network(model_of(pose_set, regularizer="denoising")) is None


def test_at_lambda_0_a_critic_is_told_and_a_network_that_is_not_there_is_not(
    pose_set: PoseSet, yardstick: Yardstick
) -> None:
    assert "critic_auc" in names(health_of(model_of(pose_set, lam=0.0), yardstick))
    assert names(health_of(model_of(pose_set, lam=0.0, critic=False), yardstick)) == set()


def test_one_that_is_not_finite_is_counted_as_left_out(pose_set: PoseSet, yardstick: Yardstick) -> None:
    model = model_of(pose_set, regularizer="vae", codes="flat")
    model.other_weights = {name: torch.full_like(value, torch.nan) for name, value in model.other_weights.items()}
    found = health_of(model, yardstick)
    assert {(row["value"], row["n"], row["n_left_out"]) for row in found.metrics} == {(None, 0, SIZES.critic_draws)}


def test_a_control_has_no_regularizer(yardstick: Yardstick) -> None:
    metrics_of_some = set().union(*HEALTH.values())
    for kind in set(WITHOUT_TRAINING) - {"untrained"}:
        found = evaluate_control(kind, small(regularizer="vae", codes="flat"), yardstick)
        assert not {name.removeprefix("test_").removeprefix("train_") for name in names(found)} & metrics_of_some


@pytest.mark.parametrize(("codes", "told"), [("sphere", 6), ("flat", 0)])
def test_how_codes_lie_on_the_sphere_is_told_only_of_the_sphere(
    codes: str, told: int, pose_set: PoseSet, yardstick: Yardstick
) -> None:
    model, out = model_of(pose_set, codes=codes), Evaluation()
    with torch.no_grad():
        measured = MeasuredModel(model, yardstick)
        for split in SPLITS:
            codes_part(measured, split, out)
    assert len(out.metrics) == told


def test_a_vae_is_told_by_the_closed_form(pose_set: PoseSet, yardstick: Yardstick) -> None:
    """Codes of 0 with variance 1 are the prior; with means of 0 no dimension is active."""
    model = model_of(pose_set, regularizer="vae", codes="flat", norm="none", critic_norm="none")
    zero = SimpleNamespace(
        config=model.config,
        own=own_network(model),
        encode=lambda poses: torch.zeros(len(poses), model.latent_dim),
        first=yardstick.poses["test"][:8],
    )
    assert zero.own is not None
    for parameter in zero.own.parameters():
        parameter.zero_()
    assert REGULARIZERS["vae"].health(zero) == {"vae_kl": 0.0, "vae_active_units": 0.0}  # type: ignore[arg-type]


class Uninformed(nn.Module):
    """A critic that answers 1/8 to every pose."""

    def __init__(self) -> None:
        super().__init__()
        self.answer = nn.Parameter(torch.full((1, 1), 1 / 8))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.answer.detach().expand(x.shape[:2])


def test_the_health_of_an_uninformed_critic(pose_set: PoseSet) -> None:
    """7/192 and 1/64, as `metrics.critic_health` says; its answers follow α in no way, so there is no correlation."""
    model = model_of(pose_set)
    poses = torch.tensor(pose_set.poses)[torch.arange(20_000) % 60]
    parts = (model.encode, model.decode, model.between, poses, poses.flip(0))
    health = REGULARIZERS["acai"].health(Probe(model.config, Uninformed(), *parts, np.random.default_rng(0)))
    assert health["critic_alpha_mse"] == pytest.approx(7 / 192, rel=0.02)
    assert health["critic_real_mse"] == 1 / 64
    assert health["critic_auc"] == 0.5
    assert "critic_correlation" not in health

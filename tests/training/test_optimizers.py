"""The learning rate depends on the epoch alone."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray.training.optimizers import learning_rate_factor
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train
from tests.helpers.training import small


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
@given(epochs=st.integers(2, 300), fraction=st.floats(0, 1))
@settings(max_examples=25)
def test_it_falls_from_1_to_the_final_fraction(schedule, epochs: int, fraction: float) -> None:
    config = small(schedule=schedule, epochs=epochs, final_lr_fraction=fraction)
    factors = [learning_rate_factor(config, epoch) for epoch in range(epochs)]
    assert factors[0] == 1
    assert factors[-1] == pytest.approx(fraction, abs=1e-12)
    assert all(a >= b - 1e-12 for a, b in pairwise(factors))
    if epochs % 2:
        assert factors[epochs // 2] == pytest.approx((1 + fraction) / 2)


def test_constant_is_1_and_a_single_epoch_is_not_slowed() -> None:
    assert {learning_rate_factor(small(epochs=50), epoch) for epoch in range(50)} == {1.0}
    assert learning_rate_factor(small(epochs=1, schedule="cosine"), 0) == 1


def test_a_quarter_of_the_cosine() -> None:
    config = small(epochs=5, schedule="cosine", final_lr_fraction=0)
    assert learning_rate_factor(config, 1) == pytest.approx((1 + math.sqrt(0.5)) / 2)


def test_both_networks_follow_it(pose_set) -> None:
    config = small(epochs=3, schedule="linear", final_lr_fraction=0.1, lr=1e-3, critic_lr=1e-2)
    state, used = TrainState.start(config, [0]), []
    for report in train(pose_set, state):
        used.append([group["lr"] for group in state.optimizer.param_groups])
        assert report.rows[0]["lr"] == used[-1][0]
    assert [lr for lr, _ in used] == pytest.approx([1e-3, 5.5e-4, 1e-4])
    assert [critic_lr for _, critic_lr in used] == pytest.approx([1e-2, 5.5e-3, 1e-3])


def test_the_critics_rate_is_the_autoencoders_unless_given() -> None:
    groups = TrainState.start(small(lr=0.2), [0]).optimizer.param_groups
    assert [group["lr"] for group in groups] == [0.2, 0.2]

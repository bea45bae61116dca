"""The loss terms against numbers worked out by hand."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from acai_ray.training import losses

ALPHA = (torch.arange(20_000, dtype=torch.float64) + 0.5) / 40_000
"""Evenly spread over [0, 0.5]: its means are those of the uniform distribution."""


def test_a_3_4_5_cm_shift_of_every_joint_is_25_square_cm() -> None:
    x = torch.randn(4, 8, 51, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    shift = torch.tensor([0.03, 0.04, 0.0]).double().repeat(17)
    torch.testing.assert_close(losses.reconstruction(x, x + shift), torch.full((4,), 0.0025).double())


def test_one_joint_of_one_pose_counts_its_share() -> None:
    x, x_hat = torch.zeros(2, 5, 51), torch.zeros(2, 5, 51)
    x_hat[1, 3, 6:9] = torch.tensor([0.3, 0.0, 0.4])
    torch.testing.assert_close(losses.reconstruction(x, x_hat), torch.tensor([0.0, 0.25 / (5 * 17)]))


def test_reconstruction_is_three_times_the_mean_squared_coordinate() -> None:
    rng = torch.Generator().manual_seed(1)
    x, x_hat = torch.randn(3, 8, 51, generator=rng), torch.randn(3, 8, 51, generator=rng)
    torch.testing.assert_close(losses.reconstruction(x, x_hat), 3 * (x - x_hat).square().mean((1, 2)))


def test_a_pose_and_itself_are_exactly_0_apart() -> None:
    x = torch.randn(2, 4, 51, generator=torch.Generator().manual_seed(2))
    assert losses.reconstruction(x, x.clone()).tolist() == [0.0, 0.0]


def test_an_uninformed_critic_answers_one_eighth() -> None:
    answers = torch.full_like(ALPHA, 1 / 8)
    assert float(losses.critic_alpha(answers, ALPHA)) == pytest.approx(7 / 192, rel=1e-8)
    assert float(losses.critic_real(answers)) == 1 / 64
    assert float(losses.adversarial(answers)) == 1 / 64


@given(st.floats(-1, 1))
def test_no_constant_answer_beats_one_eighth(constant: float) -> None:
    def loss(answer: float) -> float:
        answers = torch.full_like(ALPHA, answer)
        return float(losses.critic_alpha(answers, ALPHA) + losses.critic_real(answers))

    assert loss(constant) >= loss(1 / 8) - 1e-12
    assert loss(1 / 8) == pytest.approx(5 / 96, rel=1e-8)


def test_a_critic_that_only_tells_the_kinds_apart() -> None:
    assert float(losses.critic_alpha(torch.full_like(ALPHA, 1 / 4), ALPHA)) == pytest.approx(1 / 48, rel=1e-8)
    assert float(losses.critic_real(torch.zeros_like(ALPHA))) == 0


def test_a_perfect_critic_has_no_loss() -> None:
    assert float(losses.critic_alpha(ALPHA, ALPHA)) == 0


@given(st.floats(0, 1))
def test_the_mix_lies_between_pose_and_reconstruction(gamma: float) -> None:
    x, x_hat = torch.full((2, 51), 3.0), torch.full((2, 51), 1.0)
    torch.testing.assert_close(losses.mix(x, x_hat, gamma), torch.full((2, 51), 1 + 2 * gamma))


def test_the_ends_of_the_mix_are_exact() -> None:
    x, x_hat = torch.randn(2, 3, 51, generator=torch.Generator().manual_seed(3)).unbind()
    assert torch.equal(losses.mix(x, x_hat, 1.0), x)
    assert torch.equal(losses.mix(x, x_hat, 0.0), x_hat)


def test_every_term_keeps_the_member_axis() -> None:
    x, answers = torch.zeros(5, 7, 51), torch.zeros(5, 7)
    terms = [
        losses.reconstruction(x, x),
        losses.adversarial(answers),
        losses.critic_alpha(answers, answers),
        losses.critic_real(answers),
    ]
    assert [term.shape for term in terms] == [(5,)] * 4

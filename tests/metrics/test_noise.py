import math

import pytest
import torch

from acai_ray.metrics import joint_noise, mpjpe


def normal(n: int) -> torch.Tensor:
    return torch.randn(n, 17, 3, generator=torch.Generator().manual_seed(0))


def test_a_joint_is_displaced_by_1_in_the_root_mean_square() -> None:
    squares = joint_noise(normal(20_000)).square().sum(-1).mean(0)
    torch.testing.assert_close(squares[1:], torch.ones(16), rtol=0.03, atol=0)


def test_the_root_stays_and_the_numbers_given_are_not_changed() -> None:
    given = normal(3)
    before = given.clone()
    assert (joint_noise(given)[:, 0] == 0).all()
    assert torch.equal(given, before)


def test_its_mean_length_is_that_of_a_normal_vector_of_three_numbers() -> None:
    """E‖ε‖ = 2 √(2/π) σ for three coordinates of deviation σ = 1/√3; 16 of 17 joints move."""
    found = mpjpe(joint_noise(normal(20_000)), torch.zeros(17, 3)).mean()
    assert float(found) == pytest.approx(16 / 17 * 2 * math.sqrt(2 / math.pi / 3), rel=5e-3)

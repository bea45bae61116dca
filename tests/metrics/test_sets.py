"""Fréchet distance, spread of codes, critic health, statistics."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from acai_ray.latent import sample_sphere
from acai_ray.metrics import code_spread, critic_health, frechet_distance, statistics


def normal(n: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, 17, 3, generator=torch.Generator().manual_seed(seed))


def test_frechet_of_a_shift_is_its_square() -> None:
    a = normal(500).double()
    shift = torch.zeros(17, 3).double()
    shift[4] = torch.tensor([0.3, 0.4, 0.0])
    shift[0] = 7  # the root is left out
    assert float(frechet_distance(a, a + shift)) == pytest.approx(0.25)
    assert float(frechet_distance(a, a)) == pytest.approx(0, abs=1e-10)


def test_frechet_of_a_scale_about_the_mean() -> None:
    a = normal(500).double()
    mean = a.mean(0)
    variance = a[:, 1:].var(0).sum()
    assert float(frechet_distance(a, mean + 3 * (a - mean))) == pytest.approx(float(4 * variance))


def test_frechet_equals_the_textbook_formula() -> None:
    a, b = normal(300), normal(400, 1) @ torch.tensor([[1.0, 0.5, 0.0], [0.0, 1.0, 0.2], [0.0, 0.0, 0.3]]) + 0.1
    flat = [x[:, 1:].flatten(1).double().numpy() for x in (a, b)]
    means, covariances = [x.mean(0) for x in flat], [np.cov(x.T) for x in flat]
    root = sqrtm(covariances[0] @ covariances[1]).real
    expected = ((means[0] - means[1]) ** 2).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert float(frechet_distance(a, b)) == pytest.approx(expected, rel=1e-6)
    assert float(frechet_distance(b, a)) == pytest.approx(expected, rel=1e-6)


def test_frechet_to_one_pose_is_the_variance_about_it() -> None:
    a = normal(100).double()
    mean = a.mean(0, keepdim=True)
    for point in (mean, mean.expand(50, 17, 3)):
        assert float(frechet_distance(a, point)) == pytest.approx(float(a[:, 1:].var(0).sum()))


def test_even_codes_have_no_resultant_and_use_all_dimensions() -> None:
    even = torch.cat([torch.eye(5), -torch.eye(5)])
    resultant, participation = code_spread(even)
    assert float(resultant) == pytest.approx(0, abs=1e-12)
    assert float(participation) == pytest.approx(5)
    resultant, participation = code_spread(sample_sphere(50_000, 8, torch.Generator().manual_seed(0)))
    assert float(resultant) < 0.02
    assert float(participation) == pytest.approx(8, rel=0.01)


def test_codes_on_a_circle_use_two_dimensions() -> None:
    angle = torch.arange(360) * math.pi / 180
    circle = torch.stack([angle.cos(), angle.sin(), *torch.zeros(6, 360)], -1)
    assert float(code_spread(circle)[1]) == pytest.approx(2)
    resultant, participation = code_spread(circle[:1].expand(9, 8))
    assert float(resultant) == pytest.approx(1)
    assert participation.isnan()


def alphas(n: int = 4000) -> torch.Tensor:
    """Midpoints of an even grid: their mean of squares is that of U(0, 0.5) up to 1 / (48 n²)."""
    return (torch.arange(n).double() + 0.5) / (2 * n)


def test_an_uninformed_critic() -> None:
    alpha = alphas()
    eighth = torch.full_like(alpha, 1 / 8)
    health = critic_health(eighth, eighth, alpha, eighth)
    assert health == pytest.approx({"alpha_mse": 7 / 192, "real_mse": 1 / 64, "loss": 5 / 96, "auc": 0.5}, rel=1e-6)


def test_a_critic_that_only_tells_the_kinds_apart() -> None:
    alpha = alphas()
    quarter, zero = torch.full_like(alpha, 1 / 4), torch.zeros_like(alpha)
    health = critic_health(quarter, zero, alpha, zero)
    assert health == pytest.approx({"alpha_mse": 1 / 48, "real_mse": 0, "loss": 1 / 48, "auc": 1}, rel=1e-6)


def test_a_perfect_and_an_inverted_critic() -> None:
    alpha = alphas()
    zero = torch.zeros(10)
    perfect = critic_health(alpha.numpy(), zero, alpha, zero)
    assert perfect == pytest.approx({"alpha_mse": 0, "real_mse": 0, "loss": 0, "auc": 1, "correlation": 1})
    assert critic_health(-alpha, zero, alpha, zero)["correlation"] == pytest.approx(-1)
    assert critic_health(-alpha, zero, alpha, zero)["auc"] == 0


def test_auc_counts_ties_half() -> None:
    one = torch.tensor([0.1])
    health = critic_health(torch.tensor([1.0, 2.0, 3.0]), one, torch.tensor([0.1, 0.2, 0.3]), torch.tensor([1.0, 2.0]))
    assert health["auc"] == pytest.approx((0.5 + 0 + 1 + 0.5 + 1 + 1) / 6)


def test_statistics_leave_out_what_is_not_defined_and_say_so() -> None:
    values = torch.tensor([1.0, 2.0, math.nan, 4.0, 9.0])
    assert statistics(values) == pytest.approx({"n": 4, "n_left_out": 1, "mean": 4, "median": 3, "variance": 38 / 3})
    assert statistics(np.array([5.0, np.inf])) == {"n": 1, "n_left_out": 1, "mean": 5, "median": 5}
    assert statistics(torch.full((3,), math.nan)) == {"n": 0, "n_left_out": 3}

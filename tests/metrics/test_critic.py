"""The health of critics whose answers are known."""

import pytest
import torch

from acai_ray.metrics import critic_health


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

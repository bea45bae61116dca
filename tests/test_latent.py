"""Spherical interpolation and sampling against their closed forms."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray.latent import sample_sphere, slerp, slerp_at


def codes(n: int, d: int, seed: int = 0) -> torch.Tensor:
    return sample_sphere(n, d, torch.Generator().manual_seed(seed))


def test_quarter_circle() -> None:
    z1, z2 = torch.tensor([[1.0, 0.0, 0.0]]), torch.tensor([[0.0, 1.0, 0.0]])
    t = torch.linspace(0, 1, 7)
    expected = torch.stack([(t * math.pi / 2).cos(), (t * math.pi / 2).sin(), torch.zeros(7)], -1)
    torch.testing.assert_close(slerp(z1, z2, t), expected[None])


@given(st.integers(0, 10_000), st.integers(2, 64))
@settings(max_examples=30)
def test_path_is_on_the_sphere_at_constant_speed(seed: int, d: int) -> None:
    z1, z2 = (torch.nn.functional.normalize(codes(16, d, s).double(), dim=-1) for s in (seed, seed + 1))
    path = slerp(z1, z2, torch.linspace(0, 1, 11, dtype=torch.float64))
    regular = (z1 * z2).sum(-1) > -0.999
    path = path[regular]
    torch.testing.assert_close(path.norm(dim=-1), torch.ones_like(path[..., 0]), atol=1e-6, rtol=0)
    steps = path.diff(dim=1).norm(dim=-1)
    torch.testing.assert_close(steps, steps.mean(1, keepdim=True).expand_as(steps), atol=1e-6, rtol=1e-5)


def test_ends_are_the_codes_to_the_last_bit() -> None:
    z1, z2 = codes(1000, 8), codes(1000, 8, 1)
    z2[:10] = z1[:10]
    path = slerp(z1, z2, torch.tensor([0.0, 1.0]))
    assert torch.equal(path[:, 0], z1)
    assert torch.equal(path[:, 1], z2)


def test_one_place_a_pair_equals_the_same_place_on_the_path() -> None:
    z1, z2, t = codes(12, 5).view(3, 4, 5), codes(12, 5, 1).view(3, 4, 5), torch.linspace(0, 1, 12).view(3, 4)
    assert slerp_at(z1, z2, t).shape == (3, 4, 5)
    torch.testing.assert_close(slerp_at(z1, z2, t)[1, 2], slerp(z1[1, 2:3], z2[1, 2:3], t[1, 2:3])[0, 0])


def test_equal_codes_stay_and_have_finite_gradients() -> None:
    z = codes(20, 16).requires_grad_()
    t = torch.linspace(0, 1, 20)
    path = slerp_at(z, z.detach().clone(), t)
    torch.testing.assert_close(path, z, atol=1e-6, rtol=0)
    path.square().sum().backward()
    assert z.grad is not None
    assert z.grad.isfinite().all()


def test_nearly_equal_codes_follow_the_chord() -> None:
    z1 = codes(50, 8).double()
    z2 = torch.nn.functional.normalize(z1 + 1e-5 * codes(50, 8, 1), dim=-1)
    torch.testing.assert_close(slerp(z1, z2, torch.tensor([0.25]))[:, 0], 0.75 * z1 + 0.25 * z2, atol=1e-6, rtol=0)


@pytest.mark.parametrize("d", [2, 3, 16])
def test_opposite_codes_take_a_half_circle(d: int) -> None:
    z1 = codes(20, d).requires_grad_()
    path = slerp(z1, -z1.detach(), torch.linspace(0, 1, 9))
    torch.testing.assert_close(path.norm(dim=-1), torch.ones(20, 9), atol=1e-5, rtol=0)
    torch.testing.assert_close(path[:, 0], z1, atol=0, rtol=0)
    torch.testing.assert_close(path[:, -1], -z1, atol=0, rtol=0)
    steps = path.diff(dim=1).norm(dim=-1)
    torch.testing.assert_close(steps, torch.full_like(steps, 2 * math.sin(math.pi / 16)), atol=1e-5, rtol=0)
    path.square().sum().backward()
    assert z1.grad is not None
    assert z1.grad.isfinite().all()


@pytest.mark.parametrize("cosine", [-1 + 2e-6, -1 + 9e-6, -1 + 2e-5, -1 + 1e-4])
def test_nearly_opposite_codes_stay_near_the_sphere(cosine: float) -> None:
    z2 = torch.tensor([[cosine, math.sqrt(1 - cosine**2)]])
    lengths = slerp(torch.tensor([[1.0, 0.0]]), z2, torch.linspace(0, 1, 33)).norm(dim=-1)
    torch.testing.assert_close(lengths, torch.ones_like(lengths), atol=0.01, rtol=0)


def test_gradient_equals_finite_differences() -> None:
    z1, z2 = codes(3, 4).double().requires_grad_(), codes(3, 4, 1).double().requires_grad_()
    t = torch.tensor([0.1, 0.5, 0.9], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(slerp_at, (z1, z2, t))


def test_numpy_arrays_are_accepted() -> None:
    z1, z2 = codes(2, 4), codes(2, 4, 1)
    t = np.array([0.0, 0.3])
    torch.testing.assert_close(slerp(z1.numpy(), z2.numpy(), t), slerp(z1, z2, torch.tensor([0.0, 0.3])))


def test_samples_are_uniform_on_the_sphere() -> None:
    z = codes(100_000, 3)
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(100_000))
    torch.testing.assert_close(z.mean(0), torch.zeros(3), atol=0.01, rtol=0)
    assert abs(float((z[:, 2] < 0.5).float().mean()) - 0.75) < 0.01  # Archimedes: height is uniform


def test_180k_samples_are_distinct_and_reproducible() -> None:
    z = codes(180_000, 16)
    assert len(z.unique(dim=0)) == 180_000
    assert torch.equal(z, codes(180_000, 16))
    generator = torch.Generator().manual_seed(0)
    assert not torch.equal(sample_sphere(5, 4, generator), sample_sphere(5, 4, generator))

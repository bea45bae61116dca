import math

import pytest
import torch

from acai_ray.latent import slerp
from acai_ray.metrics import anci, mean_curve, path_energy_ratio, smoothness_ratio, transition_curve


def line(start: torch.Tensor, end: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    return start[:, None] + t[:, None, None] * (end - start)[:, None]


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def test_a_straight_line_of_dyadic_numbers_gives_exactly_1() -> None:
    whole = torch.randint(-64, 64, (2, 10, 17, 3), generator=torch.Generator().manual_seed(0)).float()
    paths = line(whole[0], whole[1], torch.linspace(0, 1, 9))
    curves = transition_curve(paths)
    assert (curves == 1).all()
    assert anci(curves) == 1
    assert (smoothness_ratio(curves) == 1).all()
    torch.testing.assert_close(path_energy_ratio(paths), torch.ones(10))


def test_a_straight_line_of_101_poses_gives_1() -> None:
    paths = line(
        normal(20, 17, 3).double(), normal(20, 17, 3, seed=1).double(), torch.linspace(0, 1, 101, dtype=torch.float64)
    )
    curves = transition_curve(paths)
    assert curves.shape == (20, 100)
    torch.testing.assert_close(curves, torch.ones_like(curves), rtol=1e-6, atol=0)
    torch.testing.assert_close(smoothness_ratio(curves), torch.ones(20).double(), rtol=1e-6, atol=0)
    torch.testing.assert_close(path_energy_ratio(paths), torch.ones(20).double())


def test_a_circle_decoded_by_one_joint_is_arc_over_chord() -> None:
    """A decoder that moves every joint by the code itself: steps 2 sin(θ/2T), chord 2 sin(θ/2)."""
    angle, steps = 2.0, 50
    z1, z2 = torch.tensor([[1.0, 0, 0]]).double(), torch.tensor([[math.cos(angle), math.sin(angle), 0]]).double()
    codes = slerp(z1, z2, torch.linspace(0, 1, steps + 1, dtype=torch.float64))
    curves = transition_curve(codes[:, :, None, :].expand(-1, -1, 17, 3))
    expected = steps * math.sin(angle / 2 / steps) / math.sin(angle / 2)
    torch.testing.assert_close(curves, torch.full((1, steps), expected).double(), rtol=1e-6, atol=0)
    assert float(anci(curves)) == pytest.approx(expected)


def test_uneven_steps_have_known_ratio_and_energy() -> None:
    t = torch.tensor([0.0, 0.5, 0.75, 1.0])  # steps 2, 1, 1 of 4
    paths = line(torch.zeros(1, 17, 3), torch.ones(1, 17, 3), t)
    torch.testing.assert_close(transition_curve(paths), torch.tensor([[1.5, 0.75, 0.75]]))
    torch.testing.assert_close(smoothness_ratio(transition_curve(paths)), torch.tensor([2.0]))
    torch.testing.assert_close(path_energy_ratio(paths), torch.tensor([3 * (4 + 1 + 1) / 16]))


def test_coinciding_ends_and_still_steps_are_nan_in_their_row_alone() -> None:
    paths = normal(3, 5, 17, 3)
    paths[0, -1] = paths[0, 0]
    paths[1, 2] = paths[1, 1]
    curves = transition_curve(paths)
    assert curves[0].isnan().all()
    assert curves[1:].isfinite().all()
    assert smoothness_ratio(curves).isnan().tolist() == [True, True, False]
    torch.testing.assert_close(mean_curve(curves), curves[1:].mean(0))
    torch.testing.assert_close(anci(curves), curves[1:].mean())
    still = paths[:, :1].expand(3, 5, 17, 3)
    assert path_energy_ratio(still).isnan().all()
    assert anci(transition_curve(still)).isnan()
    assert smoothness_ratio(curves.numpy()).isnan().tolist() == [True, True, False]


def test_a_detour_raises_anci_but_not_the_ratio() -> None:
    corner = torch.zeros(1, 3, 17, 3)
    corner[:, 1:, :, 0] = 1
    corner[:, 2:, :, 1] = 1
    curves = transition_curve(corner)
    torch.testing.assert_close(anci(curves), torch.tensor(math.sqrt(2)))
    assert smoothness_ratio(curves) == 1

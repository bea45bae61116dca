import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from acai_ray.latent import slerp
from acai_ray.metrics import anci, even_places, mean_curve, path_energy_ratio, smoothness_ratio, transition_curve


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


def test_a_straight_even_path_is_everywhere_at_its_share() -> None:
    paths = line(normal(20, 17, 3), normal(20, 17, 3, seed=1), torch.linspace(0, 1, 33))
    shares = torch.rand(20, generator=torch.Generator().manual_seed(2))
    shares[:2] = torch.tensor([0.0, 1.0])
    torch.testing.assert_close(even_places(paths, shares), shares, atol=1e-6, rtol=0)


def test_half_of_an_uneven_path_is_where_half_its_length_lies() -> None:
    t = torch.tensor([0.0, 0.5, 0.75, 1.0])  # steps of 1/2, 1/4 and 1/4
    paths = line(torch.zeros(5, 17, 3), torch.ones(5, 17, 3), t)
    shares = torch.tensor([0.0, 0.25, 0.5, 0.625, 1.0])
    torch.testing.assert_close(even_places(paths, shares), torch.tensor([0, 1 / 6, 1 / 3, 1 / 2, 1]))


@given(st.lists(st.sampled_from([0.0, 0.1, 1.0, 7.0]), min_size=1, max_size=12), st.floats(0, 1))
def test_the_length_up_to_a_place_is_its_share(steps: list[float], share: float) -> None:
    along = torch.tensor([0.0, *steps], dtype=torch.float64).cumsum(0)
    paths = along[None, :, None, None].expand(1, -1, 17, 3)
    place = even_places(paths, torch.tensor([share], dtype=torch.float64))
    if along[-1] == 0:
        assert place == share
    else:
        covered = np.interp(float(place) * len(steps), np.arange(len(along)), along)
        assert covered / float(along[-1]) == pytest.approx(share, abs=1e-9)

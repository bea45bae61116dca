"""Augmentation: what a flip and a rotation change, and what they keep."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray.common.skeleton import BONE_PAIRS, JOINT_PAIRS, JOINTS
from acai_ray.metrics import bone_lengths
from acai_ray.training import augment

NEVER, ALWAYS = torch.zeros(20, dtype=torch.bool), torch.ones(20, dtype=torch.bool)
STILL = torch.zeros(20)


@pytest.fixture(scope="module")
def some(pose_set) -> torch.Tensor:
    return torch.from_numpy(pose_set.poses[:20].copy())


def test_nothing_drawn_changes_nothing(some) -> None:
    result = augment.augment(some, NEVER, STILL)
    assert torch.equal(result, some)
    result += 1
    assert not torch.equal(result, some)


def test_a_flip_mirrors_x_and_exchanges_left_and_right(some) -> None:
    flipped = augment.augment(some, ALWAYS, STILL)
    partner = {**{name: name for name in JOINTS}}
    for right, left in JOINT_PAIRS:
        partner |= {JOINTS[right]: JOINTS[left], JOINTS[left]: JOINTS[right]}
    for joint, name in enumerate(JOINTS):
        source = some[:, JOINTS.index(partner[name])]
        assert torch.equal(flipped[:, joint], source * torch.tensor([-1.0, 1.0, 1.0]))


def test_two_flips_undo_each_other(some) -> None:
    assert torch.equal(augment.augment(augment.augment(some, ALWAYS, STILL), ALWAYS, STILL), some)


def test_a_flip_exchanges_the_bones_of_each_pair(some) -> None:
    before, after = bone_lengths(some), bone_lengths(augment.augment(some, ALWAYS, STILL))
    for right, left in BONE_PAIRS:
        torch.testing.assert_close(after[:, right], before[:, left])
        torch.testing.assert_close(after[:, left], before[:, right])


def test_a_quarter_turn_in_the_image_plane() -> None:
    pose = torch.zeros(1, 17, 3)
    pose[0, 3] = torch.tensor([1.0, 2.0, 3.0])
    turned = augment.augment(pose, torch.tensor([False]), torch.tensor([math.pi / 2]))
    torch.testing.assert_close(turned[0, 3], torch.tensor([-2.0, 1.0, 3.0]))


@given(st.floats(-math.pi, math.pi), st.booleans())
@settings(max_examples=25)
def test_a_rotation_keeps_depth_and_bones_and_is_undone_by_its_opposite(angle: float, flip: bool) -> None:
    pose = torch.randn(20, 17, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    flips = ALWAYS if flip else NEVER
    flipped = augment.augment(pose, flips, STILL.double())
    turned = augment.augment(pose, flips, torch.full((20,), angle, dtype=torch.float64))
    assert torch.equal(turned[..., 2], flipped[..., 2])
    torch.testing.assert_close(bone_lengths(turned), bone_lengths(flipped))
    torch.testing.assert_close(turned.norm(dim=-1), flipped.norm(dim=-1))
    back = augment.augment(turned, NEVER, torch.full((20,), -angle, dtype=torch.float64))
    torch.testing.assert_close(back, flipped)


def test_each_pose_has_its_own_draw(some) -> None:
    flip, angle = torch.arange(20) % 2 == 0, torch.linspace(-0.5, 0.5, 20)
    together = augment.augment(some.view(4, 5, 17, 3), flip.view(4, 5), angle.view(4, 5)).view(20, 17, 3)
    for i in range(20):
        assert torch.equal(together[i], augment.augment(some[i], flip[i], angle[i]))


@given(st.floats(0, 180), st.floats(0, 1), st.integers(0, 1000))
@settings(max_examples=25)
def test_draws_stay_within_their_bound(degrees: float, probability: float, seed: int) -> None:
    flip, angle = augment.draw((40, 50), degrees, probability, np.random.default_rng(seed))
    assert angle.dtype == torch.float32
    assert flip.shape == angle.shape == (40, 50)
    assert float(angle.abs().max()) <= math.radians(degrees) * (1 + 1e-6) + 1e-30  # below it float32 has few bits
    assert abs(float(flip.float().mean()) - probability) < 0.06


def test_the_bound_is_reached_from_both_sides() -> None:
    _, angle = augment.draw((10_000,), 30, 0.5, np.random.default_rng(0))
    assert math.degrees(float(angle.max())) == pytest.approx(30, abs=0.1)
    assert math.degrees(float(angle.min())) == pytest.approx(-30, abs=0.1)
    assert math.degrees(float(angle.mean())) == pytest.approx(0, abs=0.6)


@pytest.mark.parametrize(("probability", "share"), [(0.0, 0.0), (1.0, 1.0)])
def test_certain_flips(probability: float, share: float) -> None:
    flip, _ = augment.draw((1000,), 0, probability, np.random.default_rng(0))
    assert float(flip.float().mean()) == share

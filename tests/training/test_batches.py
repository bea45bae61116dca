"""The randomness of an epoch belongs to (seed, epoch)."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray.training.batches import draw_epoch
from tests.helpers.training import small


@pytest.fixture(scope="module")
def learned(pose_set) -> torch.Tensor:
    return torch.tensor(pose_set.split("train").poses)


@given(seed=st.integers(0, 10**6), epoch=st.integers(0, 1000))
@settings(max_examples=15)
def test_only_seed_and_epoch_decide(seed: int, epoch: int, learned) -> None:
    x, alpha = draw_epoch(small(), seed, epoch, learned)
    other = small(lam=0, gamma=0.4, latent_dim=9, width=32, norm="none", optimizer="sgd", lr=0.5, epochs=40)
    again = draw_epoch(other, seed, epoch, learned)
    assert torch.equal(x, again[0])
    assert torch.equal(alpha, again[1])
    for next_seed, next_epoch in ((seed + 1, epoch), (seed, epoch + 1)):
        assert not torch.equal(x, draw_epoch(small(), next_seed, next_epoch, learned)[0])


def test_shapes_and_bounds(learned) -> None:
    x, alpha = draw_epoch(small(steps_per_epoch=200), 0, 0, learned)
    assert x.shape == (200, 64, 51)
    assert alpha.shape == (200, 32)
    assert x.dtype == alpha.dtype == torch.float32
    assert 0 <= float(alpha.min()) < 0.001
    assert 0.499 < float(alpha.max()) <= 0.5
    assert float(alpha.mean()) == pytest.approx(0.25, abs=0.01)


def test_without_augmentation_the_batches_are_training_poses(learned) -> None:
    x, _ = draw_epoch(small(rotation_deg=0, flip_probability=0, steps_per_epoch=40), 0, 0, learned)
    known = {row.numpy().tobytes() for row in learned.flatten(1)}
    drawn = {row.numpy().tobytes() for row in x.flatten(0, 1)}
    assert drawn <= known
    assert len(drawn) > 0.9 * len(known)


def test_augmentation_keeps_depths_and_turns_at_most_30_degrees(learned) -> None:
    plain, _ = draw_epoch(small(rotation_deg=0, flip_probability=0), 0, 0, learned)
    turned, _ = draw_epoch(small(flip_probability=0), 0, 0, learned)
    a, b = plain.unflatten(-1, (17, 3)), turned.unflatten(-1, (17, 3))
    assert torch.equal(a[..., 2], b[..., 2])
    x, y, u, v = *a[..., 10, :2].unbind(-1), *b[..., 10, :2].unbind(-1)
    angle = torch.atan2(x * v - y * u, x * u + y * v).rad2deg()
    assert 25 < float(angle.abs().max()) < 30.001

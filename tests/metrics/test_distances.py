import math

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from acai_ray.metrics import euclidean, mpjpe, pa_mpjpe


def poses(n: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(n, 17, 3, generator=torch.Generator().manual_seed(seed))


def test_a_3_4_cm_shift_is_50_mm() -> None:
    a = poses(5)
    b = a + torch.tensor([0.03, 0.04, 0.0])
    torch.testing.assert_close(mpjpe(a, b), torch.full((5,), 0.05))
    torch.testing.assert_close(euclidean(a, b), torch.full((5,), math.sqrt(17) * 0.05))


def test_shapes_broadcast_and_numpy_is_accepted() -> None:
    a = poses(6).view(2, 3, 17, 3)
    assert mpjpe(a, poses(1)[0]).shape == (2, 3)
    assert euclidean(a.numpy(), poses(1)[0].numpy()).shape == (2, 3)
    frozen = a.numpy().copy()
    frozen.flags.writeable = False
    assert torch.equal(mpjpe(frozen, np.zeros((17, 3), np.float32)), mpjpe(a, torch.zeros(17, 3)))
    assert mpjpe(np.ones((17, 3), np.int64), np.zeros((17, 3), np.int64)).item() == pytest.approx(math.sqrt(3))


def test_one_moved_joint_tells_the_distances_apart() -> None:
    a = poses(1)
    b = a.clone()
    b[:, 4, 1] += 0.5
    torch.testing.assert_close(mpjpe(a, b), torch.tensor([0.5 / 17]))
    torch.testing.assert_close(euclidean(a, b), torch.tensor([0.5]))


def similar(a: torch.Tensor) -> torch.Tensor:
    turn = torch.from_numpy(Rotation.random(len(a), random_state=1).as_matrix())
    return (0.3 * a @ turn.mT + torch.tensor([1.0, -2.0, 3.0])).to(a.dtype)


def test_pa_mpjpe_forgives_every_similarity() -> None:
    a = poses(50).double()
    torch.testing.assert_close(pa_mpjpe(similar(a), a), torch.zeros(50, dtype=torch.float64), atol=1e-12, rtol=0)
    b = a + 0.1 * poses(50, 1)
    torch.testing.assert_close(pa_mpjpe(similar(a), b), pa_mpjpe(a, b))
    assert (pa_mpjpe(poses(50).float() + 5, poses(50)) < 1e-5).all()


def test_pa_mpjpe_does_not_reflect() -> None:
    a = poses(20).double()
    assert (pa_mpjpe(a * torch.tensor([-1.0, 1.0, 1.0]), a) > 0.1).all()


def test_pa_mpjpe_is_the_least_squares_alignment() -> None:
    a, b = poses(1).double(), poses(1, 1).double()
    x, y = (v[0] - v[0].mean(0) for v in (a, b))
    turn, _ = Rotation.align_vectors(y.numpy(), x.numpy())
    turned = x @ torch.from_numpy(turn.as_matrix()).mT
    scale = (turned * y).sum() / x.square().sum()
    torch.testing.assert_close(pa_mpjpe(a, b), mpjpe(scale * turned, y)[None])


def test_pa_mpjpe_of_a_collapsed_pose_is_finite() -> None:
    b = poses(1)
    torch.testing.assert_close(pa_mpjpe(torch.zeros(1, 17, 3), b), mpjpe(b.mean(1, keepdim=True), b))

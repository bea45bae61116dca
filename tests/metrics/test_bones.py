import pytest
import torch

from acai_ray.common.skeleton import BONES, FLIP
from acai_ray.metrics import bone_asymmetry, bone_excess, bone_length_range, bone_lengths, bone_variation


def body(lengths: torch.Tensor) -> torch.Tensor:
    """Poses `(N, 17, 3)` whose bones have these lengths `(N, 16)`, each along a direction of its own."""
    directions = torch.nn.functional.normalize(torch.randn(16, 3, generator=torch.Generator().manual_seed(0)), dim=-1)
    poses = torch.zeros(len(lengths), 17, 3, dtype=lengths.dtype)
    for bone, (child, parent) in enumerate(BONES):
        poses[:, child] = poses[:, parent] + lengths[:, bone, None] * directions[bone]
    return poses


def uniform(n: int) -> torch.Tensor:
    return torch.linspace(0.2, 0.4, n).double()[:, None].repeat(1, 16)


def test_lengths_are_those_the_body_was_made_of() -> None:
    lengths = 0.1 + torch.rand(7, 16, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(bone_lengths(body(lengths)), lengths)


def test_range_holds_the_middle_99_percent() -> None:
    expected = torch.tensor([0.201, 0.399]).double().expand(16, 2)
    torch.testing.assert_close(bone_length_range(body(uniform(1001))), expected)


def test_excess_is_the_mean_distance_outside() -> None:
    limits = torch.tensor([[0.2, 0.4]]).expand(16, 2)
    lengths = torch.full((3, 16), 0.3)
    lengths[1, 2] = 0.4 + 0.16
    lengths[2, :2] = 0.2 - 0.08
    torch.testing.assert_close(
        bone_excess(body(lengths), limits), torch.tensor([0.0, 0.01, 0.01]), atol=1e-7, rtol=1e-5
    )


def test_asymmetry_is_0_for_a_mirrored_body_and_flips_leave_it() -> None:
    lengths = torch.full((2, 16), 0.3)
    lengths[1, 0] += 0.06  # right_hip
    poses = body(lengths)
    torch.testing.assert_close(bone_asymmetry(poses), torch.tensor([0.0, 0.01]), atol=1e-7, rtol=1e-5)
    torch.testing.assert_close(bone_asymmetry(poses[:, FLIP]), bone_asymmetry(poses))


def test_variation_is_0_for_rigid_bones_and_the_deviation_otherwise() -> None:
    rigid = (
        body(torch.full((1, 16), 0.3))
        @ torch.linalg.qr(torch.randn(5, 3, 3, generator=torch.Generator().manual_seed(0)))[0]
    )
    pulsing = body(torch.tensor([0.29, 0.31, 0.29, 0.31, 0.30])[:, None].expand(5, 16))
    found = bone_variation(torch.stack([rigid, pulsing]))
    torch.testing.assert_close(found, torch.tensor([0.0, 0.01 * (4 / 5) ** 0.5]), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("n", [1, 2])
def test_range_of_hardly_any_poses_is_finite(n: int) -> None:
    assert bone_length_range(body(uniform(n)).numpy()).isfinite().all()

"""Poses with missing joints: one that the model made is found again, wherever it stands and whatever is missing."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray.common.skeleton import JOINTS
from acai_ray.latent import sample_sphere
from acai_ray.models.completion import Completion, complete
from acai_ray.models.pose_model import PoseModel
from tests.helpers.training import small, trained

ARM = [JOINTS.index(f"left_{part}") for part in ("shoulder", "elbow", "wrist")]
PELVIS = JOINTS.index("pelvis")
COUNT = 12


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.fixture(scope="module")
def model(pose_set) -> PoseModel:
    state = trained(small(), [0], pose_set)
    return PoseModel.of_member(state.networks, 0, state.config)


@pytest.fixture(scope="module")
def own(model) -> torch.Tensor:
    """Poses that the model decodes exactly."""
    return model.decode(sample_sphere(COUNT, model.latent_dim, rng(1)))


def without(poses: torch.Tensor, joints: list[int]) -> torch.Tensor:
    holed = poses.clone()
    holed[:, joints] = torch.nan
    return holed


@pytest.mark.parametrize("missing", [[], ARM, [PELVIS], [PELVIS, *ARM], list(range(5, 17))])
def test_a_decoded_pose_is_found_again(model, own, missing) -> None:
    found = complete(model, without(own, missing), rng())
    assert found.error_mm.max() < 0.1
    torch.testing.assert_close(found.codes.norm(dim=-1), torch.ones(COUNT))
    assert (found.poses - own).norm(dim=-1).median() < 1e-3


def test_known_joints_stay_and_the_others_are_the_decoded_ones(model, pose_set) -> None:
    poses = torch.tensor(pose_set.split("test").poses[:COUNT])
    found = complete(model, without(poses, ARM), rng())
    known = [joint for joint in range(17) if joint not in ARM]
    assert torch.equal(found.poses[:, known], poses[:, known])
    assert torch.equal(found.poses[:, ARM], found.decoded[:, ARM])
    error = 1000 * (found.decoded - poses)[:, known[1:]].norm(dim=-1).mean(-1)
    assert known[0] == PELVIS
    torch.testing.assert_close(found.error_mm, error)


@pytest.mark.parametrize("missing", [ARM, [PELVIS]])
def test_where_a_pose_stands_is_no_matter(model, own, missing) -> None:
    place = torch.tensor([2.0, -0.5, 4.0])
    here, there = (complete(model, without(poses, missing), rng()) for poses in (own, own + place))
    torch.testing.assert_close(there.poses - place, here.poses, atol=1e-3, rtol=0)


def test_the_code_is_the_nearest_on_the_sphere(model, pose_set) -> None:
    """No code near it is better by much (the cost has kinks), and neither is the encoder's, of the whole pose."""
    poses = torch.tensor(pose_set.split("test").poses[:COUNT])
    found = complete(model, poses, rng())

    def cost(codes: torch.Tensor) -> torch.Tensor:
        decoded = model.decode(codes)
        return (decoded - decoded[:, :1] - poses).square().sum((-2, -1))

    for size in (1e-3, 1e-2, 1e-1, 1.0):
        near = torch.nn.functional.normalize(found.codes + size * torch.randn(found.codes.shape, generator=rng(2)))
        assert (cost(found.codes) <= 1.002 * cost(near)).all()
    assert (cost(found.codes) <= 1.002 * cost(model.encode(poses))).all()


def test_same_generator_same_poses_and_no_pose_depends_on_another(model, own) -> None:
    holed = without(own, ARM)
    first, again = complete(model, holed, rng()), complete(model, holed, rng())
    for a, b in zip(first, again, strict=True):
        assert torch.equal(a, b)
    alone = complete(model, holed[3:4], rng()).poses
    torch.testing.assert_close(alone, first.poses[3:4], atol=1e-3, rtol=0)


@pytest.mark.slow
@settings(max_examples=10)
@given(known=st.lists(st.sets(st.integers(0, 16), min_size=2), min_size=COUNT, max_size=COUNT))
def test_any_joints_may_be_missing_and_differ_from_pose_to_pose(model, own, known) -> None:
    holed = own.clone()
    for pose, joints in zip(holed, known, strict=True):
        pose[[joint for joint in range(17) if joint not in joints]] = torch.nan
    found = complete(model, holed, rng())
    assert found.poses.isfinite().all()
    assert found.error_mm.median() < 1


def test_numpy_no_pose_at_all_and_few_candidates(model, own) -> None:
    assert isinstance(complete(model, own.double().numpy(), rng()), Completion)
    assert complete(model, own[:0], rng()).poses.shape == (0, 17, 3)
    assert complete(model, own, rng(), candidates=1, starts=1).poses.shape == own.shape


@pytest.mark.parametrize(
    ("poses", "said"),
    [
        (np.zeros((3, 16, 3)), r"\(3, 16, 3\)"),
        (np.zeros((17, 3)), r"\(17, 3\)"),
        (np.full((2, 17, 3), np.inf), "a missing joint is NaN"),
        (np.full((2, 17, 3), np.nan), r"poses\[0\] has 0"),
        (1000 * np.random.default_rng(0).normal(size=(2, 17, 3)), "divide millimetres by 1000"),
    ],
)
def test_what_cannot_be_completed(model, poses, said) -> None:
    with pytest.raises(ValueError, match=said):
        complete(model, poses, rng())


def test_counts_that_make_no_sense(model, own) -> None:
    with pytest.raises(ValueError, match="starts"):
        complete(model, own, rng(), starts=0)

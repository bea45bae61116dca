"""The search against float64 brute force."""

from typing import Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from acai_ray.metrics import nearest_distances, neighbours, pairwise

Name = Literal["mpjpe", "euclidean"]
NAMES: tuple[Name, ...] = ("mpjpe", "euclidean")
both = pytest.mark.parametrize("distance", NAMES)


def brute(queries: torch.Tensor, references: torch.Tensor, distance: Name) -> torch.Tensor:
    difference = queries.double()[:, None] - references.double()[None]
    joints = difference.square().sum(-1)
    table = joints.sqrt().mean(-1) if distance == "mpjpe" else joints.sum(-1).sqrt()
    return table.amin(1)


def check(queries: torch.Tensor, references: torch.Tensor, distance: Name, rtol: float = 1e-6) -> None:
    found = nearest_distances(queries, references, distance)
    assert found.dtype == queries.dtype
    torch.testing.assert_close(found.double(), brute(queries, references, distance), rtol=rtol, atol=0)


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def poselike(n: int, seed: int = 0) -> torch.Tensor:
    """Poses with few degrees of freedom, so that near and far references both occur."""
    return (normal(n, 6, seed=seed) @ normal(6, 51, seed=99)).view(n, 17, 3) * 0.1


@pytest.fixture(autouse=True)
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairwise, "CPU_TILE", (16, 64))


@both
@pytest.mark.parametrize(("q", "n"), [(1, 1), (1, 500), (500, 1), (16, 64), (17, 65), (100, 1000), (5, 3)])
def test_equals_brute_force(q: int, n: int, distance: Name) -> None:
    check(poselike(q), poselike(n, 1), distance)
    check(poselike(q).double(), poselike(n, 1).double(), distance, rtol=1e-13)


@both
@given(
    st.data(),
    st.sampled_from([0.0, 1.0, -300.0, 1e5]),
    st.sampled_from([1e-6, 1e-3, 1.0, 1e3]),
    st.sampled_from([0.0, 1e-7, 1e-3]),
)
@settings(max_examples=150, deadline=None)
def test_equals_brute_force_on_few_values_and_offsets(
    distance: Name, data: st.DataObject, offset: float, scale: float, jitter: float
) -> None:
    """Small whole numbers make duplicates and exact ties; offset and scale make cancellation; jitter near ties."""
    q, n = data.draw(st.integers(1, 20)), data.draw(st.integers(1, 80))
    whole = arrays.arrays(np.int8, (q + n, 17, 3), elements=st.integers(-1, 1), fill=st.just(0))
    sets = torch.from_numpy(data.draw(whole)).float() * scale + offset
    sets = sets * (1 + jitter * normal(q + n, 17, 3))
    check(sets[:q], sets[q:], distance)


@both
def test_a_set_against_itself_is_exactly_0(distance: Name) -> None:
    for offset in (0, 3, 1e4):
        members = poselike(300) + offset
        assert (nearest_distances(members, members.flip(0), distance) == 0).all()


@both
@pytest.mark.parametrize("size", [1e-12, 1e-7, 1e-4])
def test_tiny_distances_beside_large_norms(distance: Name, size: float) -> None:
    references = poselike(400)
    check(references[:100] + size * normal(100, 17, 3), references, distance)


@both
def test_collapsed_references(distance: Name) -> None:
    point = poselike(1)
    check(poselike(40, 1), point.repeat(300, 1, 1), distance)
    check(poselike(40, 1), point + 1e-6 * normal(300, 17, 3), distance)
    check(torch.cat([point, poselike(40, 1)]), point.repeat(300, 1, 1), distance)


@both
def test_queries_far_from_all_references(distance: Name) -> None:
    check(poselike(40, 1) + 1e4, poselike(300), distance)
    check(torch.cat([poselike(20, 1), poselike(20, 2) + 1e6]), poselike(300), distance)


@both
def test_members_of_the_set_at_every_distance(distance: Name) -> None:
    references = poselike(500)
    scales = torch.logspace(-9, 2, 100)[:, None, None]
    check(references[:100] + scales * normal(100, 17, 3), references, distance)


@both
@pytest.mark.parametrize("share", [0.0, 1.0])
def test_blocks_and_single_pairs_give_the_same(distance: Name, share: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "DENSE", share)
    check(poselike(60), poselike(900, 1), distance)


@both
def test_low_matrix_precision_costs_time_only(distance: Name) -> None:
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        check(poselike(60), poselike(900, 1), distance)
    finally:
        torch.set_float32_matmul_precision(before)


@both
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_poses_that_are_not_finite_are_named(distance: Name, value: float) -> None:
    bad = poselike(10).numpy()
    bad[[3, 7], 5, 1] = value
    with pytest.raises(ValueError, match=r"queries must be finite .* queries\[3\] is not \(2 of 10 poses\)"):
        nearest_distances(bad, poselike(5), distance)
    with pytest.raises(ValueError, match=r"references\[3\] is not"):
        nearest_distances(poselike(5), bad, distance)


def test_edges_are_refused_or_empty() -> None:
    with pytest.raises(ValueError, match="at least 1 pose"):
        nearest_distances(poselike(2), poselike(2)[:0])
    with pytest.raises(ValueError, match="one of mpjpe, euclidean, but got 'cosine'"):
        nearest_distances(poselike(2), poselike(2), "cosine")  # type: ignore[arg-type]
    assert nearest_distances(poselike(2)[:0], poselike(2)).shape == (0,)


@both
def test_inputs_are_left_alone_and_order_does_not_matter(distance: Name) -> None:
    queries, references = poselike(50), poselike(700, 1)
    kept = references.clone()
    found = nearest_distances(queries, references, distance)
    assert torch.equal(references, kept)
    shuffled = references[torch.randperm(700, generator=torch.Generator().manual_seed(0))]
    torch.testing.assert_close(nearest_distances(queries, shuffled, distance), found, rtol=1e-6, atol=0)

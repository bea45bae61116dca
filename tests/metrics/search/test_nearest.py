"""The search against float64 brute force."""

from collections.abc import Callable
from typing import Literal

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from acai_ray.metrics import ReferencePoses, euclidean, mpjpe, nearest_distances
from acai_ray.metrics.search import bounds, compiling, tree

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
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small sets of queries fill several chunks."""
    monkeypatch.setattr(tree, "QUERIES", 7)


@both
@pytest.mark.parametrize(("q", "n"), [(1, 1), (1, 500), (500, 1), (16, 64), (17, 65), (100, 1000), (5, 3), (20, 9000)])
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
@settings(max_examples=150)
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
def test_the_bound_is_below_the_distance_and_close_to_it(distance: Name) -> None:
    queries, references = poselike(60), poselike(900, 1)
    projection = bounds.Projection.of(references, distance)
    features = [
        projection(poses)[0].unflatten(1, (-1, 3) if distance == "mpjpe" else (1, 18))
        for poses in (queries, references)
    ]
    bound = torch.linalg.vector_norm(features[0][:, None] - features[1], dim=-1).sum(-1)
    exact = 17 * mpjpe(queries[:, None], references) if distance == "mpjpe" else euclidean(queries[:, None], references)
    assert (bound <= exact * 1.00001).all()
    assert float((bound / exact).mean()) > 0.6


@both
def test_a_set_arranged_once_serves_many_searches(distance: Name) -> None:
    queries, references = poselike(40), poselike(900, 1)
    arranged = ReferencePoses(references)
    assert len(arranged) == 900
    expected = nearest_distances(queries, references, distance)
    assert torch.equal(nearest_distances(queries, arranged, distance), expected)
    assert torch.equal(nearest_distances(queries[:7], arranged, distance), expected[:7])
    assert torch.equal(nearest_distances(queries.requires_grad_(), arranged, distance), expected)
    check(queries.detach().double(), references, distance, rtol=1e-13)


@both
def test_parts_one_after_another_give_what_the_whole_set_does(distance: Name) -> None:
    queries, references = poselike(40), poselike(900, 1)
    best = None
    for part in references.tensor_split([10, 300]):
        best = nearest_distances(queries, part, distance, best=best)
    assert torch.equal(best, nearest_distances(queries, references, distance))
    nearer = torch.full((40,), 1e-3)
    assert torch.equal(nearest_distances(queries, references, distance, best=nearer), nearer)


@both
def test_threads_and_order_change_no_bit(distance: Name) -> None:
    queries, references = poselike(60), poselike(900, 1)
    found = nearest_distances(queries, references, distance)
    assert torch.equal(nearest_distances(queries, references.flip(0), distance), found)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        assert torch.equal(nearest_distances(queries, references, distance), found)
    finally:
        torch.set_num_threads(before)


def test_a_read_only_installation_compiles_without_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(cache: bool = False, **options: object) -> Callable[[Callable[..., int]], Callable[..., int]]:
        if cache:
            raise RuntimeError("cannot cache function")
        return lambda function: function

    monkeypatch.setattr(compiling.numba, "njit", njit)
    assert compiling.compiled()(lambda: 5)() == 5


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


@pytest.mark.parametrize("distance", NAMES)
def test_equal_queries_find_what_each_alone_finds(distance: Name) -> None:
    generator = torch.Generator().manual_seed(5)
    references = torch.randn(300, 17, 3, generator=generator)
    query = torch.randn(1, 17, 3, generator=generator)
    alone = nearest_distances(query, references, distance)
    assert torch.equal(nearest_distances(query.expand(50, -1, -1), references, distance), alone.expand(50))
    best = torch.tensor([0.0, float(alone) + 1])
    together = nearest_distances(query.expand(2, -1, -1), references, distance, best=best)
    assert torch.equal(together, torch.minimum(alone.expand(2), best))


@both
def test_what_has_enough_equal_neighbours_is_looked_for_no_further(distance: Name) -> None:
    """A collapsed model's poses would otherwise all be held against all."""
    arranged = tree.Tree.of(poselike(1).repeat(3000, 1, 1), distance)
    limits, kept = torch.full((20,), torch.inf), torch.full((20, 4), torch.inf)
    work = arranged._run("tree", arranged.poses[:20].contiguous(), limits, kept, np.zeros(0, dtype=np.int64))
    assert (kept == 0).all()
    assert work[1] == 20 * 4

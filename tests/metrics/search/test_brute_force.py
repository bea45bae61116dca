"""Every way of searching against float64 brute force, and which way is taken where."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray.metrics import ReferencePoses, euclidean, mpjpe
from acai_ray.metrics.search import brute_force, costs, tree
from acai_ray.metrics.search.bounds import Distance, Projection
from acai_ray.metrics.search.costs import Way
from acai_ray.metrics.search.tree import Tree

WAYS: tuple[tuple[Distance, Way], ...] = (("mpjpe", "sums"), ("mpjpe", "slopes"), ("euclidean", "squares"))
by_ways = pytest.mark.parametrize(("distance", "way"), WAYS)
Choice = Callable[[Distance, int, Callable[[Way], float]], Way]


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def forced(monkeypatch: pytest.MonkeyPatch, way: Way) -> None:
    """Every search, however small, goes this way."""
    monkeypatch.setattr(costs, "cheapest", lambda *_: way)
    monkeypatch.setattr(tree, "FEWEST_QUERIES", 0)
    monkeypatch.setattr(tree, "FEWEST_POSES", 0)


def table(queries: torch.Tensor, references: torch.Tensor, distance: Distance) -> torch.Tensor:
    """All distances in float64, rounded to the type of the poses."""
    metric = mpjpe if distance == "mpjpe" else euclidean
    rows = [metric(query.double(), references.double()) for query in queries]
    return torch.stack(rows).to(queries.dtype)


def check(queries: torch.Tensor, references: torch.Tensor, distance: Distance, k: int = 1) -> None:
    """The k nearest are those of brute force, and those of the tree to the last bit."""
    arranged = Tree.of(references, distance)
    k = min(k, len(references))
    limits = queries.new_full((len(queries),), torch.inf)
    found = arranged.nearest(queries, limits, k)
    by_tree = limits[:, None].repeat(1, k)
    arranged._run("tree", queries, limits.clone(), by_tree, torch.zeros(0, dtype=torch.int64).numpy())
    assert torch.equal(found, by_tree)
    expected = table(queries, references, distance).sort(1).values[:, :k]
    eps = torch.finfo(queries.dtype).eps if queries.dtype == torch.float32 else 1e-13
    torch.testing.assert_close(found, expected, rtol=eps, atol=0)


def heap(n: int, width: float, seed: int = 0) -> torch.Tensor:
    """Poses of a collapsed decoder: all near one."""
    return normal(1, 17, 3, seed=9) + width * normal(n, 17, 3, seed=seed)


@by_ways
@pytest.mark.parametrize(("q", "n"), [(1, 1), (3, 2), (40, 1023), (5, 1024), (6, 1025), (300, 2100)])
def test_gaussian_poses(q: int, n: int, distance: Distance, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    forced(monkeypatch, way)
    for k in (1, 4):
        check(normal(q, 17, 3), normal(n, 17, 3, seed=1), distance, k)
    check(normal(q, 17, 3).double(), normal(n, 17, 3, seed=1).double(), distance)


@by_ways
@pytest.mark.parametrize("width", [0.0, 1e-8, 1e-6, 1e-3, 0.1])
def test_collapsed_sets(width: float, distance: Distance, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    forced(monkeypatch, way)
    check(normal(50, 17, 3), heap(1500, width), distance, k=3)
    check(heap(50, width, seed=2), normal(1500, 17, 3), distance)
    check(heap(50, width, seed=2), heap(1500, width), distance)


@by_ways
@pytest.mark.parametrize("offset", [1e3, 1e6, 1e12])
def test_huge_offsets(offset: float, distance: Distance, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    forced(monkeypatch, way)
    check(normal(30, 17, 3) + offset, normal(1200, 17, 3, seed=1) + offset, distance)
    check(normal(30, 17, 3) + offset, normal(1200, 17, 3, seed=1), distance)
    far = torch.cat([normal(1200, 17, 3, seed=1), normal(3, 17, 3) * offset])
    check(torch.cat([normal(30, 17, 3), far[-3:]]), far, distance)


@by_ways
@pytest.mark.parametrize("scale", [1e-18, 1e-12, 1e-6])
def test_tiny_poses(scale: float, distance: Distance, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """In float32 their squares vanish. In float64 they need not."""
    forced(monkeypatch, way)
    check(scale * normal(30, 17, 3).double(), scale * normal(1200, 17, 3, seed=1).double(), distance)


@by_ways
@given(st.integers(1, 12), st.integers(1, 60), st.sampled_from([0.0, 1.0, -300.0]), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_ties_and_duplicates(distance: Distance, way: Way, q: int, n: int, offset: float, seed: int) -> None:
    """Poses of few whole numbers: many are equal, many as far away as others."""
    whole = torch.randint(-1, 2, (q + n, 17, 3), generator=torch.Generator().manual_seed(seed)).float() + offset
    whole[:, 3:] = offset
    with pytest.MonkeyPatch.context() as monkeypatch:
        forced(monkeypatch, way)
        check(whole[:q], whole[q:], distance, k=3)


@by_ways
def test_limits_are_kept_and_hits_counted(distance: Distance, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    forced(monkeypatch, way)
    queries, references = normal(300, 17, 3), normal(1500, 17, 3, seed=1)
    arranged, distances = Tree.of(references, distance), table(queries, references, distance)
    radii = distances.median(1).values
    radii[::7] = 0
    assert torch.equal(arranged.hits(queries, radii), (distances < radii[:, None]).sum(0))
    limits = distances.amin(1) * torch.linspace(0.5, 1.5, 300)
    assert torch.equal(arranged.nearest(queries, limits, 1)[:, 0], torch.minimum(limits, distances.amin(1)))


@pytest.mark.parametrize(("distance", "way"), [("mpjpe", "slopes"), ("euclidean", "squares")])
@pytest.mark.parametrize("width", [1e-6, 1e-2, 1.0])
def test_a_product_is_never_more_than_what_it_bounds(distance: Distance, way: Way, width: float) -> None:
    queries, references = normal(40, 17, 3).double() * 3, heap(1024, width).double()
    arranged = brute_force.Tiles.of(references, Projection.of(references, distance))
    centre = arranged.projection.centre
    rows = brute_force._rows(queries.flatten(1) - centre, arranged.projection.sizes(queries), way)
    bound = torch.from_numpy(rows @ arranged.columns[0])
    a, b = ((poses.flatten(1) - centre).unflatten(1, (17, 3)) for poses in (queries, references))
    if distance == "euclidean":
        exact = (torch.cdist(a.flatten(1), b.flatten(1)).square() - a.square().sum((1, 2))[:, None]) / 2
    else:
        exact = 17 * table(a, b, distance) - a.norm(dim=2).sum(1)[:, None]
    slack = 1e-14 * a.square().sum((1, 2))[:, None]  # of what is exact in float64 alone
    assert (bound <= exact + slack).all()


def narrow(n: int, seed: int = 0) -> torch.Tensor:
    """Poses with few degrees of freedom, as people's."""
    return (normal(n, 4, seed=seed) @ normal(4, 51, seed=99)).view(n, 17, 3) * 0.1


@pytest.mark.parametrize("distance", ["mpjpe", "euclidean"])
def test_brute_force_takes_over_where_bounds_rule_out_too_little(
    distance: Distance, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[Way] = []
    cheapest = costs.cheapest
    monkeypatch.setattr(costs, "cheapest", lambda *given: taken.append(cheapest(*given)) or taken[-1])
    for queries, references in (
        (narrow(300), narrow(6000, 1)),
        (normal(300, 17, 3), normal(6000, 17, 3, seed=1)),
        (normal(300, 17, 3), heap(6000, 1e-3)),
        (narrow(200), narrow(6000, 1)),
        (narrow(300), narrow(4000, 1)),
    ):
        arranged = ReferencePoses(references).tree(distance, references.dtype)
        found = arranged.nearest(queries, queries.new_full((len(queries),), torch.inf), 1)[:, 0]
        torch.testing.assert_close(found, table(queries, references, distance).amin(1), rtol=1.2e-7, atol=0)
    products = "slopes" if distance == "mpjpe" else "squares"
    gaussian = "sums" if distance == "mpjpe" else "squares"
    assert taken == ["tree", gaussian, products]


def test_the_cheapest_way_is_taken() -> None:
    def known(**cost: float) -> Callable[[Way], float]:
        return lambda way: cost[way]

    n = 1000
    assert costs.cheapest("mpjpe", n, known(tree=1500)) == "tree"  # products alone would cost 1,300
    assert costs.cheapest("mpjpe", n, known(tree=3000, slopes=2000)) == "slopes"
    assert costs.cheapest("mpjpe", n, known(tree=3000, slopes=4000)) == "tree"
    assert costs.cheapest("mpjpe", n, known(tree=9000, slopes=8000)) == "sums"
    assert costs.cheapest("euclidean", n, known(tree=3000, squares=2000)) == "squares"
    assert costs.cheapest("euclidean", n, known(tree=3000, squares=4000)) == "tree"


@by_ways
def test_threads_change_no_bit(distance: Distance, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    forced(monkeypatch, way)
    queries, arranged = normal(600, 17, 3), Tree.of(normal(1500, 17, 3, seed=1), distance)
    limits, before = torch.full((600,), torch.inf), torch.get_num_threads()
    found = arranged.nearest(queries, limits, 1)
    try:
        torch.set_num_threads(3)
        assert torch.equal(arranged.nearest(queries, limits, 1), found)
    finally:
        torch.set_num_threads(before)

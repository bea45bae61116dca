"""The search for devices gives what the search on the CPU gives; run here on tensors of the CPU.

For poses in float32 it does so to the last bit. In float64 the last bit may differ here, because torch's square root on
a CPU, unlike a GPU's, is not always the nearest number.
"""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from acai_ray.metrics import ReferencePoses, balls_holding, density_coverage, neighbour_radii, precision_recall
from acai_ray.metrics.search import device_bounds, nearest, on_device
from acai_ray.metrics.search.all_pairs import joint_distance_sums
from acai_ray.metrics.search.bounds import Distance
from acai_ray.metrics.search.device_bounds import Bounds
from acai_ray.metrics.search.on_device import OnDevice
from acai_ray.metrics.search.tree import Tree

LAST_BIT = 2.0**-52
"""Of float64."""

both = pytest.mark.parametrize("distance", ["mpjpe", "euclidean"])


@pytest.fixture(autouse=True)
def _small_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that small sets fill several tiles, of bounds and of exact distances, and the last of each is not full."""
    for name, size in {"HEIGHT": 37, "WIDTH": 211, "EXACT_HEIGHT": 5, "EXACT_WIDTH": 101}.items():
        monkeypatch.setattr(on_device, name, size)


def normal(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def people(n: int, seed: int = 0) -> Tensor:
    """Poses with few degrees of freedom, so that near and far ones both occur."""
    return (normal(n, 6, seed=seed) @ normal(6, 51, seed=99)).view(n, 17, 3) * 0.1


def heap(n: int, width: float, seed: int = 0) -> Tensor:
    """Poses of a collapsed decoder: all near one."""
    return people(1, 9) + width * normal(n, 17, 3, seed=seed)


def whole(n: int, offset: float, seed: int = 0) -> Tensor:
    """Poses of few whole numbers: many are equal, many as far away as others."""
    numbers = torch.randint(-1, 2, (n, 17, 3), generator=torch.Generator().manual_seed(seed)).float() + offset
    numbers[:, 3:] = offset
    return numbers


SETS: dict[str, Callable[[], tuple[Tensor, Tensor]]] = {
    "people": lambda: (people(80), people(700, 1)),
    "one of each": lambda: (people(1), people(1, 1)),
    "few poses": lambda: (people(50), people(9, 1)),
    "gaussian": lambda: (normal(80, 17, 3), normal(700, 17, 3, seed=1)),
    "themselves": lambda: (people(120), people(120).flip(0)),
    "near equal": lambda: (people(80) + 1e-7 * normal(80, 17, 3), people(400)),
    "duplicates": lambda: (people(40), people(60, 1).repeat(15, 1, 1)),
    "ties": lambda: (whole(60, 0.0), whole(500, 0.0, 1)),
    "ties far away": lambda: (whole(60, -300.0), whole(500, -300.0, 1)),
    "one pose": lambda: (people(40), people(1, 1).repeat(400, 1, 1)),
    "heap": lambda: (people(40), heap(400, 1e-6)),
    "wider heap": lambda: (heap(40, 1e-3, 3), heap(400, 1e-3)),
    "heap far away": lambda: (heap(40, 1e-2, 3) + 1e4, heap(400, 1e-2)),
    "huge offset": lambda: (people(40) + 1e6, people(400, 1) + 1e6),
    "huge spread": lambda: (torch.cat([people(20), people(20, 1) + 1e12]), people(400, 2)),
    "huge poses": lambda: (people(40), torch.cat([people(300, 1), 1e14 * normal(3, 17, 3)])),
    "tiny poses": lambda: (1e-19 * people(40), 1e-19 * people(400, 1)),
    "float64": lambda: (people(40).double(), people(400, 1).double() * (1 + 1e-9 * normal(400, 17, 3).double())),
}
every_set = pytest.mark.parametrize("name", SETS)


def same(queries: Tensor, poses: Tensor, distance: Distance, k: int, limits: Tensor | None = None) -> Tensor:
    """The distances that both searches give."""
    limits = queries.new_full((len(queries),), torch.inf) if limits is None else limits
    found = OnDevice.of(poses, distance).nearest(queries, limits, k)
    expected = Tree.of(poses, distance).nearest(queries, limits, k)
    torch.testing.assert_close(found, expected, rtol=0 if poses.dtype == torch.float32 else LAST_BIT, atol=0)
    return expected


@both
@every_set
@pytest.mark.parametrize("k", [1, 4])
def test_the_nearest(name: str, distance: Distance, k: int) -> None:
    queries, poses = SETS[name]()
    found = same(queries, poses, distance, k)
    same(queries, poses, distance, k, found[:, -1] * torch.linspace(0.5, 1.5, len(found), dtype=found.dtype))
    same(queries, poses, distance, k, torch.zeros_like(found[:, -1]))


@both
@every_set
def test_balls(name: str, distance: Distance) -> None:
    """Their radii lie at, just below and just above a distance, so that the surface is hit; and nearly all within."""
    centres, poses = SETS[name]()
    tree, device = Tree.of(poses, distance), OnDevice.of(poses, distance)
    far = tree.nearest(centres, centres.new_full((len(centres),), torch.inf), min(20, len(poses)))
    beside = [far[:, -1], torch.nextafter(far[:, -1], far.new_tensor(0))] if poses.dtype == torch.float32 else []
    for radii in (*beside, far[:, -1] * (1 + 1e-6), 3 * far[:, 0], torch.zeros_like(far[:, 0])):
        assert torch.equal(device.hits(centres, radii), tree.hits(centres, radii))


@both
@given(st.integers(1, 9), st.integers(1, 60), st.sampled_from([0.0, 1.0, -300.0, 1e5]), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_ties_of_any_number(distance: Distance, q: int, n: int, offset: float, seed: int) -> None:
    poses = whole(q + n, offset, seed)
    far = same(poses[:q], poses[q:], distance, 3)[:, -1]
    assert torch.equal(
        OnDevice.of(poses[q:], distance).hits(poses[:q], far), Tree.of(poses[q:], distance).hits(poses[:q], far)
    )


@both
def test_bounds_hold_and_decide_nearly_all(distance: Distance) -> None:
    """Distances below the one threshold are nearer, from the other on they are not; few lie between for real poses."""
    queries, poses = people(60), people(500, 1)
    bounds = Bounds.of(poses, distance)
    rows = bounds.rows(queries)
    exact = on_device.exact_distances(queries[:, None], poses[None], distance).float()
    table = bounds.table(rows, slice(None))
    for limits in (exact.median(1).values, exact.amin(1), exact.amax(1)):
        sure, left_open = bounds.thresholds(rows, limits)
        nearer = exact < limits[:, None]
        assert not ((table < sure[:, None]) & ~nearer).any()
        assert not ((table >= left_open[:, None]) & nearer).any()
        assert ((table >= sure[:, None]) & (table < left_open[:, None])).sum(1).double().mean() < 2


@both
def test_real_poses_are_decided_by_their_bounds(distance: Distance, monkeypatch: pytest.MonkeyPatch) -> None:
    """The search of all poses in float64 is for poses that are nearly equally far away."""

    def every(*_: object) -> Tensor:
        raise AssertionError("a query was left open")

    monkeypatch.setattr(OnDevice, "_nearest_of_all", every)
    same(people(80), people(2000, 1), distance, 4)


@both
def test_distances_in_float64_are_those_of_the_cpu(distance: Distance) -> None:
    from acai_ray.metrics.search import exact  # imports Numba

    a, b = people(50).double(), people(50, 1).double()
    expected = [exact.distance(a.numpy(), n, b.numpy(), n, distance == "mpjpe", np.empty(17)) for n in range(len(a))]
    assert on_device.exact_distances(a, b, distance).tolist() == pytest.approx(expected, rel=LAST_BIT, abs=0)


@both
def test_low_matrix_precision_is_not_used_and_kept_for_others(distance: Distance) -> None:
    before = torch.get_float32_matmul_precision()
    try:
        torch.set_float32_matmul_precision("medium")
        same(people(60), people(900, 1), distance, 1)
        assert torch.get_float32_matmul_precision() == "medium"
    finally:
        torch.set_float32_matmul_precision(before)


def test_metrics_of_sets_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    real, fake = people(300), people(250, 1)
    expected = [density_coverage(real, fake), precision_recall(real, fake), neighbour_radii(real, 5)]
    expected_hits = balls_holding(fake, real, expected[2])
    monkeypatch.setattr(nearest, "Tree", OnDevice)
    found = [density_coverage(real, fake), precision_recall(real, fake), neighbour_radii(real, 5)]
    assert isinstance(ReferencePoses(real).tree("euclidean", torch.float32), OnDevice)
    assert torch.equal(balls_holding(fake, real, found[2]), expected_hits)
    assert found[:2] == expected[:2]
    assert torch.equal(found[2], expected[2])


@pytest.mark.slow
def test_sums_are_compiled_where_that_is_possible() -> None:
    a, b = people(30), people(70, 1)
    expected = joint_distance_sums(a, b)
    compiled = device_bounds.compiled_sums("cpu")
    assert compiled is not joint_distance_sums
    torch.testing.assert_close(compiled(a, b), expected, rtol=5e-6, atol=0)
    torch.testing.assert_close(compiled(b, a), expected.mT, rtol=5e-6, atol=0)


def test_where_sums_cannot_be_compiled_they_are_still_computed(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refusing(*_: object, **__: object) -> Callable[..., Tensor]:
        def raising(*_: object) -> Tensor:
            raise RuntimeError("no compiler")

        return raising

    monkeypatch.setattr(torch, "compile", refusing)
    assert device_bounds.sums_on("meta") is joint_distance_sums
    device_bounds.compiled_sums.cache_clear()
    assert "slower than it could be, because RuntimeError: no compiler" in caplog.text

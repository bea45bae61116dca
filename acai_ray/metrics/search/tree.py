"""A k-d tree over the features of poses: 16 poses a leaf, 16 leaves a group, 16 groups a block; searched exactly.

A pose is evaluated, by direct differences in float64, unless the bound of its block, its leaf or itself says that it
cannot be near enough. So rounding in a bound can cost time but never an answer.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from acai_ray.metrics.search import costs
from acai_ray.metrics.search.bounds import FEATURES, ROUNDING, Distance, Projection
from acai_ray.metrics.search.brute_force import Tiles
from acai_ray.metrics.search.costs import Way

LEAF = 16
"""Poses of a leaf, leaves of a group and groups of a block, which stays in a core's cache: `kernels.SIXTEEN`."""

QUERIES = 256
"""Queries that are searched together."""

TRIED = 8
"""Queries that decide which way is taken."""

FEWEST_QUERIES, FEWEST_POSES = 256, 4_096
"""Smaller searches are not worth the decision."""

SAMPLE = 32
"""Poses of a branch, at most, that decide along which feature it is split."""


@dataclass(frozen=True)
class Tree:
    """Poses arranged for the search by one distance.

    Attributes:
        poses: `(N, 17, 3)` metres.
        projection: to their features.
        size: the largest that `projection` gives the poses.
        arrays: what `kernels.search` calls a tree.
    """

    poses: Tensor
    projection: Projection
    size: float
    arrays: tuple[NDArray[np.generic], ...]

    @classmethod
    def of(cls, poses: Tensor, distance: Distance) -> "Tree":
        """Arrange `(N, 17, 3)` poses, N at least 1."""
        projection = Projection.of(poses, distance)
        features, sizes = projection(poses)
        order = _leaves(features)
        points = features[order % len(poses)].mT.contiguous()
        leaves = _sixteens(points.amin(2)), _sixteens(points.amax(2))
        points.mT[order >= len(poses)] = torch.inf
        groups = _around(*leaves)
        arrays = (poses[order.flatten() % len(poses)], order.flatten(), points, *leaves, *groups, *_around(*groups))
        return cls(poses, projection, float(sizes.max()), tuple(array.numpy() for array in arrays))

    def nearest(self, queries: Tensor, limits: Tensor, k: int) -> Tensor:
        """Distances to the nearest poses, ascending.

        Args:
            queries: `(Q, 17, 3)` metres, of the poses' type.
            limits: `(Q,)` metres; farther poses do not count.
            k: how many distances.

        Returns:
            `(Q, k)` metres, the limit where fewer poses are so near.
        """
        kept = limits[:, None].repeat(1, k)
        self._search(queries, limits, kept)
        return kept

    def hits(self, centres: Tensor, radii: Tensor) -> Tensor:
        """How many of the open balls `(B, 17, 3)`, `(B,)` hold each pose; `(N,)`."""
        return self._search(centres, radii, centres.new_empty(len(centres), 0))

    def _search(self, queries: Tensor, limits: Tensor, kept: Tensor) -> Tensor:
        """Search over chunks of queries, on as many threads as torch has; returns the hits."""
        queries, limits = queries.contiguous(), limits.clone()
        n_counted = 0 if kept.shape[1] else len(self.poses)
        way = self._way(queries, limits, kept, n_counted)

        def run(start: int) -> NDArray[np.int64]:
            hits = np.zeros(n_counted, dtype=np.int64)
            part = slice(start, start + QUERIES)
            self._run(way, queries[part], limits[part], kept[part], hits)
            return hits

        with ThreadPoolExecutor(torch.get_num_threads()) as pool, _one_thread_for_products(way):
            hits = sum(pool.map(run, range(0, len(queries), QUERIES)), start=np.zeros(n_counted, dtype=np.int64))
        return torch.from_numpy(hits)

    def _way(self, queries: Tensor, limits: Tensor, kept: Tensor, n_counted: int) -> Way:
        """The way that a few of the queries take the least work on; any way gives the same answers."""
        if len(queries) < FEWEST_QUERIES or len(self.poses) < FEWEST_POSES:
            return "tree"

        def tried(way: Way) -> float:
            few = torch.arange(TRIED) * (len(queries) // TRIED)
            work = self._run(way, queries[few], limits[few], kept[few], np.zeros(n_counted, dtype=np.int64))
            return costs.of(way, len(self.poses), work / TRIED)

        return costs.cheapest(self.projection.distance, len(self.poses), tried)

    def _run(
        self, way: Way, queries: Tensor, limits: Tensor, kept: Tensor, hits: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Search for some queries; returns in how many leaves poses were looked at, and how many were evaluated."""
        from acai_ray.metrics.search import kernels  # imports Numba, which takes a while

        given = (limits.numpy(), kept.numpy(), hits)
        if way != "tree":
            return np.array([0, self.tiles.search(queries, way, *given)])
        features, sizes = self.projection(queries)
        slack, work = (ROUNDING * (sizes + self.size)).numpy(), np.zeros(2, dtype=np.int64)
        joints = self.projection.distance == "mpjpe"
        kernels.search(features.numpy(), queries.numpy(), slack, *given, work, joints, self.arrays)
        return work

    @cached_property
    def tiles(self) -> Tiles:
        """The poses arranged for brute force."""
        return Tiles.of(self.poses, self.projection)


def _one_thread_for_products(way: Way) -> AbstractContextManager[object]:
    """Let each thread of a search compute its own products."""
    if way not in ("squares", "slopes") or torch.get_num_threads() == 1:
        return nullcontext()
    from threadpoolctl import threadpool_limits  # looks at every library that is loaded

    limited: AbstractContextManager[object] = threadpool_limits(1, "blas")
    return limited


def _sixteens(corners: Tensor) -> Tensor:
    """Corners of boxes, `(n, 18)`, in sixteens, `(n / 16, 18, 16)`; infinite ones fill the last."""
    filled = functional.pad(corners, (0, 0, 0, -len(corners) % LEAF), value=torch.inf)
    sixteens: Tensor = filled.unflatten(0, (-1, LEAF)).mT.contiguous()
    return sixteens


def _around(low: Tensor, high: Tensor) -> tuple[Tensor, Tensor]:
    """Corners of the boxes around sixteen boxes each, again in sixteens."""
    return _sixteens(low.amin(2)), _sixteens(high.where(high < torch.inf, -torch.inf).amax(2))


def _leaves(features: Tensor) -> Tensor:
    """Poses that belong together, `(leaves, LEAF)`: halved again and again along the feature that varies most.

    The first poses are repeated to fill the leaves, as N and above: at most an eighth of all places.
    """
    wanted = -(-len(features) // LEAF)
    levels = max(0, (wanted - 1).bit_length() - 4)
    of_branch = -(-wanted // 2**levels)
    order = torch.arange(of_branch * LEAF << levels)[None]
    for _ in range(levels):
        middle = order.shape[1] // 2
        order = _parted(order, features, middle).view(-1, middle)
    return _shared_out(order, features).view(-1, LEAF)


def _shared_out(order: Tensor, features: Tensor) -> Tensor:
    """Branches, `(branches, leaves of each * LEAF)`, parted into leaves, which need not be a power of 2."""
    leaves = order.shape[1] // LEAF
    if leaves < 2:
        return order
    middle = leaves // 2 * LEAF
    halves = _parted(order, features, middle).tensor_split([middle], 1)
    return torch.cat([_shared_out(half, features) for half in halves], 1)


def _parted(order: Tensor, features: Tensor, middle: int) -> Tensor:
    """Each branch's poses `(branches, poses)` with the `middle` lowest first, along the feature that varies most."""
    n = len(features)
    step = -(-order.shape[1] // SAMPLE)
    widest = features[order[:, ::step] % n].var(1).argmax(1)
    key = features.flatten()[order % n * FEATURES + widest[:, None]].numpy()
    return order.gather(1, torch.from_numpy(np.argpartition(key, middle, axis=1)))

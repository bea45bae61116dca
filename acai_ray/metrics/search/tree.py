"""A k-d tree over the features of poses: leaves of 16 in boxes, some leaves a block; searched box by box, exactly.

A pose is evaluated, by direct differences in float64, unless the bound of its block, its leaf or itself says that it
cannot be near enough. So rounding in a bound can cost time but never an answer.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from acai_ray.metrics.search.bounds import FEATURES, ROUNDING, Distance, Projection

LEAF = 16
"""Poses of a leaf: float32 numbers of the widest vector registers."""

BLOCK = 128
"""Leaves of a block: with its queries, it stays in a core's cache."""

QUERIES = 256
"""Queries that are searched together."""

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
        low, high = points.amin(2), points.amax(2)
        points.mT[order >= len(poses)] = torch.inf
        boxes = [corner.unflatten(0, (-1, min(BLOCK, len(corner)))).mT.contiguous() for corner in (low, high)]
        blocks = [boxes[0].amin(2).T.contiguous(), boxes[1].amax(2).T.contiguous()]
        arrays = (poses, order, points, *boxes, *blocks)
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
        """Run the kernel over chunks of queries, on as many threads as torch has; returns the hits."""
        from acai_ray.metrics.search import kernels  # imports Numba, which takes a while

        features, sizes = self.projection(queries)
        given = (features, queries.contiguous(), ROUNDING * (sizes + self.size), limits.clone(), kept)
        joints = self.projection.distance == "mpjpe"
        n_counted = 0 if kept.shape[1] else len(self.poses)

        def run(start: int) -> NDArray[np.int64]:
            hits = np.zeros(n_counted, dtype=np.int64)
            kernels.search(*(values[start : start + QUERIES].numpy() for values in given), hits, joints, self.arrays)
            return hits

        with ThreadPoolExecutor(torch.get_num_threads()) as pool:
            hits = sum(pool.map(run, range(0, len(queries), QUERIES)), start=np.zeros(n_counted, dtype=np.int64))
        return torch.from_numpy(hits)


def _leaves(features: Tensor) -> Tensor:
    """Poses that belong together, `(leaves, LEAF)`: halved again and again along the feature that varies most.

    The number of leaves is a power of 2. The first poses are repeated to fill them, as N and above.
    """
    n = len(features)
    levels = max(0, n - 1).bit_length() - (LEAF.bit_length() - 1)
    order = torch.arange(LEAF << max(0, levels))[None]
    for _ in range(levels):
        step = -(-order.shape[1] // SAMPLE)
        widest = features[order[:, ::step] % n].var(1).argmax(1)
        middle = order.shape[1] // 2
        key = features.flatten()[order % n * FEATURES + widest[:, None]].numpy()
        halves = torch.from_numpy(np.argpartition(key, middle, axis=1))
        order = order.gather(1, halves).view(-1, middle)
    return order

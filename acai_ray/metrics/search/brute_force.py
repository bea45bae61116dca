"""Brute force in tiles, for poses that the bounds of a tree cannot tell apart; exact like the tree's search.

For each query a and pose b, seen from a centre, a number is computed in float32 that tells whether b can be nearer than
the nearest one so far, in one of three ways. Pairs that rounding leaves open are evaluated in float64.

- `sums`, for `mpjpe`: the sum over joints itself.
- `squares`, for `euclidean`: `‖b‖² / 2 - a·b`, which is half of `‖a - b‖² - ‖a‖²`, by a matrix product.
- `slopes`, for `mpjpe`: `-Σ_v a_v·b_v / ‖a_v‖`, by a matrix product. The sum over joints is a convex function of b, so
  it is never less than its tangent at the centre, `Σ_v ‖a_v‖` more than this. For poses in a narrow heap far from the
  query, where sums differ by less than their rounding, the two are nearly the same.

Rounding: with u = 2⁻²⁴, a product of 53 terms in any order errs by at most `54 u Σ|terms|`, and rounding both its
factors adds `2.1 u` of `‖a‖‖b‖`. An additional term of each product takes away 64 u of `‖a‖‖b‖ + ‖b‖² / 2`, or of
`Σ_v ‖b_v‖`.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from acai_ray.metrics.search.bounds import ROUNDING, Projection
from acai_ray.metrics.search.costs import Way

TILE = 1024
"""Poses of a tile: `tiles.TILE`."""

ERROR = 64 * 2.0**-24
"""More than the rounding of a product, as a share of what its terms can add up to."""


@dataclass(frozen=True)
class Tiles:
    """Poses arranged for brute force by one distance.

    Attributes:
        poses: `(N, 17, 3)` metres.
        projection: of the tree; its centre and its sizes are used.
        size: the largest size of a pose.
        columns: `(tiles, 52 or 53, TILE)` float32: poses from the centre, `‖b‖² / 2` for `euclidean`, sizes.
    """

    poses: Tensor
    projection: Projection
    size: float
    columns: NDArray[np.float32]

    @classmethod
    def of(cls, poses: Tensor, projection: Projection) -> "Tiles":
        """Arrange `(N, 17, 3)` poses, N at least 1."""
        sizes = projection.sizes(poses)
        parts = [poses.flatten(1) - projection.centre, sizes[:, None]]
        if projection.distance == "euclidean":
            parts.insert(1, (1 - ERROR) * sizes.square()[:, None] / 2)
        columns = torch.cat(parts, 1).float()
        filled = functional.pad(columns, (0, 0, 0, -len(columns) % TILE))
        return cls(poses, projection, float(sizes.max()), filled.unflatten(0, (-1, TILE)).mT.contiguous().numpy())

    def search(self, queries: Tensor, way: Way, *given: NDArray[np.generic]) -> int:
        """Search for some queries.

        Args:
            queries: `(Q, 17, 3)` metres.
            way: one for this distance.
            given: limits, kept and hits as in `kernels.search`. Changed.

        Returns:
            How many distances were computed, where products tell.
        """
        from acai_ray.metrics.search import tiles  # imports Numba, which takes a while

        centred, sizes, poses = (
            queries.flatten(1) - self.projection.centre,
            self.projection.sizes(queries),
            self.poses.numpy(),
        )
        if way == "sums":
            slack = (ROUNDING * (sizes + self.size)).numpy()
            tiles.search_sums(centred.float().numpy(), queries.numpy(), slack, *given, self.columns, poses)
            return 0
        kind, numbers = (tiles.SQUARES, sizes.square()) if way == "squares" else (tiles.SLOPES, sizes)
        rows = _rows(centred, sizes, way)
        products, evaluated = np.empty((len(rows), TILE), np.float32), 0
        for tile, columns in enumerate(self.columns):
            np.matmul(rows, columns, out=products)
            evaluated += tiles.search_products(
                products, queries.numpy(), kind, numbers.numpy(), *given, TILE * tile, poses
            )
        return evaluated


def _rows(centred: Tensor, sizes: Tensor, way: Way) -> NDArray[np.float32]:
    """What the columns are multiplied by, `(Q, 52 or 53)`."""
    if way == "squares":
        parts = [-centred, torch.ones(len(sizes), 1), -ERROR * sizes[:, None]]
    else:
        directions = functional.normalize(centred.unflatten(1, (-1, 3)), dim=2, eps=1e-300).flatten(1)
        parts = [-directions, torch.full((len(sizes), 1), -ERROR)]
    return torch.cat(parts, 1).float().numpy()

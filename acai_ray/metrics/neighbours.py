"""Exact distance from each pose to the nearest of a set, for sets too large for a table of all distances.

Block after block, a lower bound of every distance is found cheaply; only the pairs that it leaves open are evaluated,
by direct differences. So rounding in a bound can cost time but never an answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import torch
from torch import Tensor

from acai_ray.metrics.arrays import as_finite
from acai_ray.metrics.bounds import Bound, LimbBound, ProductBound
from acai_ray.metrics.distances import euclidean, mpjpe
from acai_ray.metrics.pairwise import pairwise_euclidean, pairwise_mpjpe, tiles

DENSE = 1 / 16
"""Share of a block's pairs left open from which on the whole block is evaluated."""


class Distance(NamedTuple):
    """One distance: of given pairs, of all pairs, and its lower bound."""

    pairs: Callable[[Tensor, Tensor], Tensor]
    pairwise: Callable[[Tensor, Tensor], Tensor]
    bound: Callable[[Tensor, Tensor], Bound]


DISTANCES = {
    "mpjpe": Distance(mpjpe, pairwise_mpjpe, LimbBound.of),
    "euclidean": Distance(euclidean, pairwise_euclidean, ProductBound.of),
}


@torch.no_grad()
def nearest_distances(queries: Any, references: Any, distance: Literal["mpjpe", "euclidean"] = "mpjpe") -> Tensor:
    """Distance of every query to its nearest reference: an exact search, each value to float rounding.

    Args:
        queries: `(Q, 17, 3)` metres.
        references: `(N, 17, 3)` metres, N at least 1, on the same device.
        distance: which of the two distances.

    Returns:
        `(Q,)` metres; exactly 0 where a reference equals the query.

    Raises:
        ValueError: a pose is not finite, or there is no reference.
    """
    if distance not in DISTANCES:
        raise ValueError(f"distance must be one of {', '.join(DISTANCES)}, but got {distance!r}")
    sought, known = as_finite("queries", queries), as_finite("references", references)
    if not len(known):
        raise ValueError("references must hold at least 1 pose, but is empty")
    best = sought.new_full((len(sought),), torch.inf)
    if not len(best):
        return best
    measure = DISTANCES[distance]
    search = _Search(sought, known, measure, measure.bound(sought, known))
    for rows, columns in tiles(len(sought), len(known), sought.device):
        search.improve(best, rows, columns)
    return best


@dataclass(frozen=True)
class _Search:
    queries: Tensor
    references: Tensor
    distance: Distance
    bound: Bound

    def improve(self, best: Tensor, rows: slice, columns: slice) -> None:
        """Lower `best` `(Q,)` in place by what these references offer these queries."""
        bounds = self.bound.block(rows, columns)
        is_open = (bounds.amin(1) < self.bound.limit(best[rows])) & (best[rows] > 0)
        if is_open.any():
            queries, references = self.queries[rows][is_open], self.references[columns]
            best[rows][is_open] = self._nearer(best[rows][is_open], bounds[is_open], queries, references)

    def _nearer(self, best: Tensor, bounds: Tensor, queries: Tensor, references: Tensor) -> Tensor:
        """The new `best`: first by each query's most promising reference, then by all that this leaves open."""
        found = torch.minimum(best, self.distance.pairs(queries, references[bounds.argmin(1)]))
        query, reference = (bounds < self.bound.limit(found)[:, None]).nonzero(as_tuple=True)
        if len(query) > DENSE * bounds.numel():
            return torch.minimum(found, self.distance.pairwise(queries, references).amin(1))
        return found.scatter_reduce(0, query, self.distance.pairs(queries[query], references[reference]), "amin")

"""The exact search on an accelerator: bounds of all pairs in float32, tile by tile, and the winners in float64.

Each query keeps the few poses of lowest bound. Their distances are computed in float64; where the bounds leave it open
whether another pose is nearer, which takes many poses at nearly the same distance, all are. So it gives what the search
on the CPU gives. The host waits for the device once a search, or once a chunk of balls, never in
between. It works on any torch device; on a CPU `tree` is faster.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

from acai_ray.common.products import products_in
from acai_ray.metrics.search.all_pairs import ACCELERATOR_TILE
from acai_ray.metrics.search.bounds import Distance
from acai_ray.metrics.search.device_bounds import Bounds

HEIGHT, WIDTH = ACCELERATOR_TILE
"""Queries and poses whose bounds are in memory at once."""

EXACT_HEIGHT, EXACT_WIDTH = 512, 8192
"""The same for distances in float64, of which several tables are in memory."""

SPARE = 12
"""How many more poses than are sought a query keeps, for those that rounding could put before them."""


class _Lowest(NamedTuple):
    """The lowest numbers of each query, ascending, and to which poses they belong; `(Q, n)` each."""

    numbers: Tensor
    places: Tensor

    def joined(self, table: Tensor, start: int, n: int) -> "_Lowest":
        """The `n` lowest of these, and of a table whose first column is pose `start`; all where there are fewer."""
        numbers, places = table.topk(min(n, table.shape[1]), largest=False)
        both = torch.cat([self.numbers, numbers], 1), torch.cat([self.places, places + start], 1)
        numbers, order = both[0].topk(min(n, both[0].shape[1]), largest=False)
        return _Lowest(numbers, both[1].gather(1, order))


@dataclass(frozen=True)
class OnDevice:
    """Poses on a device, arranged for the search by one distance; searched as `tree.Tree` is.

    Attributes:
        poses: `(N, 17, 3)` metres.
        bounds: of them.
    """

    poses: Tensor
    bounds: Bounds

    @classmethod
    def of(cls, poses: Tensor, distance: Distance) -> "OnDevice":
        """Arrange `(N, 17, 3)` poses, N at least 1."""
        return cls(poses, Bounds.of(poses, distance))

    def nearest(self, queries: Tensor, limits: Tensor, k: int) -> Tensor:
        """Distances to the nearest poses, ascending.

        Args:
            queries: `(Q, 17, 3)` metres, of the poses' type and on their device.
            limits: `(Q,)` metres; farther poses do not count.
            k: how many distances.

        Returns:
            `(Q, k)` metres, the limit where fewer poses are so near.
        """
        with products_in("highest"):
            chunks = zip(queries.split(HEIGHT), limits.split(HEIGHT), strict=True)
            found = [self._winners(*of_chunk, k) for of_chunk in chunks]
        kept, left_open = (torch.cat(parts) for parts in zip(*found, strict=True))
        rows = left_open.nonzero()[:, 0]  # the host waits here, to learn how many there are
        for start in range(0, len(rows), EXACT_HEIGHT):
            some = rows[start : start + EXACT_HEIGHT]
            kept[some] = self._nearest_of_all(queries[some], limits[some], k)
        return kept

    def hits(self, centres: Tensor, radii: Tensor) -> Tensor:
        """How many of the open balls `(B, 17, 3)`, `(B,)` hold each pose; `(N,)`."""
        hits = torch.zeros(len(self.poses), dtype=torch.int64, device=self.poses.device)
        with products_in("highest"):
            for of_chunk in zip(centres.split(HEIGHT), radii.split(HEIGHT), strict=True):
                hits += self._hits(*of_chunk)
        return hits

    def _winners(self, queries: Tensor, limits: Tensor, k: int) -> tuple[Tensor, Tensor]:
        """The nearest of the poses of lowest bounds, `(Q, k)`, and whether another one could be nearer, `(Q,)`."""
        n, rows, lowest = k + SPARE, self.bounds.rows(queries), _none(queries)
        for columns in self._columns(WIDTH):
            lowest = lowest.joined(self.bounds.table(rows, columns), columns.start, n)
        kept = _nearest(self._repeated(limits, k), self._metres(queries, lowest.places))
        if n >= len(self.poses):
            return kept, torch.zeros_like(limits, dtype=torch.bool)
        return kept, lowest.numbers[:, -1] < self.bounds.thresholds(rows, kept[:, -1]).open

    def _nearest_of_all(self, queries: Tensor, limits: Tensor, k: int) -> Tensor:
        """The nearest of all poses, in float64 throughout; `(Q, k)`."""
        kept = self._repeated(limits, k)
        for columns in self._columns(EXACT_WIDTH):
            kept = _nearest(kept, self._metres_to(queries, columns))
        return kept

    def _hits(self, centres: Tensor, radii: Tensor) -> Tensor:
        """The hits of a chunk of balls; those of too many poses at their surface are counted in float64 throughout."""
        hits, left_open = self._bounded_hits(centres, radii)
        if not left_open.any():
            return hits
        hits, _ = self._bounded_hits(centres[~left_open], radii[~left_open])
        rows = left_open.nonzero()[:, 0]
        for some in rows.split(EXACT_HEIGHT):
            for columns in self._columns(EXACT_WIDTH):
                inside = self._metres_to(centres[some], columns) < radii[some, None]
                hits[columns] += inside.sum(0)
        return hits

    def _bounded_hits(self, centres: Tensor, radii: Tensor) -> tuple[Tensor, Tensor]:
        """The hits of balls, `(N,)`, and which have more poses near their surface than are looked at, `(B,)`."""
        rows, at_surface = self.bounds.rows(centres), torch.zeros_like(radii, dtype=torch.int64)
        thresholds, lowest, hits = self.bounds.thresholds(rows, radii), _none(centres), []
        for columns in self._columns(WIDTH):
            table = self.bounds.table(rows, columns)
            sure = table < thresholds.sure[:, None]
            unsure = (table < thresholds.open[:, None]) & ~sure
            hits.append(sure.sum(0))
            at_surface += unsure.sum(1)
            lowest = lowest.joined(table.where(unsure, torch.inf), columns.start, SPARE)
        inside = (self._metres(centres, lowest.places) < radii[:, None]) & (lowest.numbers < torch.inf)
        of_surface = torch.zeros(len(self.poses), dtype=torch.int64, device=radii.device)
        of_surface.index_add_(0, lowest.places.flatten(), inside.flatten().long())
        return torch.cat(hits) + of_surface, at_surface > SPARE

    def _columns(self, width: int) -> Iterator[slice]:
        """All poses, so many at a time."""
        return (slice(start, min(start + width, len(self.poses))) for start in range(0, len(self.poses), width))

    def _metres(self, queries: Tensor, places: Tensor) -> Tensor:
        """The distances of each query to its own poses, `(Q, n)`, as the poses' type."""
        return exact_distances(queries[:, None], self.poses[places], self.bounds.distance).to(queries)

    def _metres_to(self, queries: Tensor, columns: slice) -> Tensor:
        """The distances of all queries to some of the poses, `(Q, T)`, as the poses' type."""
        return exact_distances(queries[:, None], self.poses[None, columns], self.bounds.distance).to(queries)

    @staticmethod
    def _repeated(limits: Tensor, k: int) -> Tensor:
        return limits[:, None].repeat(1, k)


def exact_distances(a: Tensor, b: Tensor, distance: Distance) -> Tensor:
    """Distances in float64: the operations of `exact.distance` in the same order, so the same bits.

    A fused multiplication and addition, as in `addcmul`, would round once less. (Only torch's square root on a CPU is
    not always the nearest number, which may change the last bit.)

    Args:
        a: `(..., 17, 3)` metres.
        b: the same; the two broadcast.
        distance: which of the two.

    Returns:
        `(...)` metres.
    """
    total: Tensor | None = None
    for left, right in zip(a.double().unbind(-2), b.double().unbind(-2), strict=True):
        x, y, z = (one - other for one, other in zip(left.unbind(-1), right.unbind(-1), strict=True))
        square = x * x + y * y + z * z
        of_joint = square.sqrt() if distance == "mpjpe" else square
        total = of_joint if total is None else total + of_joint
    assert total is not None
    if distance == "euclidean":
        return total.sqrt()
    return total / total.new_full((), a.shape[-2])  # a number of the host would be multiplied by, as its reciprocal


def _nearest(kept: Tensor, metres: Tensor) -> Tensor:
    """As many of the smallest of both as were kept, ascending."""
    return torch.cat([kept, metres], 1).topk(kept.shape[1], largest=False).values


def _none(queries: Tensor) -> _Lowest:
    numbers = torch.empty(len(queries), 0, device=queries.device)
    return _Lowest(numbers, numbers.long())

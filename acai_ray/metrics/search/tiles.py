"""The inner loops of brute force in tiles, compiled by Numba at their first use; importing this module imports Numba.

Each query meets all poses of a tile at once. What is computed for a pair in float32 is never more than its distance by
more than rounding can make it, so only pairs that this leaves open are evaluated, in float64.
"""

from typing import Any

import numpy as np

from acai_ray.metrics.search.compiling import Array, bounding, exactly
from acai_ray.metrics.search.exact import below, count, distance, reach

TILE = 1024
"""Poses of a tile."""

TINY = 1e-35
"""Makes up for products that are too small for float32, m²."""

SUMS, SQUARES, SLOPES = range(3)
"""What is computed for a pair: its sum over joints; `‖b‖² / 2 - a·b`; how much the sum over joints grows at least."""


@bounding
def joint_sums(query: Array, columns: Array, sums: Array) -> None:
    """Sums over joints of the distances between a query `(51,)` and the poses of a tile `(51, TILE)`, in metres."""
    for i in range(TILE):
        sums[i] = np.float32(0)
    for k in range(0, len(query), 3):
        x, y, z = query[k], query[k + 1], query[k + 2]
        for i in range(TILE):
            a, b, c = columns[k, i] - x, columns[k + 1, i] - y, columns[k + 2, i] - z
            sums[i] += np.sqrt(a * a + b * b + c * c)


@bounding
def any_below(bounds: Array, n: int, within: Any) -> Any:
    """How many of the first `n` bounds are below `within`."""
    found = 0
    for i in range(n):
        found += bounds[i] < within
    return found


@exactly
def threshold(kind: int, limit: Any, number: float) -> Any:
    """What the number that was computed for a pair lies below if its distance is less than `limit`; rounded up.

    Args:
        kind: `SUMS`, `SQUARES` or `SLOPES`.
        limit: metres.
        number: of the query: how far rounding can move a sum over joints; its squared length; its sum over joints.
    """
    metres = below(limit)
    if limit <= 0:
        return np.float32(-np.inf)
    if kind == SUMS:
        return reach(metres, number, True)
    if kind == SQUARES:
        gap = (metres * metres * (1 + 1e-12) - number * (1 - 1e-13)) / 2
    else:
        gap = 17 * metres * (1 + 1e-12) - number * (1 - 1e-13)
    return np.float32(gap + abs(gap) * 2e-7 + TINY)


@exactly
def evaluate_open(
    queries: Array,
    q: int,
    kind: int,
    number: float,
    limit: Any,
    bounds: Array,
    start: int,
    poses: Array,
    kept: Array,
    hits: Array,
    lengths: Array,
) -> Any:
    """Evaluate those poses of a tile whose bounds leave it open whether they are nearer than `limit` metres.

    Args:
        queries: `(Q, 17, 3)` metres, all.
        q: which of them.
        kind: as in `threshold`, like `number`.
        number: of the query.
        limit: metres.
        bounds: `(TILE,)` of the poses of the tile.
        start: the number of the tile's first pose.
        poses: `(N, 17, 3)`, all.
        kept: `(k,)` as in `exact.count`, like `hits`.
        hits: `(N,)`.
        lengths: `(17,)` float64, written over.

    Returns:
        The new limit, and how many were evaluated.
    """
    n, evaluated = min(TILE, len(poses) - start), 0
    within = threshold(kind, limit, number)
    if any_below(bounds, n, within):
        for i in range(n):
            if bounds[i] < within:
                metres = kept.dtype.type(distance(queries, q, poses, start + i, kind != SQUARES, lengths))
                limit = count(kept, hits, start + i, metres, limit)
                within = threshold(kind, limit, number)
                evaluated += 1
    return limit, evaluated


@exactly
def search_sums(
    centred: Array, queries: Array, slack: Array, limits: Array, kept: Array, hits: Array, columns: Array, poses: Array
) -> None:
    """Search all tiles by sums over joints, `mpjpe`.

    Args:
        centred: `(Q, 51)` float32, the queries from the centre.
        queries: `(Q, 17, 3)` metres.
        slack: `(Q,)` how far rounding can move a sum over joints, metres.
        limits: `(Q,)` as in `kernels.search`, like those that follow. Changed.
        kept: `(Q, k)`. Changed.
        hits: `(N,)`. Added to.
        columns: `(tiles, 51 or more, TILE)` float32, the poses from the centre.
        poses: `(N, 17, 3)` metres.
    """
    sums, lengths = np.empty(TILE, np.float32), np.empty(17)
    for tile in range(len(columns)):
        for q in range(len(queries)):
            joint_sums(centred[q], columns[tile], sums)
            limits[q] = evaluate_open(
                queries, q, SUMS, slack[q], limits[q], sums, TILE * tile, poses, kept[q], hits, lengths
            )[0]


@exactly
def search_products(
    bounds: Array,
    queries: Array,
    kind: int,
    numbers: Array,
    limits: Array,
    kept: Array,
    hits: Array,
    start: int,
    poses: Array,
) -> Any:
    """Search one tile by what a matrix product gave.

    Args:
        bounds: `(Q, TILE)` float32.
        queries: `(Q, 17, 3)` metres.
        kind: as in `threshold`, like `numbers`.
        numbers: `(Q,)`.
        limits: `(Q,)` as in `kernels.search`, like those that follow. Changed.
        kept: `(Q, k)`. Changed.
        hits: `(N,)`. Added to.
        start: the number of the tile's first pose.
        poses: `(N, 17, 3)` metres.

    Returns:
        How many distances were computed.
    """
    total, lengths = 0, np.empty(17)
    for q in range(len(queries)):
        limits[q], evaluated = evaluate_open(
            queries, q, kind, numbers[q], limits[q], bounds[q], start, poses, kept[q], hits, lengths
        )
        total += evaluated
    return total

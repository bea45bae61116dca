"""The inner loops of the search, compiled by Numba at their first use; importing this module imports Numba.

The machine code is kept beside this file, or else in the user's cache folder, for the processes to come. Bounds are
computed in float32 with fused multiplications, distances in float64 without. The 18 features are six times three: the
coordinates of six limbs if `joints` (`mpjpe`), else of one vector (`euclidean`).
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numpy.typing import NDArray

MARGIN = 1 + 1e-5
"""Makes up for the rounding of float32 roots and sums in a bound, and of the distance it is set against."""

SMALLEST = 1e-37
"""Added to squares, for those of very small numbers are 0 in float32."""

Array = NDArray[Any]


def compiled(**options: Any) -> Callable[[Callable[..., Any]], Any]:
    """Compile, and keep the machine code where there is a place for it: an installation may be read-only."""

    def decorate(function: Callable[..., Any]) -> Any:
        try:
            return numba.njit(nogil=True, cache=True, **options)(function)
        except RuntimeError:
            return numba.njit(nogil=True, **options)(function)

    return decorate


bounding = compiled(fastmath={"contract"})
exactly = compiled()


@bounding
def _squared_gap(query: Array, low: Array, high: Array, three: int, i: int) -> Any:
    """Squared distance from a query to box `i` in three of the features."""
    total = np.float32(0)
    for k in range(3 * three, 3 * three + 3):
        gap = max(max(low[k, i] - query[k], query[k] - high[k, i]), np.float32(0))
        total += gap * gap
    return total


@bounding
def _squared_length(query: Array, points: Array, three: int, i: int) -> Any:
    """Squared distance from a query to point `i` in three of the features."""
    total = np.float32(0)
    for k in range(3 * three, 3 * three + 3):
        difference = points[k, i] - query[k]
        total += difference * difference
    return total


@bounding
def box_bounds(query: Array, low: Array, high: Array, joints: bool, bounds: Array) -> None:
    """Bounds for the poses in each box: of their sum over joints in metres, or of their squared distance.

    Args:
        query: `(18,)` features.
        low: `(18, n)` lower corners of the boxes.
        high: `(18, n)` upper corners.
        joints: which of the two.
        bounds: `(n,)`, written.
    """
    if joints:
        for i in range(low.shape[1]):
            total = np.float32(0)
            for limb in range(6):
                total += np.sqrt(_squared_gap(query, low, high, limb, i))
            bounds[i] = total
    else:
        for i in range(low.shape[1]):
            total = np.float32(0)
            for three in range(6):
                total += _squared_gap(query, low, high, three, i)
            bounds[i] = total


@bounding
def start_bounds(query: Array, points: Array, joints: bool, bounds: Array, within: float) -> Any:
    """The same for single poses, by the first half of their features `(18, n)`; returns how many lie below `within`."""
    below: Any = 0
    if joints:
        for i in range(points.shape[1]):
            total = np.float32(0)
            for limb in range(3):
                total += np.sqrt(_squared_length(query, points, limb, i))
            bounds[i] = total
            below += total < within
    else:
        for i in range(points.shape[1]):
            total = np.float32(0)
            for three in range(3):
                total += _squared_length(query, points, three, i)
            bounds[i] = total
            below += total < within
    return below


@bounding
def finish_bounds(query: Array, points: Array, joints: bool, bounds: Array) -> None:
    """Add the other half of the features."""
    if joints:
        for i in range(points.shape[1]):
            total = bounds[i]
            for limb in range(3, 6):
                total += np.sqrt(_squared_length(query, points, limb, i))
            bounds[i] = total
    else:
        for i in range(points.shape[1]):
            total = bounds[i]
            for three in range(3, 6):
                total += _squared_length(query, points, three, i)
            bounds[i] = total


@exactly
def distance(a: Array, b: Array, joints: bool) -> Any:
    """`mpjpe` of two poses `(17, 3)` if `joints`, else `euclidean`; symmetric to the last bit."""
    total = 0.0
    for v in range(a.shape[0]):
        square = 0.0
        for c in range(a.shape[1]):
            difference = np.float64(a[v, c]) - np.float64(b[v, c])
            square += difference * difference
        total += np.sqrt(square) if joints else square
    return total / a.shape[0] if joints else np.sqrt(total)


@exactly
def reach(limit: float, slack: float, joints: bool) -> Any:
    """What the bound of a pair nearer than `limit` metres lies below."""
    if joints:
        return np.float32((17 * limit + slack) * MARGIN)
    return np.float32(((limit + slack) * MARGIN) ** 2 + SMALLEST)


@exactly
def keep(kept: Array, nearer: float) -> Any:
    """Put `nearer` in its place among the nearest distances `(k,)`, ascending; returns the new largest."""
    place = len(kept) - 1
    while place > 0 and kept[place - 1] > nearer:
        kept[place] = kept[place - 1]
        place -= 1
    kept[place] = nearer
    return kept[-1]


@exactly
def search_block(
    query: Array, pose: Array, slack: float, limit: float, joints: bool, block: int, tree: Any, out: Any, scratch: Any
) -> Any:
    """Evaluate those poses of a block that may be nearer to the query than `limit` metres; returns the new limit."""
    poses, order, points, low, high = tree[:5]
    kept, hits = out
    of_leaves, of_points = scratch
    box_bounds(query, low[block], high[block], joints, of_leaves)
    within = reach(limit, slack, joints)
    for in_block in range(len(of_leaves)):
        if of_leaves[in_block] < within:
            leaf = block * len(of_leaves) + in_block
            if start_bounds(query, points[leaf], joints, of_points, within) == 0:
                continue
            finish_bounds(query, points[leaf], joints, of_points)
            for i in range(len(of_points)):
                if of_points[i] < within:
                    reference = order[leaf, i]
                    metres = kept.dtype.type(distance(pose, poses[reference], joints))
                    if metres < limit and len(kept):
                        limit = keep(kept, metres)
                        within = reach(limit, slack, joints)
                    elif metres < limit:
                        hits[reference] += 1
    return limit


@exactly
def search(
    features: Array, queries: Array, slack: Array, limits: Array, kept: Array, hits: Array, joints: bool, tree: Any
) -> None:
    """Search a tree for some queries, each in its most promising block first, so that its limit is soon low.

    Args:
        features: `(Q, 18)` float32 of the queries.
        queries: `(Q, 17, 3)` metres.
        slack: `(Q,)` how far the rounding of features can move a bound, metres.
        limits: `(Q,)` metres; only poses nearer than this count. Changed.
        kept: `(Q, k)` the nearest distances so far, ascending, the last one equal to the limit. Changed.
        hits: `(N,)` if k is 0: how many queries each pose counts for. Added to.
        joints: `mpjpe`, else `euclidean`.
        tree: poses `(N, 17, 3)`; their order `(leaves, 16)`; features `(leaves, 18, 16)`, infinite where a leaf holds
            fewer; corners of the leaves' boxes, low and high, `(blocks, 18, leaves of a block)`; of the blocks' boxes,
            `(18, blocks)`.
    """
    points, low, block_low, block_high = tree[2], tree[3], tree[5], tree[6]
    scratch = (np.empty(low.shape[2], np.float32), np.empty(points.shape[2], np.float32))
    of_blocks = np.empty((len(queries), len(low)), np.float32)
    first = np.empty(len(queries), np.int64)
    for q in range(len(queries)):
        box_bounds(features[q], block_low, block_high, joints, of_blocks[q])
        first[q] = of_blocks[q].argmin()
        out = (kept[q], hits)
        limits[q] = search_block(features[q], queries[q], slack[q], limits[q], joints, first[q], tree, out, scratch)
    for block in range(len(low)):
        for q in range(len(queries)):
            if block != first[q] and of_blocks[q, block] < reach(limits[q], slack[q], joints):
                out = (kept[q], hits)
                limits[q] = search_block(
                    features[q], queries[q], slack[q], limits[q], joints, block, tree, out, scratch
                )

"""What every search counts by: the distance of two poses in float64, and the nearest ones so far."""

from typing import Any

import numpy as np

from acai_ray.metrics.search.compiling import Array, exactly

MARGIN = 1 + 1e-5
"""Makes up for the rounding of float32 roots and sums in a bound, and of the distance it is set against."""

SMALLEST = 1e-37
"""Added to squares, for those of very small numbers are 0 in float32."""


@exactly
def distance(queries: Array, q: int, poses: Array, n: int, joints: bool, lengths: Array) -> Any:
    """`mpjpe` of query `q` and pose `n` if `joints`, else `euclidean`; symmetric to the last bit.

    Args:
        queries: `(Q, 17, 3)` metres.
        q: which query.
        poses: `(N, 17, 3)` metres.
        n: which pose.
        joints: which of the two distances.
        lengths: `(17,)` float64, written over: all joints' are computed at once, and then added up in their order.
    """
    for v in range(len(lengths)):
        x = np.float64(queries[q, v, 0]) - np.float64(poses[n, v, 0])
        y = np.float64(queries[q, v, 1]) - np.float64(poses[n, v, 1])
        z = np.float64(queries[q, v, 2]) - np.float64(poses[n, v, 2])
        lengths[v] = x * x + y * y + z * z
    if joints:
        for v in range(len(lengths)):
            lengths[v] = np.sqrt(lengths[v])
    total = 0.0
    for length in lengths:
        total += length
    return total / len(lengths) if joints else np.sqrt(total)


@exactly
def reach(limit: float, slack: float, joints: bool) -> Any:
    """What the bound of a pair nearer than `limit` metres lies below; nothing is nearer than 0."""
    if limit <= 0:
        return np.float32(-1)
    if joints:
        return np.float32((17 * limit + slack) * MARGIN)
    return np.float32(((limit + slack) * MARGIN) ** 2 + SMALLEST)


@exactly
def below(limit: Any) -> Any:
    """Half of the way from a limit to the next smaller number of its type: what is not below rounds to the limit."""
    return (np.float64(limit) + np.float64(np.nextafter(limit, type(limit)(0)))) / 2


@exactly
def count(kept: Array, hits: Array, reference: int, metres: float, limit: float) -> Any:
    """Count a reference that lies at this distance; returns the new limit.

    Args:
        kept: `(k,)` the nearest distances so far, ascending, the last one equal to the limit. Changed.
        hits: `(N,)` if k is 0: how many queries each reference counts for. Changed.
        reference: its number.
        metres: its distance.
        limit: metres; only what is nearer counts.
    """
    if metres >= limit:
        return limit
    if not len(kept):
        hits[reference] += 1
        return limit
    place = len(kept) - 1
    while place > 0 and kept[place - 1] > metres:
        kept[place] = kept[place - 1]
        place -= 1
    kept[place] = metres
    return kept[-1]

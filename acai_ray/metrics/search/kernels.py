"""The inner loops of the search of a tree, compiled by Numba at their first use; importing this module imports Numba.

The 18 features are six times three: the coordinates of six limbs if `joints` (`mpjpe`), else of one vector
(`euclidean`). Boxes and poses stand in sixteens, as many float32 numbers as the widest vector registers hold; with a
fixed length, and with the query's features in variables of their own, the compiler makes good use of these registers.
"""

from typing import Any

import numpy as np

from acai_ray.metrics.search.compiling import Array, bounding, exactly
from acai_ray.metrics.search.exact import count, distance, reach

SIXTEEN = 16
"""Poses of a leaf, leaves of a group, groups of a block."""


@bounding
def _length(x: Any, y: Any, z: Any, points: Array, leaf: int, three: int, i: int) -> Any:
    """Squared distance from a query to point `i` of a leaf in three of the features."""
    k = 3 * three
    a, b, c = points[leaf, k, i] - x, points[leaf, k + 1, i] - y, points[leaf, k + 2, i] - z
    return a * a + b * b + c * c


@bounding
def point_bounds(query: Array, points: Array, leaf: int, joints: bool, bounds: Array) -> None:
    """Bounds of poses: of their sum over joints in metres, or of their squared distance.

    Args:
        query: `(18,)` features.
        points: `(leaves, 18, 16)` features.
        leaf: which leaf.
        joints: which of the two.
        bounds: `(16,)`, written.
    """
    a, b, c, d, e, f = query[0], query[1], query[2], query[3], query[4], query[5]
    g, h, j, k, m, n = query[6], query[7], query[8], query[9], query[10], query[11]
    o, p, q, r, s, t = query[12], query[13], query[14], query[15], query[16], query[17]
    if joints:
        for i in range(SIXTEEN):
            first = np.sqrt(_length(a, b, c, points, leaf, 0, i)) + np.sqrt(_length(d, e, f, points, leaf, 1, i))
            second = np.sqrt(_length(g, h, j, points, leaf, 2, i)) + np.sqrt(_length(k, m, n, points, leaf, 3, i))
            third = np.sqrt(_length(o, p, q, points, leaf, 4, i)) + np.sqrt(_length(r, s, t, points, leaf, 5, i))
            bounds[i] = first + second + third
    else:
        for i in range(SIXTEEN):
            first = _length(a, b, c, points, leaf, 0, i) + _length(d, e, f, points, leaf, 1, i)
            second = _length(g, h, j, points, leaf, 2, i) + _length(k, m, n, points, leaf, 3, i)
            third = _length(o, p, q, points, leaf, 4, i) + _length(r, s, t, points, leaf, 5, i)
            bounds[i] = first + second + third


@bounding
def _gap(x: Any, low: Array, high: Array, n: int, k: int, i: int) -> Any:
    """Squared distance from a query to box `i` in feature `k`."""
    inside = x if x > low[n, k, i] else low[n, k, i]
    inside = inside if inside < high[n, k, i] else high[n, k, i]
    return (inside - x) * (inside - x)


@bounding
def _gaps(x: Any, y: Any, z: Any, low: Array, high: Array, n: int, three: int, i: int) -> Any:
    """Squared distance from a query to box `i` in three of the features."""
    k = 3 * three
    return _gap(x, low, high, n, k, i) + _gap(y, low, high, n, k + 1, i) + _gap(z, low, high, n, k + 2, i)


@bounding
def box_bounds(query: Array, low: Array, high: Array, node: int, joints: bool, bounds: Array) -> None:
    """The same for all poses of each box; lower and upper corners are `(18, 16)`."""
    a, b, c, d, e, f = query[0], query[1], query[2], query[3], query[4], query[5]
    g, h, j, k, m, n = query[6], query[7], query[8], query[9], query[10], query[11]
    o, p, q, r, s, t = query[12], query[13], query[14], query[15], query[16], query[17]
    if joints:
        for i in range(SIXTEEN):
            first = np.sqrt(_gaps(a, b, c, low, high, node, 0, i)) + np.sqrt(_gaps(d, e, f, low, high, node, 1, i))
            second = np.sqrt(_gaps(g, h, j, low, high, node, 2, i)) + np.sqrt(_gaps(k, m, n, low, high, node, 3, i))
            third = np.sqrt(_gaps(o, p, q, low, high, node, 4, i)) + np.sqrt(_gaps(r, s, t, low, high, node, 5, i))
            bounds[i] = first + second + third
    else:
        for i in range(SIXTEEN):
            first = _gaps(a, b, c, low, high, node, 0, i) + _gaps(d, e, f, low, high, node, 1, i)
            second = _gaps(g, h, j, low, high, node, 2, i) + _gaps(k, m, n, low, high, node, 3, i)
            third = _gaps(o, p, q, low, high, node, 4, i) + _gaps(r, s, t, low, high, node, 5, i)
            bounds[i] = first + second + third


@bounding
def open_poses(
    query: Array, within: Any, joints: bool, block: int, only: int, done: int, tree: Any, scratch: Any, found: Any
) -> Any:
    """Find the poses of a block whose bounds are below `within`.

    Args:
        query: `(18,)` features.
        within: as of `reach`.
        joints: which of the two bounds.
        block: its number.
        only: the number of the only group that is looked at; all if negative.
        done: the number of a group that is left out.
        tree: as in `search`.
        scratch: three times `(16,)` float32, for bounds.
        found: written: where in the tree each pose is, 16 times the leaf's number and the place in the leaf, and its
            bound, `(16³ + 1,)` each.

    Returns:
        How many there are, and in how many leaves poses were looked at.
    """
    points, low, high, group_low, group_high = tree[2:7]
    of_groups, of_leaves, of_points = scratch
    places, bounds = found
    n, leaves = 0, 0
    box_bounds(query, group_low, group_high, block, joints, of_groups)
    for group in range(SIXTEEN * block, SIXTEEN * (block + 1)):
        if of_groups[group % SIXTEEN] < within and group != done and (only < 0 or group == only):
            box_bounds(query, low, high, group, joints, of_leaves)
            for leaf in range(SIXTEEN * group, SIXTEEN * (group + 1)):
                if of_leaves[leaf % SIXTEEN] < within:
                    leaves += 1
                    point_bounds(query, points, leaf, joints, of_points)
                    below = 0
                    for i in range(SIXTEEN):
                        below += of_points[i] < within
                    for i in range(SIXTEEN if below else 0):
                        places[n], bounds[n] = SIXTEEN * leaf + i, of_points[i]
                        n += of_points[i] < within
    return n, leaves


@exactly
def evaluate(
    pose: Array, slack: float, limit: float, joints: bool, n: int, found: Any, tree: Any, kept: Array, hits: Array
) -> Any:
    """Evaluate those of `n` poses whose bounds leave it open whether they are nearer than `limit` metres.

    Returns:
        The new limit, and how many were evaluated.
    """
    poses, order = tree[:2]
    places, bounds = found
    within = reach(limit, slack, joints)
    evaluated = 0
    for i in range(n):
        if bounds[i] < within:
            metres = kept.dtype.type(distance(pose, poses[places[i]], joints))
            limit = count(kept, hits, order[places[i]], metres, limit)
            within = reach(limit, slack, joints)
            evaluated += 1
    return limit, evaluated


@exactly
def promising_group(query: Array, joints: bool, of_blocks: Array, tree: Any, bounds: Array) -> Any:
    """The group of lowest bound in the block of lowest bound."""
    block = of_blocks.argmin()
    box_bounds(query, tree[5], tree[6], block, joints, bounds)
    return SIXTEEN * block + bounds.argmin()


@exactly
def search(
    features: Array,
    queries: Array,
    slack: Array,
    limits: Array,
    kept: Array,
    hits: Array,
    work: Array,
    joints: bool,
    tree: Any,
) -> None:
    """Search a tree for some queries, each in its most promising group first, so that its limit is soon low.

    Args:
        features: `(Q, 18)` float32 of the queries.
        queries: `(Q, 17, 3)` metres.
        slack: `(Q,)` how far the rounding of features can move a bound, metres.
        limits: `(Q,)` metres; only poses nearer than this count. Changed.
        kept: `(Q, k)` the nearest distances so far, ascending, the last one equal to the limit. Changed.
        hits: `(N,)` if k is 0: how many queries each pose counts for. Added to.
        work: `(2,)` in how many leaves poses' bounds were computed, and how many distances. Added to.
        joints: `mpjpe`, else `euclidean`.
        tree: poses leaf by leaf, `(16 leaves, 17, 3)`; which each is of all, `(16 leaves,)`; features
            `(leaves, 18, 16)`, infinite where a leaf holds fewer; corners, low and high, of the leaves' boxes,
            `(groups, 18, 16)`, of the groups', `(blocks, 18, 16)`, and of the blocks', `(blocks / 16, 18, 16)`,
            infinite where there are fewer.
    """
    block_low, block_high = tree[7], tree[8]
    scratch = (np.empty(SIXTEEN, np.float32), np.empty(SIXTEEN, np.float32), np.empty(SIXTEEN, np.float32))
    found = (np.empty(SIXTEEN**3 + 1, np.int64), np.empty(SIXTEEN**3 + 1, np.float32))
    of_blocks = np.empty((len(queries), SIXTEEN * len(block_low)), np.float32)
    first = np.empty(len(queries), np.int64)
    for q in range(len(queries)):
        for i in range(len(block_low)):
            box_bounds(features[q], block_low, block_high, i, joints, scratch[0])
            of_blocks[q, SIXTEEN * i : SIXTEEN * (i + 1)] = scratch[0]
        first[q] = promising_group(features[q], joints, of_blocks[q], tree, scratch[0])
    for turn in range(-1, len(tree[5])):
        for q in range(len(queries)):
            block, only, done = (turn, -1, first[q]) if turn >= 0 else (first[q] // SIXTEEN, first[q], -1)
            within = reach(limits[q], slack[q], joints)
            if of_blocks[q, block] < within:
                n, leaves = open_poses(features[q], within, joints, block, only, done, tree, scratch, found)
                limits[q], evaluated = evaluate(queries[q], slack[q], limits[q], joints, n, found, tree, kept[q], hits)
                work[0] += leaves
                work[1] += evaluated

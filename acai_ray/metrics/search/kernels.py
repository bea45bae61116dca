"""The inner loops of the search of a tree, compiled by Numba at their first use; importing this module imports Numba.

The 18 features are six times three: the coordinates of six limbs if `joints` (`mpjpe`), else of one vector
(`euclidean`). Boxes and poses stand in sixteens, as many float32 numbers as the widest vector registers hold.

What is worth looking at is first written into a list, without a branch that the processor would have to guess, and
then gone through: it fetches the next leaf while it works on this one. Whether any pose of a leaf is near enough is
decided in registers; bounds are written down only for the few leaves that hold such a pose.
"""

from typing import Any

import numpy as np

from acai_ray.metrics.search.compiling import Array, bounding, exactly, inlined
from acai_ray.metrics.search.exact import count, distance, reach

SIXTEEN = 16
"""Poses of a leaf, leaves of a group, groups of a block."""


@inlined
def _point(x: Array, points: Array, leaf: int, k: int, i: int) -> Any:
    """Squared distance from a query's features to those of point `i` of a leaf, in three of them from `k` on."""
    a, b, c = points[leaf, k, i] - x[k], points[leaf, k + 1, i] - x[k + 1], points[leaf, k + 2, i] - x[k + 2]
    return a * a + b * b + c * c


@inlined
def point_bound(x: Array, points: Array, leaf: int, i: int, joints: bool) -> Any:
    """The bound of a pose: of its sum over joints in metres, or of its squared distance."""
    a, b, c = _point(x, points, leaf, 0, i), _point(x, points, leaf, 3, i), _point(x, points, leaf, 6, i)
    d, e, f = _point(x, points, leaf, 9, i), _point(x, points, leaf, 12, i), _point(x, points, leaf, 15, i)
    if joints:
        return ((np.sqrt(a) + np.sqrt(b)) + np.sqrt(c)) + ((np.sqrt(d) + np.sqrt(e)) + np.sqrt(f))
    return ((a + b) + c) + ((d + e) + f)


@inlined
def _gap(x: Any, low: Any, high: Any) -> Any:
    """Squared distance from a number to an interval."""
    inside = x if x > low else low
    inside = inside if inside < high else high
    return (inside - x) * (inside - x)


@inlined
def _gaps(x: Array, low: Array, high: Array, node: int, k: int, i: int) -> Any:
    """Squared distance from a query's features to box `i` of a node, in three of them from `k` on."""
    first = _gap(x[k], low[node, k, i], high[node, k, i])
    second = _gap(x[k + 1], low[node, k + 1, i], high[node, k + 1, i])
    return first + second + _gap(x[k + 2], low[node, k + 2, i], high[node, k + 2, i])


@inlined
def box_bound(x: Array, low: Array, high: Array, node: int, i: int, joints: bool) -> Any:
    """The same for all poses of a box."""
    a, b, c = _gaps(x, low, high, node, 0, i), _gaps(x, low, high, node, 3, i), _gaps(x, low, high, node, 6, i)
    d, e, f = _gaps(x, low, high, node, 9, i), _gaps(x, low, high, node, 12, i), _gaps(x, low, high, node, 15, i)
    if joints:
        return ((np.sqrt(a) + np.sqrt(b)) + np.sqrt(c)) + ((np.sqrt(d) + np.sqrt(e)) + np.sqrt(f))
    return ((a + b) + c) + ((d + e) + f)


@bounding
def box_bounds(x: Array, low: Array, high: Array, node: int, joints: bool, bounds: Array) -> None:
    """The bounds of a node's sixteen boxes.

    Args:
        x: `(18,)` features of the query.
        low: `(nodes, 18, 16)` their lower corners, like `high` the upper ones.
        high: see `low`.
        node: which node.
        joints: which of the two bounds.
        bounds: `(16,)`, written.
    """
    if joints:
        for i in range(SIXTEEN):
            bounds[i] = box_bound(x, low, high, node, i, True)
    else:
        for i in range(SIXTEEN):
            bounds[i] = box_bound(x, low, high, node, i, False)


@bounding
def open_children(
    x: Array, within: Any, joints: bool, corners: Any, nodes: Array, n: int, bounds: Array, children: Array
) -> Any:
    """Find those children of some nodes whose bounds are below `within`.

    Args:
        x: `(18,)` features of the query.
        within: as of `reach`.
        joints: which of the two bounds.
        corners: lower and upper ones of the children's boxes, `(nodes, 18, 16)` each.
        nodes: the nodes' numbers, the first `n` of which count.
        n: how many.
        bounds: `(16,)`, written over.
        children: `(16 n + 1,)`, written: the children's numbers.

    Returns:
        How many children there are.
    """
    low, high = corners
    found = 0
    for node in nodes[:n]:
        box_bounds(x, low, high, node, joints, bounds)
        for i in range(SIXTEEN):
            children[found] = SIXTEEN * node + i
            found += bounds[i] < within
    return found


@bounding
def open_poses(
    x: Array, within: Any, joints: bool, points: Array, leaves: Array, n: int, places: Array, bounds: Array
) -> Any:
    """Find the poses of some leaves whose bounds are below `within`.

    Args:
        x: `(18,)` features of the query.
        within: as of `reach`.
        joints: which of the two bounds.
        points: `(leaves, 18, 16)` features of the poses.
        leaves: the leaves' numbers, the first `n` of which count.
        n: how many.
        places: `(16 n + 1,)`, written: where in the tree each pose is, 16 times its leaf and its place there.
        bounds: `(16 n + 1,)`, written: its bound.

    Returns:
        How many there are.
    """
    found = 0
    for leaf in leaves[:n]:
        near = False
        if joints:
            for i in range(SIXTEEN):
                near = near | (point_bound(x, points, leaf, i, True) < within)
        else:
            for i in range(SIXTEEN):
                near = near | (point_bound(x, points, leaf, i, False) < within)
        for i in range(SIXTEEN if near else 0):
            bound = point_bound(x, points, leaf, i, joints)
            places[found], bounds[found] = SIXTEEN * leaf + i, bound
            found += bound < within
    return found


@exactly
def evaluate(
    queries: Array,
    q: int,
    slack: float,
    limit: float,
    joints: bool,
    n: int,
    found: Any,
    tree: Any,
    kept: Array,
    hits: Array,
    lengths: Array,
) -> Any:
    """Evaluate those of `n` poses whose bounds leave it open whether they are nearer to query `q` than `limit` metres.

    Where they are in the tree, and their bounds, is `found` as `open_poses` writes it; `lengths` is written over by
    `distance`; the others are those of `search`. Returns the new limit, and how many were evaluated.
    """
    poses, order = tree[:2]
    places, bounds = found
    within = reach(limit, slack, joints)
    evaluated = 0
    for i in range(n):
        if bounds[i] < within:
            metres = kept.dtype.type(distance(queries, q, poses, places[i], joints, lengths))
            if metres < limit:
                limit = count(kept[q], hits, order[places[i]], metres, limit)
                within = reach(limit, slack, joints)
            evaluated += 1
    return limit, evaluated


@exactly
def first_bounds(x: Array, joints: bool, tree: Any, of_blocks: Array, bounds: Array) -> Any:
    """Write the bounds of all blocks; returns the group of lowest bound in the block of lowest bound."""
    group_low, group_high, block_low, block_high = tree[5:]
    for node in range(len(block_low)):
        box_bounds(x, block_low, block_high, node, joints, of_blocks[SIXTEEN * node : SIXTEEN * (node + 1)])
    block = of_blocks.argmin()
    box_bounds(x, group_low, group_high, block, joints, bounds)
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
    points, of_leaves, of_groups = tree[2], (tree[3], tree[4]), (tree[5], tree[6])
    bounds, lengths, block = np.empty(SIXTEEN, np.float32), np.empty(17), np.empty(1, np.int64)
    groups, leaves = np.empty(SIXTEEN + 1, np.int64), np.empty(SIXTEEN**2 + 1, np.int64)
    found = (np.empty(SIXTEEN**3 + 1, np.int64), np.empty(SIXTEEN**3 + 1, np.float32))
    of_blocks = np.empty((len(queries), SIXTEEN * len(tree[7])), np.float32)
    first = np.empty(len(queries), np.int64)
    for q in range(len(queries)):
        first[q] = first_bounds(features[q], joints, tree, of_blocks[q], bounds)
    for turn in range(-1, len(tree[5])):
        for q in range(len(queries)):
            block[0], x = turn if turn >= 0 else first[q] // SIXTEEN, features[q]
            within = reach(limits[q], slack[q], joints)
            if of_blocks[q, block[0]] < within:
                groups[0], n = first[q], 1
                if turn >= 0:
                    n = open_children(x, within, joints, of_groups, block, 1, bounds, groups)
                    n = without(first[q], groups, n)
                n = open_children(x, within, joints, of_leaves, groups, n, bounds, leaves)
                work[0] += n
                n = open_poses(x, within, joints, points, leaves, n, *found)
                limits[q], evaluated = evaluate(
                    queries, q, slack[q], limits[q], joints, n, found, tree, kept, hits, lengths
                )
                work[1] += evaluated


@exactly
def without(number: int, numbers: Array, n: int) -> Any:
    """Take a number out of the first `n`; returns how many are left."""
    left = 0
    for i in range(n):
        numbers[left] = numbers[i]
        left += numbers[i] != number
    return left

"""Which way of searching takes the least work: a tree, or brute force where its bounds rule out too little.

The work is counted, never timed, so that the same search always takes the same way. What a count costs was measured
once, in nanoseconds on one core of an Intel Xeon Processor with AVX-512; only their ratios matter.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from acai_ray.metrics.search.bounds import Distance

Way = Literal["tree", "sums", "squares", "slopes"]
"""The tree, or the ways of `brute_force`."""

LEAF, EVALUATION = 90.0, 120.0
"""Looking at the poses of a leaf, with its share of boxes; one distance in float64."""

PAIR = {"tree": 0.0, "sums": 4.7, "squares": 1.3, "slopes": 1.3}
"""What each pair of poses costs."""

WORTH = 1.2
"""How much more a tree may cost than the cheapest brute force could, before poses are arranged for that at all."""


def of(way: Way, n: int, work: NDArray[np.float64]) -> float:
    """What a query costs.

    Args:
        way: which way.
        n: the number of poses that are searched.
        work: leaves and evaluations of a query.
    """
    return PAIR[way] * n + float(work @ [LEAF, EVALUATION])


def cheapest(distance: Distance, n: int, tried: Callable[[Way], float]) -> Way:
    """The cheapest way for a distance.

    Args:
        distance: which of the two.
        n: the number of poses that are searched.
        tried: what a query costs by a way, from a few that are tried.
    """
    tree = tried("tree")
    if tree <= WORTH * PAIR["slopes"] * n:
        return "tree"
    if distance == "euclidean":
        return "tree" if tree < tried("squares") else "squares"
    known: dict[Way, float] = {"tree": tree, "slopes": tried("slopes"), "sums": PAIR["sums"] * n}
    return min(known, key=known.__getitem__)

"""Which of several trials are ahead of another one, by one objective or by several at once.

With one objective the better value is ahead. With several it is as in NSGA-II (Deb et al. 2002): first by fronts of
trials that no other one beats, within a front by crowding, so that what stays is spread over the whole front. Trials
that lack an objective are behind all that have them.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Values = Mapping[str, float]
"""The objectives of a trial by name; one that was not measured is missing or NaN."""

Costs = npt.NDArray[np.float64]
"""Objectives of trials, `(N, K)`; smaller is better."""


def share_ahead(trial: Values, others: Sequence[Values], objectives: Mapping[str, str]) -> float:
    """The share of the trials compared, `trial` among them, that are ahead of it: from 0 to below 1.

    Equal ones are not ahead, so the first trial of all has 0.

    Args:
        trial: what is placed.
        others: what it is compared with.
        objectives: by name, `min` or `max`.
    """
    names = list(objectives)
    measured = [one for one in others if has_all(one, names)]
    if not has_all(trial, names):
        return len(measured) / (len(others) + 1)
    signs = [1.0 if objectives[name] == "min" else -1.0 for name in names]
    compared = np.array([[one[name] for name in names] for one in [*measured, trial]])
    return _count_ahead_of_last(compared * signs) / (len(others) + 1)


def has_all(values: Values, names: Sequence[str]) -> bool:
    """Whether all of these objectives were measured."""
    return all(math.isfinite(values.get(name, math.nan)) for name in names)


def _count_ahead_of_last(costs: Costs) -> int:
    if costs.shape[1] == 1:
        return int((costs[:, 0] < costs[-1, 0]).sum())
    front = fronts(costs)
    own = np.flatnonzero(front == front[-1])
    crowding = crowding_distances(costs[own])
    return int((front < front[-1]).sum() + (crowding > crowding[-1]).sum())


def fronts(costs: Costs) -> npt.NDArray[np.int64]:
    """The front of each trial, from 0: what no other one beats, then what only trials of earlier fronts beat.

    One trial beats another if it is nowhere worse and somewhere better.
    """
    import moocore  # here, because it takes a moment to load and few searches need it

    return np.asarray(moocore.pareto_rank(costs), dtype=np.int64)


def crowding_distances(costs: Costs) -> Costs:
    """How far apart the neighbours of each trial of a front are, `(N,)`: the crowding distance of NSGA-II.

    In each objective the gap between the next better and the next worse trial, as a share of the front's extent, summed
    over the objectives; infinite for a trial that is the best or the worst in one of them.
    """
    distances = np.zeros(len(costs))
    for values in costs.T:
        order = np.argsort(values, kind="stable")
        ordered = values[order]
        extent = ordered[-1] - ordered[0]
        if extent > 0:
            distances[order[1:-1]] += (ordered[2:] - ordered[:-2]) / extent
        distances[(values == ordered[0]) | (values == ordered[-1])] = np.inf
    return distances

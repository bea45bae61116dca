"""Which trials are ahead of another: by one objective, by fronts and crowding of several, and without a measurement."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from acai_ray.sweep.ranking import crowding_distances, fronts, share_ahead

TWO = {"error": "min", "coverage": "max"}


def both(error: float, coverage: float) -> dict[str, float]:
    return {"error": error, "coverage": coverage}


@pytest.mark.parametrize(("way", "share"), [("min", 3 / 5), ("max", 1 / 5)])
def test_with_one_objective_the_better_value_is_ahead(way: str, share: float) -> None:
    others = [{"error": value} for value in (1.0, 2.0, 3.0, 5.0)]
    assert share_ahead({"error": 4.0}, others, {"error": way}) == share


def test_the_first_trial_has_nobody_ahead_and_equal_ones_are_not() -> None:
    for objectives in ({"error": "min"}, TWO):
        assert share_ahead(both(1, 1), [], objectives) == 0
        assert share_ahead(both(1, 1), [both(1, 1)] * 3, objectives) == 0


def test_what_is_beaten_is_behind_and_what_nobody_beats_is_ordered_by_crowding() -> None:
    front = [both(1, 0.1), both(2, 0.2), both(3, 0.6), both(9, 0.9)]
    assert share_ahead(both(9, 0.1), front, TWO) == 4 / 5
    assert share_ahead(both(0.5, 0.05), front, TWO) == 0  # an end of the front
    assert share_ahead(both(1.5, 0.15), front, TWO) == 4 / 5  # its neighbours are nearer than those of all others
    assert share_ahead(both(6, 0.8), front, TWO) == 3 / 5  # they are farther than those of one


def test_what_was_not_measured_is_behind_what_was() -> None:
    others = [both(1, 0.1), {"error": 0.0}, both(5, math.nan), {}]
    assert share_ahead({"error": 0.0}, others, TWO) == 1 / 5
    assert share_ahead(both(9, 0.0), others, TWO) == 1 / 5
    assert share_ahead({}, [{}, {}], TWO) == 0


def test_crowding_is_the_sum_of_the_gaps_to_the_neighbours() -> None:
    costs = np.array([[0.0, 10.0], [1.0, 4.0], [4.0, 2.0], [10.0, 0.0]])
    assert crowding_distances(costs).tolist() == pytest.approx([np.inf, 0.4 + 0.8, 0.9 + 0.4, np.inf])
    assert crowding_distances(np.ones((3, 2))).tolist() == [np.inf] * 3


@given(arrays(float, st.tuples(st.integers(1, 12), st.integers(2, 3)), elements=st.integers(0, 4).map(float)))
def test_fronts_hold_what_only_earlier_fronts_beat(costs: np.ndarray) -> None:
    front = fronts(costs)
    for own, place in zip(costs, front, strict=True):
        beaten_by = [f for one, f in zip(costs, front, strict=True) if (one <= own).all() and (one < own).any()]
        assert place == (max(beaten_by) + 1 if beaten_by else 0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=8), st.randoms())
def test_the_order_of_the_others_and_the_units_do_not_matter(points: list[tuple[int, int]], random: object) -> None:
    trial, *others = (both(float(error), float(coverage)) for error, coverage in points)
    share = share_ahead(trial, others, TWO)
    shuffled = list(others)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert share_ahead(trial, shuffled, TWO) == share
    in_mm = [both(1024 * one["error"], one["coverage"]) for one in [trial, *others]]
    assert share_ahead(in_mm[0], in_mm[1:], TWO) == share

"""When two numbers say the same: coordinates, unrounded numbers of tables, rounded numbers that a reader sees."""

import numpy as np
import pytest

from acai_ray.analysis.check import texts
from acai_ray.analysis.check.rounding import computed, drawn, printed

EXACT = np.array([0.0, 0.125, 0.4, 2.5, 1250.0])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.12", "0.12", True),
        ("1e-05", "1.0e-5", True),
        ("1e−05", "0.00001", True),
        ("1,234", "1234", True),
        ("+0.00", "−0.00", True),
        ("-0", "0", True),
        ("0.12", "0.13", True),
        ("−0.13", "−0.12", True),
        ("0.13", "0.12", True),
        ("0.12", "−0.13", False),
        ("0.12", "0.14", False),
        ("0.05", "0.06", False),
        ("0.7650", "0.7651", False),
        ("0.124", "0.126", False),
        ("2", "3", False),
        ("1,250", "1,251", False),
    ],
)
def test_a_printed_number_differs_only_on_the_boundary_of_its_rounding(one: str, other: str, same: bool) -> None:
    """0.125 and 2.5 are numbers of the tables; counts are never rounded."""
    assert printed(EXACT)(one, other) is printed(EXACT)(other, one) is same


def test_every_rounding_of_a_number_on_a_boundary_agrees() -> None:
    for exact in np.random.default_rng(0).integers(10, 1000, size=200) / 1000 + 0.0005:
        texts = {f"{exact * (1 + share):.3f}" for share in (-1e-10, 0, 1e-10)}
        assert all(printed(np.array([exact]))(one, other) for one in texts for other in texts)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("0.1", "0.1000000001", True),
        ("0.1", "0.100001", False),
        ("0.0", "1e-09", True),
        ("0.0", "-8.8e-10", True),
        ("0.0", "1e-07", False),
        ("-0.0", "0.0", True),
        ("12", "12.0", True),
        ("12", "13", False),
        ("100000000", "100000001", False),
    ],
)
def test_an_unrounded_number_differs_by_rounding(one: str, other: str, same: bool) -> None:
    """A table's largest number is 1000, so a difference of two such has an error of its last digits."""
    agree = computed(["1000.0", "0.1", "100000000"])
    assert agree(one, other) is agree(other, one) is same


@pytest.mark.parametrize(("one", "other", "same"), [("10", "10.009", True), ("10", "10.02", False), ("-1", "1", False)])
def test_a_place_differs_by_less_than_is_seen(one: str, other: str, same: bool) -> None:
    assert drawn(one, other) is same


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("−0.11 [−0.98, +0.76]", ["−0.11", "−0.98", "+0.76"]),
        ("1,234 poses, 2/2^16, p = 1.2e−05.", ["1,234", "2", "2", "16", "1.2e−05"]),
        ("#1b1f24 abc123 g00001-0 font-size: 6.5px", ["0", "6.5"]),
        ("d <2-3> 1e99999", ["2", "3"]),
    ],
)
def test_what_is_a_number_to_a_reader(text: str, numbers: list[str]) -> None:
    assert texts.NUMBER.findall(text) == numbers


@pytest.mark.parametrize(
    ("written", "made", "place"),
    [
        ("a 1 b", "a 1 b", None),
        ("a 1 b", "a 2 b", 2),
        ("a 1", "a 1 b", 3),
        ("a 1 b", "a 1", 3),
        ("a", "a 1", 0),
        ("a 1", "a", 0),
        ("", "1", 0),
        ("a 1 nan", "a 1 2", 4),
    ],
)
def test_the_first_difference_is_found_at_its_place(written: str, made: str, place: int | None) -> None:
    found = texts.difference(written, made, lambda one, other: one == other)
    assert (found[0] if found else None) == place

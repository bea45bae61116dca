"""When two numbers say the same although other processors and libraries round otherwise."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

Agree = Callable[[str, str], bool]
"""Whether two numbers, given as text, say the same."""

COORDINATE: Final = 0.01
"""Places in a drawing agree within so many of its units, which are points: 1/7200 inch, less than anyone sees."""

SHARE: Final = 1e-6
"""Numbers of a table, which are unrounded, agree within this share of each other."""

NOISE: Final = 1e-11
"""They also agree within this share of the table's largest number: a small difference of two large numbers keeps
their absolute error."""

BOUNDARY: Final = 1e-8
"""So near, as a share of itself, a number lies on the boundary between two roundings."""

Floats = npt.NDArray[np.float64]


def value(text: str) -> Decimal:
    """The number that a text such as `−1,234.5` shows."""
    return Decimal(text.replace("−", "-").replace(",", ""))


def drawn(one: str, other: str) -> bool:
    """Whether two coordinates of a drawing are the same place."""
    return abs(value(one) - value(other)) <= Decimal(COORDINATE)


def computed(numbers: Iterable[str]) -> Agree:
    """The rule for the unrounded numbers of one table, `numbers`; whole numbers are counts and must be equal."""
    largest = max((abs(value(text)) for text in numbers if not _is_whole(text)), default=Decimal(0))
    noise = Decimal(NOISE) * largest

    def agree(one: str, other: str) -> bool:
        a, b = value(one), value(other)
        if a == b or (_is_whole(one) and _is_whole(other)):
            return a == b
        return abs(a - b) <= max(noise, Decimal(SHARE) * max(abs(a), abs(b)))

    return agree


def printed(exact: Floats) -> Agree:
    """The rule for rounded numbers that a reader sees: equal, or one unit of the last digit apart for a reason.

    The reason is that one of the `exact` numbers, those of the tables, lies on the boundary between the two: 0.12500
    is shown as 0.12 or as 0.13 as its last digit falls. Allowing one unit everywhere would let any number be changed
    by it, and let `0.05` pass for `0.06`. Whole numbers are counts and must be equal.

    Args:
        exact: the magnitudes of the tables' numbers, sorted.
    """

    def agree(one: str, other: str) -> bool:
        a, b = value(one), value(other)
        if a == b or (_is_whole(one) and _is_whole(other)):
            return a == b
        return abs(a - b) <= min(_unit(a), _unit(b)) and _lies_on(float(abs(a + b) / 2), exact)

    return agree


def _is_whole(text: str) -> bool:
    return not any(mark in text for mark in ".eE")


def _unit(number: Decimal) -> Decimal:
    """One unit of the last digit shown."""
    return Decimal(1).scaleb(int(number.as_tuple().exponent))


def _lies_on(boundary: float, exact: Floats) -> bool:
    low, high = np.searchsorted(exact, [boundary * (1 - BOUNDARY), boundary * (1 + BOUNDARY)])
    return bool(low < high)

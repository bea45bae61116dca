"""How the search's inner loops are compiled; importing this module imports Numba.

The machine code is kept beside the file of each function, or else in the user's cache folder, for the processes to
come. Numba looks only at that file to see whether it is still current: after a change of a function that other files
call, their cached machine code must be deleted.
"""

from collections.abc import Callable
from typing import Any

import numba
from numpy.typing import NDArray

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
"""For bounds, in float32 with fused multiplications."""

exactly = compiled()
"""For distances, in float64 without."""


def inlined(function: Callable[..., Any]) -> Any:
    """Copy the function to where it is called: a call within a loop would keep the loop out of the vector registers."""
    return numba.njit(inline="always")(function)

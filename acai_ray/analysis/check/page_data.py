"""What the page's map and explorer read, compared by its numbers: JSON that holds arrays as base64."""

import base64
import binascii
import json
import math
from collections.abc import Iterator
from typing import Any, Final

import numpy as np

SHARE: Final = 1e-5
"""Numbers have six significant digits: one unit of the last is at most this share of them."""

POSE_M: Final = 1.01e-4
"""Coordinates of the poses to choose among are rounded to 0.1 mm: one unit of that, in metres."""

HALF: Final = (2.0**-10, 2.0**-24)
"""One unit in the last place of a float16: relative for normal, absolute for the smallest numbers."""

SINGLE: Final = 1e-5
"""Float32 numbers, which a network computed or was made of, agree within this share of the largest."""

_ARRAYS: Final = ("parameters", "codes")


def difference(written: str, made: str) -> str:
    """The first thing that differs, by its place in the data; empty where nothing does."""
    try:
        content = json.loads(written)
    except (ValueError, RecursionError):
        return "has damaged data"
    return next((f"has other data: {said}" for said in _differences(content, json.loads(made), (), "")), "")


def _differences(one: Any, true: Any, place: tuple[str, ...], precision: str) -> Iterator[str]:
    """Walk both side by side; `precision` is that of the network they are in."""
    where = ", ".join(place) or "it"
    if type(one) is not type(true):
        yield f"{where} is {_short(one)}, but the tables give {_short(true)}"
    elif isinstance(true, dict | list):
        entries, true_entries = _entries(one), _entries(true)
        if list(entries) != list(true_entries):
            yield f"{where} has other entries"
            return
        precision = true_entries.get("precision", precision)
        for name, value in true_entries.items():
            yield from _differences(entries[name], value, (*place, name), precision)
    elif place[-1] in _ARRAYS:
        said = _between_arrays(one, true, "<f2" if (place[-1], precision) == ("parameters", "float16") else "<f4")
        if said:
            yield f"{where} {said}"
    elif not (_near(one, true, place) if isinstance(true, float) else one == true):
        yield f"{where} is {_short(one)}, but the tables give {_short(true)}"


def _entries(values: dict[str, Any] | list[Any]) -> dict[str, Any]:
    return values if isinstance(values, dict) else {str(number): value for number, value in enumerate(values)}


def _near(one: float, true: float, place: tuple[str, ...]) -> bool:
    return math.isclose(one, true, rel_tol=SHARE, abs_tol=POSE_M if place[0] == "poses" else 0.0)


def _between_arrays(one: str, true: str, kind: str) -> str:
    """How two base64 arrays of little-endian numbers differ by more than rounding."""
    try:
        content = base64.b64decode(one, validate=True)
    except (binascii.Error, ValueError):
        return "is damaged"
    expected = base64.b64decode(true)
    if len(content) != len(expected):
        return f"has {len(content)} bytes, but the tables give {len(expected)}"
    numbers, true_numbers = (np.frombuffer(each, kind).astype(np.float64) for each in (content, expected))
    share, least = HALF if kind == "<f2" else (SINGLE, SINGLE * float(np.abs(true_numbers).max(initial=0)))
    apart = int((~np.isclose(numbers, true_numbers, rtol=share, atol=least, equal_nan=True)).sum())
    return f"has {apart} of {numbers.size} numbers that the tables do not give" if apart else ""


def _short(value: Any) -> str:
    if isinstance(value, dict | list):
        return f"a group of {len(value)}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:40]}…"

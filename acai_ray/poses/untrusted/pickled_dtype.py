"""The numpy dtype that a pickle describes, accepted only where it can do no harm."""

import itertools
import math
import pickle
import re
from typing import Any

import numpy as np

PLAIN = re.compile(r"[<>|=]?[biufcSU][0-9]{1,9}")
"""Codes of dtypes without pointers and without parts."""
OBJECT = re.compile(r"[|]?O[0-9]?")
COMPOUND = re.compile(r"[|]?V[0-9]{1,9}")
DEEPEST = 4
"""Most levels of dtypes within dtypes."""


class PickledDtype:
    """Takes the place of `numpy.dtype`; `dtype` is made of validated parts, never of flags that a pickle claims.

    Attributes:
        dtype: a plain one, objects, or one made of plain fields.
        depth: levels of dtypes within it.
        complete: whether an array may have it; the parts of a compound dtype follow after its code.
    """

    def __init__(self, code: object, *_align_and_copy: object) -> None:
        text = code.decode("latin1") if isinstance(code, bytes) else code
        if not isinstance(text, str) or not any(kind.fullmatch(text) for kind in (PLAIN, OBJECT, COMPOUND)):
            raise pickle.UnpicklingError(f"the dtype {text if isinstance(text, str) else type(text).__name__}")
        self.dtype: np.dtype[Any] = np.dtype(text)
        self.depth = 0
        self.complete = self.dtype.kind != "V"

    def set_state(self, state: Any) -> None:
        """Take over byte order and parts in the form in which `numpy.dtype.__setstate__` gets them."""
        _version, order, base, names, fields, size = state[:6]
        if self.dtype.kind != "V":
            if not (base is None and names is None and fields is None):
                raise pickle.UnpicklingError(f"parts of the plain dtype {self.dtype}")
            self.dtype = self.dtype.newbyteorder(order) if order in ("<", ">") else self.dtype
        elif base is not None:
            self._repeat(*base)
        else:
            self._join(names, fields, size)

    def _repeat(self, base: Any, shape: Any) -> None:
        """Become an array of one dtype, such as `("<f4", (17, 3))`."""
        sizes = whole(shape)
        self._nest([base])
        if math.prod(sizes) * base.dtype.itemsize != self.dtype.itemsize:
            raise pickle.UnpicklingError(f"a dtype of {self.dtype.itemsize} bytes with a part of another size")
        self.dtype = np.dtype((base.dtype, sizes))

    def _join(self, names: Any, fields: Any, size: Any) -> None:
        """Become named fields within `size` bytes that do not overlap."""
        if not (isinstance(names, tuple | list) and names and all(type(name) is str for name in names)):
            raise pickle.UnpicklingError("a structured dtype without names")
        parts, offsets = zip(*(fields[name][:2] for name in names), strict=True)
        self._nest(parts)
        ends = [0, *itertools.chain(*sorted(_spans(parts, offsets))), size]
        if size != self.dtype.itemsize or type(size) is not int or ends != sorted(ends):
            raise pickle.UnpicklingError(
                f"a structured dtype whose fields overlap or leave its {self.dtype.itemsize} bytes"
            )
        formats = [part.dtype for part in parts]
        self.dtype = np.dtype({"names": list(names), "formats": formats, "offsets": list(offsets), "itemsize": size})

    def _nest(self, parts: Any) -> None:
        if self.complete or not all(type(part) is PickledDtype and part.complete for part in parts):
            raise pickle.UnpicklingError("a dtype with a part that is none")
        if any(part.dtype.hasobject or part.dtype.itemsize == 0 for part in parts):
            raise pickle.UnpicklingError("a dtype with a part of objects or of no size")
        self.depth, self.complete = 1 + max(part.depth for part in parts), True
        if self.depth > DEEPEST:
            raise pickle.UnpicklingError(f"a dtype of more than {DEEPEST} levels")


def whole(shape: Any) -> tuple[int, ...]:
    """The sizes of a shape.

    Raises:
        pickle.UnpicklingError: they are not whole numbers from 0.
    """
    sizes = tuple(shape) if isinstance(shape, tuple | list) else (shape,)
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise pickle.UnpicklingError("a shape that is not made of whole numbers")
    return sizes


def _spans(parts: Any, offsets: Any) -> list[tuple[int, int]]:
    starts = whole(offsets)
    return [(start, start + part.dtype.itemsize) for start, part in zip(starts, parts, strict=True)]

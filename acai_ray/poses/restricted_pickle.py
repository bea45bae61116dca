"""Pickles of numpy arrays in builtin containers, and of nothing else.

A pickle is a program: it calls what it names. Here it may name only the inert stand-ins below, never numpy's own
constructors, because numpy trusts the flags of a pickled dtype and would read pointers from a forged one.
"""

import io
import math
import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.errors import UserError

PLAIN_KINDS = "biufcSU"
"""dtype kinds without pointers and without parts."""


class PickledDtype:
    """Stands in for `numpy.dtype`: a plain type, or object, with a byte order."""

    def __init__(self, code: str | bytes, *_align_and_copy: object) -> None:
        self.dtype = np.dtype(code.decode("latin1") if isinstance(code, bytes) else code)
        if self.dtype.kind not in PLAIN_KINDS + "O":
            raise pickle.UnpicklingError(f"the dtype {self.dtype}")

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, order, *compound = state
        if any(part is not None for part in compound[:3]):
            raise pickle.UnpicklingError("a structured dtype")
        if order in (">", b">"):
            self.dtype = self.dtype.newbyteorder(">")


class PickledArray:
    """Stands in for `numpy.ndarray`; `value` is the array it describes."""

    value: NDArray[Any]

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, dtype, fortran, raw = state
        self.value = _array(raw, dtype, shape, "F" if fortran else "C")


def _reconstruct(_subtype: object, _shape: object, _code: object) -> PickledArray:
    """An array whose state follows."""
    return PickledArray()


def _frombuffer(raw: Any, dtype: PickledDtype, shape: Any, order: Any) -> PickledArray:
    """An array of protocol 5."""
    array = PickledArray()
    array.value = _array(raw, dtype, shape, order)
    return array


def _scalar(dtype: PickledDtype, raw: Any) -> Any:
    """A numpy number or text, as Python's own."""
    return _array(raw, dtype, (1,), "C")[0].item()


def _encode(text: str, encoding: str) -> bytes:
    """How protocols below 3 write bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"the encoding {encoding}")
    return text.encode("latin1")


ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "dtype"): PickledDtype,
    ("numpy", "ndarray"): PickledArray,
    ("_codecs", "encode"): _encode,
    **{(f"numpy.{core}.multiarray", "_reconstruct"): _reconstruct for core in ("core", "_core")},
    **{(f"numpy.{core}.multiarray", "scalar"): _scalar for core in ("core", "_core")},
    **{(f"numpy.{core}.numeric", "_frombuffer"): _frombuffer for core in ("core", "_core")},
    **{(builtins, kind.__name__): kind for builtins in ("builtins", "__builtin__") for kind in (set, frozenset)},
}
"""All that a pickle may name, and what it gets."""


class RestrictedUnpickler(pickle.Unpickler):
    """Finds the admitted names only; the base class refuses persistent ids."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        """The stand-in of an admitted name."""
        try:
            return ADMITTED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module_name}.{global_name}") from None


def loads(content: bytes, origin: str) -> Any:
    """What the pickle holds: builtin containers and values, arrays as `PickledArray`.

    Raises:
        UserError: it holds anything else, or is damaged; nothing of it was run.
    """
    try:
        return RestrictedUnpickler(io.BytesIO(content), encoding="latin1").load()
    except Exception as error:  # a forged pickle can raise anything
        detail = " ".join(str(error).split())[:200] or type(error).__name__
        raise UserError(
            f"{origin}: a pickle must be whole and hold only numpy arrays and builtin containers, but reading it "
            f"stopped at [{detail}]; nothing in it was run; save the arrays as .npz without objects"
        ) from None


def load_array(content: bytes, origin: str) -> NDArray[Any]:
    """The one array that the pickle holds; if of objects, they may hold `PickledArray`.

    Raises:
        UserError: as `loads`, or it is not an array.
    """
    array = getattr(loads(content, origin), "value", None)
    if not isinstance(array, np.ndarray):
        raise UserError(f"{origin}: an array must be pickled as one, but is not; save it again")
    return array


def _array(raw: Any, stand_in: PickledDtype, shape: Any, order: Any) -> NDArray[Any]:
    if stand_in.dtype.kind == "O":
        return _object_array(raw, shape, order)
    buffer = raw.encode("latin1") if isinstance(raw, str) else raw
    return np.frombuffer(buffer, dtype=stand_in.dtype).reshape(shape, order=order)


def _object_array(items: Any, shape: Any, order: Any) -> NDArray[Any]:
    sizes_are_numbers = all(type(size) is int for size in shape)
    if not (sizes_are_numbers and isinstance(items, list) and math.prod(shape) == len(items)):
        raise pickle.UnpicklingError("an object array of another size")
    flat = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        flat[place] = item
    return flat.reshape(shape, order=order)

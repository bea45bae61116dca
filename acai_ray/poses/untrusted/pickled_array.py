"""The numpy arrays and numbers that a pickle describes, rebuilt from their bytes alone."""

import math
import pickle
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.poses.untrusted.pickled_dtype import PickledDtype, whole

LAST_CHARACTER = 0x10FFFF
"""The largest code of a character; numpy would store any number as a character, and fail when it is read."""


class PickledArray:
    """Takes the place of `numpy.ndarray`; `value` is the array, empty until the pickle describes it."""

    def __init__(self) -> None:
        self.value: NDArray[Any] = np.empty(0)
        self.complete = False

    def set_state(self, state: Any) -> None:
        """Take over shape, dtype and bytes in the form in which `numpy.ndarray.__setstate__` gets them."""
        _version, shape, dtype, fortran, raw = state
        self.fill(_array(raw, dtype, shape, "F" if fortran else "C"))

    def fill(self, value: NDArray[Any]) -> None:
        """Set the array; refused the second time."""
        if self.complete:
            raise pickle.UnpicklingError("a second state of an array")
        self.value, self.complete = value, True


def reconstruct(_subtype: object, _shape: object, _code: object) -> PickledArray:
    """An array whose state follows later in the pickle."""
    return PickledArray()


def from_buffer(raw: Any, dtype: Any, shape: Any, order: Any) -> PickledArray:
    """An array as protocol 5 writes it."""
    array = PickledArray()
    array.fill(_array(raw, dtype, shape, order))
    return array


def scalar(dtype: Any, raw: Any) -> Any:
    """A numpy number or text, as the Python value."""
    return _array(raw, dtype, (1,), "C")[0].item()


def _array(raw: Any, stand_in: Any, shape: Any, order: Any) -> NDArray[Any]:
    if (
        type(stand_in) is not PickledDtype
        or not stand_in.complete
        or stand_in.dtype.subdtype
        or order not in ("C", "F")
    ):
        raise pickle.UnpicklingError("an array without a dtype of its own")
    sizes, dtype = whole(shape), stand_in.dtype
    if dtype.hasobject:
        return _objects(raw, sizes, order)
    buffer = raw.encode("latin1") if isinstance(raw, str) else raw
    if not isinstance(buffer, bytes | bytearray) or math.prod(sizes) * dtype.itemsize != len(buffer):
        raise pickle.UnpicklingError(f"an array whose bytes do not fill its shape {sizes[:8]}")
    array = np.frombuffer(buffer, dtype=dtype) if buffer else np.empty(0, dtype=dtype)
    if not _readable(array):
        raise pickle.UnpicklingError("an array of text with a character that does not exist")
    return array.reshape(sizes, order=order)


def _objects(items: Any, sizes: tuple[int, ...], order: Any) -> NDArray[Any]:
    if not (isinstance(items, list) and math.prod(sizes) == len(items)):
        raise pickle.UnpicklingError(f"an array of objects that do not fill its shape {sizes[:8]}")
    if any(isinstance(item, PickledArray) and (item.value.dtype == object or not item.complete) for item in items):
        raise pickle.UnpicklingError("an array of objects within another, whose deletion can crash numpy")
    flat = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        flat[place] = item
    return flat.reshape(sizes, order=order)


def _readable(array: NDArray[Any]) -> bool:
    if array.dtype.names:
        return all(_readable(array[name]) for name in array.dtype.names)
    if array.dtype.kind != "U":
        return True
    codes = np.ascontiguousarray(array).view(np.dtype("u4").newbyteorder(array.dtype.byteorder))
    return int(codes.max(initial=0)) <= LAST_CHARACTER


def unwrapped(value: Any) -> Any:
    """The value with arrays in the place of `PickledArray`, at every depth of dicts, lists and arrays of objects.

    Dicts and lists are changed in place. Tuples become lists, because a tuple may hold an array, or even itself through
    a list, and cannot be changed. There is no recursion, so that no depth of nesting can exhaust the stack.
    """
    root = [value]
    replaced: dict[int, tuple[Any, Any]] = {}
    todo: list[Any] = [root]
    while todo:
        holder = todo.pop()
        for place, item in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if isinstance(item, PickledArray | dict | list | tuple):
                holder[place] = _replacement(item, replaced, todo)
    return root[0]


def _replacement(item: Any, replaced: dict[int, tuple[Any, Any]], todo: list[Any]) -> Any:
    """What takes the item's place; the first time the item is met, it is added to the holders that are still to do."""
    if id(item) not in replaced:
        new = item.value if isinstance(item, PickledArray) else list(item) if isinstance(item, tuple) else item
        replaced[id(item)] = (item, new)
        if not isinstance(new, np.ndarray):
            todo.append(new)
        elif new.dtype == object:
            todo.append(new.ravel("K"))
    return replaced[id(item)][1]

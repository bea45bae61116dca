"""Pickles of numpy arrays in builtin containers, and of nothing else.

A pickle is a program: it calls what it names. Here it may name only harmless stand-ins, never numpy's own constructors,
because numpy trusts the flags of a pickled dtype and would read pointers from a forged one. This is built on Python's
unpickler that is written in Python: its instructions can be replaced, and a pickle of ten bytes cannot make it reserve
gigabytes, as it can with the one written in C.
"""

import io
import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.untrusted.admitted_names import ADMITTED, Admitted, hashable
from acai_ray.poses.untrusted.pickled_array import PickledArray
from acai_ray.poses.untrusted.pickled_dtype import PickledDtype

__all__ = ["ADMITTED", "PickledArray", "RestrictedUnpickler", "load_array", "loads", "read"]

REFUSED = (
    "PERSID",
    "BINPERSID",
    "EXT1",
    "EXT2",
    "EXT4",
    "OBJ",
    "NEWOBJ",
    "NEWOBJ_EX",
    "NEXT_BUFFER",
    "READONLY_BUFFER",
)
"""Instructions that no pickle of arrays needs, and that are therefore refused."""


class RestrictedUnpickler(pickle._Unpickler):
    """An unpickler that finds only admitted names, calls and changes only stand-ins, and makes only plain keys."""

    stack: list[Any]
    append: Callable[[Any], None]
    pop_mark: Callable[[], list[Any]]
    read: Callable[[int], bytes]
    readline: Callable[[], bytes]
    dispatch: ClassVar[dict[int, Callable[[Any], None]]]

    def find_class(self, module_name: str, global_name: str) -> Any:
        """What takes the place of an admitted name."""
        try:
            return ADMITTED[module_name, global_name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module_name}.{global_name}") from None

    def _reduce(self) -> None:
        arguments = self.stack.pop()
        self.stack[-1] = _called(self.stack[-1], arguments)

    def _inst(self) -> None:
        module, name = (self.readline().rstrip(b"\n").decode("latin1") for _ in range(2))
        arguments = self.pop_mark()
        self.append(_called(self.find_class(module, name), arguments))

    def _build(self) -> None:
        state, stand_in = self.stack.pop(), self.stack[-1]
        if not isinstance(stand_in, PickledArray | PickledDtype):
            raise pickle.UnpicklingError(f"a state for {_what(stand_in)}")
        stand_in.set_state(state)

    def _set_items(self, items: list[Any]) -> None:
        if type(self.stack[-1]) is not dict:
            raise pickle.UnpicklingError(f"items for {_what(self.stack[-1])}")
        self.stack[-1].update(zip(hashable(items[::2]), items[1::2], strict=True))

    def _setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set_items([key, value])

    def _setitems(self) -> None:
        self._set_items(self.pop_mark())

    def _dict(self) -> None:
        items = self.pop_mark()
        self.append({})
        self._set_items(items)

    def _additems(self) -> None:
        members = self.pop_mark()
        if type(self.stack[-1]) is not set:
            raise pickle.UnpicklingError(f"members for {_what(self.stack[-1])}")
        self.stack[-1].update(hashable(members))

    def _frozenset(self) -> None:
        members = self.pop_mark()
        self.append(frozenset(hashable(members)))

    def _bytearray(self) -> None:
        self.append(bytearray(self.read(int.from_bytes(self.read(8), "little"))))


def _called(admitted: Any, arguments: Any) -> Any:
    if type(admitted) is not Admitted or admitted.function is None:
        raise pickle.UnpicklingError(f"a call of {_what(admitted)}")
    return admitted.function(*arguments)


def _what(thing: Any) -> str:
    return thing.name if type(thing) is Admitted else type(thing).__name__


def _refusal(instruction: str) -> Callable[[Any], None]:
    def refuse(_unpickler: Any) -> None:
        raise pickle.UnpicklingError(f"the instruction {instruction}")

    return refuse


RestrictedUnpickler.dispatch = {
    **pickle._Unpickler.dispatch,
    pickle.REDUCE[0]: RestrictedUnpickler._reduce,
    pickle.INST[0]: RestrictedUnpickler._inst,
    pickle.BUILD[0]: RestrictedUnpickler._build,
    pickle.SETITEM[0]: RestrictedUnpickler._setitem,
    pickle.SETITEMS[0]: RestrictedUnpickler._setitems,
    pickle.DICT[0]: RestrictedUnpickler._dict,
    pickle.ADDITEMS[0]: RestrictedUnpickler._additems,
    pickle.FROZENSET[0]: RestrictedUnpickler._frozenset,
    pickle.BYTEARRAY8[0]: RestrictedUnpickler._bytearray,
    **{getattr(pickle, name)[0]: _refusal(name) for name in REFUSED},
}


def loads(content: bytes, origin: str) -> Any:
    """What the pickle holds: builtin containers and values, and arrays as `PickledArray`.

    Raises:
        UserError: it holds anything else, or is damaged; nothing in it was run.
    """
    return _load(io.BytesIO(content), origin)


def read(path: Path) -> Any:
    """What the pickle in a file holds, as `loads` gives it.

    Raises:
        UserError: as `loads`, or the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return _load(file, path.name)
    except OSError as error:
        raise UserError(f"{path.name}: a data file must be readable, but is not ({error.strerror})") from None


def load_array(content: bytes, origin: str) -> NDArray[Any]:
    """The one array that the pickle holds; in an array of objects, these may hold `PickledArray`.

    Raises:
        UserError: as `loads`, or it is not an array.
    """
    array = getattr(loads(content, origin), "value", None)
    if not isinstance(array, np.ndarray):
        raise UserError(f"{origin}: an array must be pickled as one, but is not; save it again")
    return array


def _load(file: IO[bytes], origin: str) -> Any:
    try:
        with warnings.catch_warnings(action="ignore"):  # a forged text may have bad escapes
            return RestrictedUnpickler(file, encoding="latin1").load()
    except Exception as error:  # a forged pickle can raise anything
        raise UserError(
            f"{origin}: a pickle must be whole and hold only numpy arrays and builtin containers, but reading it "
            f"stopped at [{_detail(error)}]; nothing in it was run; save the arrays as .npz without objects"
        ) from None


def _detail(error: Exception) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in str(error))
    return " ".join(printable.split())[:200] or type(error).__name__

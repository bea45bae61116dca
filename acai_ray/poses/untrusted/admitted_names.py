"""All names that a pickle may use, and the harmless function that takes the place of each."""

import pickle
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from acai_ray.poses.untrusted import pickled_array
from acai_ray.poses.untrusted.pickled_dtype import PickledDtype

KEY_TYPES = frozenset({str, int, float, bool, bytes, type(None)})
"""Types of keys and of members of sets, alone or in a tuple; hashing deeper ones can take forever, or crash."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A name that a pickle may use; one without a function may be an argument, but not called."""

    name: str
    function: Callable[..., Any] | None


def hashable(keys: Iterable[Any]) -> list[Any]:
    """The keys.

    Raises:
        pickle.UnpicklingError: a key is neither of a plain type nor a tuple of such.
    """
    listed = list(keys)
    for key in listed if not KEY_TYPES.issuperset(map(type, listed)) else ():
        if not KEY_TYPES.issuperset(map(type, key if type(key) is tuple else (key,))):
            raise pickle.UnpicklingError(f"a key of type {type(key).__name__}")
    return listed


def _encode(text: str, encoding: str) -> bytes:
    """The call by which pickles of protocols below 3 make bytes."""
    if encoding not in ("latin1", "latin-1"):
        raise pickle.UnpicklingError(f"the encoding {encoding}")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """The call by which pickles of protocols below 3 make empty bytes."""
    return b""


def _ordered_dict(items: Iterable[tuple[Any, Any]] = ()) -> dict[Any, Any]:
    pairs = list(items)
    return dict(zip(hashable(key for key, _ in pairs), (value for _, value in pairs), strict=True))


def _default_dict(_factory: object = None) -> dict[Any, Any]:
    return {}


def _set(members: Iterable[Any] = ()) -> set[Any]:
    return set(hashable(members))


def _frozenset(members: Iterable[Any] = ()) -> frozenset[Any]:
    return frozenset(hashable(members))


BUILTINS = ("builtins", "__builtin__")
NUMPY = ("numpy.core", "numpy._core")
FUNCTIONS: Mapping[tuple[str, str], Callable[..., Any] | None] = {
    ("numpy", "dtype"): PickledDtype,
    ("numpy", "ndarray"): None,
    ("_codecs", "encode"): _encode,
    ("collections", "OrderedDict"): _ordered_dict,
    ("collections", "defaultdict"): _default_dict,
    **{(f"{core}.multiarray", "_reconstruct"): pickled_array.reconstruct for core in NUMPY},
    **{(f"{core}.multiarray", "scalar"): pickled_array.scalar for core in NUMPY},
    **{(f"{core}.numeric", "_frombuffer"): pickled_array.from_buffer for core in NUMPY},
    **{(module, "bytes"): _no_bytes for module in BUILTINS},
    **{(module, "set"): _set for module in BUILTINS},
    **{(module, "frozenset"): _frozenset for module in BUILTINS},
    **{(module, kind): None for module in BUILTINS for kind in ("list", "dict", "int", "float")},
}
"""The plain types, such as `list`, are arguments of a `defaultdict`; here nothing is done with them."""

ADMITTED: Mapping[tuple[str, str], Admitted] = {
    names: Admitted(".".join(names), function) for names, function in FUNCTIONS.items()
}

"""What a pickle file holds, as far as its beginning tells; nothing of it is run."""

import io
import pickletools
import warnings
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from acai_ray.common.errors import UserError
from acai_ray.poses.untrusted import restricted_pickle

BEGINNING = 1 << 16
"""Bytes looked at."""
INSTRUCTIONS = 200
"""Instructions looked at, at most."""
CERTAIN = 8
"""So many valid instructions are no accident; fewer must come to an end."""
TEXTS = frozenset({"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"})
NUMBERS = frozenset({"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1"})


def is_pickle(path: Path) -> bool:
    """Whether `path` is a file that begins as a pickle does."""
    names = [code.name for code, _ in _beginning(path)]
    return "PROTO" in names[:1] or "STOP" in names or len(names) >= CERTAIN


def first_values(path: Path, count: int) -> list[str | int]:
    """The first texts and whole numbers in a pickle: its first keys, where it is a dict; none for other files."""
    if not is_pickle(path):
        return []
    return [value for code, value in _beginning(path) if code.name in TEXTS | NUMBERS][:count]


def refuse(path: Path, *forms: str) -> NoReturn:
    """Refuse a pickle that is none of the forms; one that does more than hold data is refused for that.

    Raises:
        UserError: always.
    """
    content = restricted_pickle.read(path)
    raise UserError(f"{path.name}: a pickle must be one of [{'; '.join(forms)}], but holds {described(content)}")


def described(content: Any) -> str:
    """A few words on unpickled content, however large or nested it is."""
    if not isinstance(content, dict):
        return f"a value of type {type(content).__name__}"
    keys = [repr(key[:20]) if isinstance(key, str) else type(key).__name__ for key in islice(content, 6)]
    return f"a dict of {len(content)} keys" + (f" such as {', '.join(keys)}" if keys else "")


def _beginning(path: Path) -> list[tuple[pickletools.OpcodeInfo, Any]]:
    """The first instructions with their arguments, up to one that is none or too long; the first needs no other."""
    found: list[tuple[pickletools.OpcodeInfo, Any]] = []
    try:
        with path.open("rb") as file:
            beginning = io.BytesIO(file.read(BEGINNING))
        with warnings.catch_warnings(action="ignore"):  # other files may look like texts with bad escapes
            found.extend((code, value) for code, value, _ in islice(pickletools.genops(beginning), INSTRUCTIONS))
    except (OSError, ValueError, LookupError, OverflowError):
        pass
    return found if found and not found[0][0].stack_before else []

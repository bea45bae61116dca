"""What a pickle file holds, as far as its first instructions tell; nothing in it is run."""

import io
import pickletools
import warnings
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from acai_ray.common.errors import UserError
from acai_ray.poses.untrusted import restricted_pickle

BEGINNING = 1 << 16
"""Bytes that are looked at."""
INSTRUCTIONS = 200
"""Most instructions that are looked at."""
CERTAIN = 8
"""Valid instructions at the start of a file that make it a pickle; a file with fewer must end with STOP."""
TEXTS = frozenset({"STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"})
NUMBERS = frozenset({"INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1"})


def is_pickle(path: Path) -> bool:
    """Whether `path` is a file that begins as a pickle does."""
    names = [code.name for code, _ in _beginning(path)]
    return "PROTO" in names[:1] or "STOP" in names or len(names) >= CERTAIN


def first_values(path: Path, count: int) -> list[str | int]:
    """The first texts and whole numbers in a pickle: its first keys, where it is a dict. Empty for other files."""
    if not is_pickle(path):
        return []
    return [value for code, value in _beginning(path) if code.name in TEXTS | NUMBERS][:count]


def refuse(path: Path, *forms: str) -> NoReturn:
    """Refuse a pickle that has none of the forms; one that does more than hold data is refused for that reason.

    Raises:
        UserError: always.
    """
    content = restricted_pickle.read(path)
    raise UserError(
        f"{path.name}: a pickle must be one of [{'; '.join(forms)}], but holds {described(content)}; load it where it "
        "comes from and save its array of 3D joints with numpy.savez(path, poses=…), in Human3.6M's order (AIST++ and "
        "many detectors have COCO's)"
    )


def described(content: Any) -> str:
    """A few words on unpickled content, however large or nested it is."""
    if not isinstance(content, dict):
        return f"a value of type {type(content).__name__}"
    keys = [repr(key[:20]) if isinstance(key, str) else type(key).__name__ for key in islice(content, 6)]
    return f"a dict of {len(content)} keys" + (f" such as {', '.join(keys)}" if keys else "")


def _beginning(path: Path) -> list[tuple[pickletools.OpcodeInfo, Any]]:
    """The first instructions of a file with their arguments; empty where it does not begin as a pickle does.

    They end before bytes that are no instruction. In a pickle, the first instruction takes nothing from the stack.
    """
    instructions: list[tuple[pickletools.OpcodeInfo, Any]] = []
    try:
        with path.open("rb") as file:
            beginning = io.BytesIO(file.read(BEGINNING))
        with warnings.catch_warnings(action="ignore"):  # other files may look like texts with bad escapes
            instructions.extend((code, value) for code, value, _ in islice(pickletools.genops(beginning), INSTRUCTIONS))
    except (OSError, ValueError, LookupError, OverflowError):
        pass
    return instructions if instructions and not instructions[0][0].stack_before else []

"""What a command found as one JSON object on standard output, for other programs."""

import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def show(content: Mapping[str, Any]) -> None:
    """Print the object. What is no number, or missing, is null; paths are text.

    An output that lacks letters gets them as escapes, since what stands for them elsewhere could be a quotation mark.
    """
    escaped = not (sys.stdout.encoding or "").lower().startswith("utf")
    print(json.dumps(plain(content), indent=2, ensure_ascii=escaped, allow_nan=False))


def show_error(sentence: str, code: int) -> None:
    """Print what a command says that could not do its work: `{"error": …, "exit_code": …}`."""
    show({"error": sentence, "exit_code": code})


def plain(value: Any) -> Any:
    """A value in the types that JSON has; numbers of NumPy become Python's, NaN and infinity become None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if hasattr(value, "item"):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, str | Path):
        return str(value)  # of a subclass such as an enumeration, too
    return value

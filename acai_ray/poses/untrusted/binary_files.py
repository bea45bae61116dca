"""What readers of binary formats share: an optional library, and one sentence for whatever goes wrong in it."""

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from acai_ray.common.errors import UserError


def library(name: str, kind: str, origin: str) -> Any:
    """An optional library, which is imported when a file needs it.

    Args:
        name: the name of the module, which is also the name that pip installs.
        kind: the kind of files that it reads, for messages.
        origin: the file to be read, for messages.

    Raises:
        UserError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise UserError(
            f"{origin}: reading {kind} files needs {name}, which is not installed; pip install {name}"
        ) from None


@contextmanager
def whole(origin: str) -> Iterator[None]:
    """Turn whatever a library raises on a damaged file into one sentence.

    Raises:
        UserError: the block raised any exception.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # a damaged file can raise anything
        detail = " ".join(str(error).split())[:150] or type(error).__name__
        raise UserError(
            f"{origin}: a data file must be whole, but reading it stopped at [{detail}]; copy it again"
        ) from None

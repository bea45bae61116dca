"""Where a study's checkpoints go: a folder or a URI that all nodes reach, understood once and tried before any work."""

import re
from pathlib import Path
from uuid import uuid4

from pyarrow import ArrowException

from acai_ray.common.errors import UserError, one_line
from acai_ray.training.checkpoint import Place

ONE_SLASH = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/(?!/)")
"""How a URI begins that lacks a slash."""


def resolved(text: str) -> str:
    """A storage as every process of a study understands it: a URI as it is, a path absolute.

    Raises:
        UserError: it looks like a URI and is none.
    """
    scheme, uri, rest = text.partition("://")
    if uri and not rest.strip("/"):
        raise UserError(f"a storage names a folder, but {text} names none; write {scheme}://bucket/folder")
    if uri:
        return text
    if near := ONE_SLASH.match(text):
        slashes = "///" if near[1] == "file" else "//"
        raise UserError(
            f"a storage is a path or a URI such as s3://bucket/folder, but {text} has one slash behind its colon; "
            f"write {near[1]}:{slashes}{text[near.end() :]}, or ./{text} for a folder"
        )
    return str(Path(text).expanduser().absolute())


def below(storage: str, name: str) -> str:
    """A folder of a storage; the query of a URI, such as `?endpoint_override=...`, stays behind the path."""
    if "://" not in storage:
        return str(Path(storage) / name)
    path, mark, query = storage.partition("?")
    return f"{path.rstrip('/')}/{name}{mark}{query}"


def refuse_unusable(storage: str) -> None:
    """Write, read and delete a small object, as a study will do with its checkpoints.

    Raises:
        UserError: that is not possible.
    """
    content = uuid4().bytes
    try:
        place = Place.at(below(storage, f"try-{uuid4().hex}"))
        place.filesystem.create_dir(place.path)
        place.write("object", content)
        found = place.read("object")
        place.filesystem.delete_dir(place.path)
    except (OSError, ArrowException) as error:
        raise UserError(
            f"a storage must take files and give them back, but {storage} does not ({one_line(error)}); check its "
            "name, your rights there and your credentials"
        ) from None
    if found != content:
        raise UserError(f"a storage must give back what it was given, but {storage} gives something else; take another")

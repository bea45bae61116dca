"""A user's own parts: modules named by a space or an experiment, which register regularizers and networks."""

import importlib
import sys
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from acai_ray.common.errors import UserError, describe


class Plugin(NamedTuple):
    """A module that was imported.

    Attributes:
        name: how it is imported.
        path: its file, or the folder of a package.
        sha256: of its source; a study keeps to one.
        beside: whether it lies beside the file that names it, so that other nodes must be given it.
    """

    name: str
    path: Path
    sha256: str
    beside: bool


_LOADED: dict[str, Plugin] = {}
"""The modules that this process has imported as plugins."""


def load_plugins(names: Any, folder: Path) -> dict[str, str]:
    """Import modules, which register what they bring.

    Args:
        names: the modules' names, as a file gives them.
        folder: the file's; a module that lies there goes before an installed one of the same name.

    Returns:
        The hash of each module's source, by name.

    Raises:
        UserError: no list of names; a module that cannot be found or imported, has no source, or whose name is another
            one's.
    """
    if not isinstance(names, list) or not all(isinstance(name, str) and name.isidentifier() for name in names):
        raise UserError(f"plugins is a list of names of modules, but got {names!r}")
    return {name: _load(name, folder.resolve()).sha256 for name in names}


def with_plugins(settings: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The settings of a file whose plugins are loaded, with their hashes in the place of the list of their names."""
    if "plugins" not in settings:
        return settings
    return {**settings, "plugins": load_plugins(settings["plugins"], folder)}


def shipped(names: Iterable[str]) -> list[str]:
    """The paths of loaded modules that other nodes must be given."""
    return [str(_LOADED[name].path) for name in names if _LOADED[name].beside]


def import_plugins(names: Sequence[str]) -> None:
    """Import modules where a trial runs; Ray has brought those that are not installed there."""
    for name in names:
        importlib.import_module(name)


def _load(name: str, folder: Path) -> Plugin:
    path = next((place for place in (folder / f"{name}.py", folder / name) if place.exists()), None)
    if name in _LOADED and path in (None, _LOADED[name].path):
        return _LOADED[name]
    if name in sys.modules and path is not None:
        raise UserError(f"a plugin's name is its own, but there is another module {name}; rename {path}")
    module = _imported(name, folder if path is not None else None)
    if (origin := getattr(module, "__file__", None)) is None:
        raise UserError(f"a plugin has a source file, but {name} has none; give a folder an __init__.py")
    file = Path(origin)
    source = file.parent if file.name == "__init__.py" else file
    _LOADED[name] = Plugin(name, source, _hash(source), beside=path is not None)
    return _LOADED[name]


def _imported(name: str, folder: Path | None) -> Any:
    if folder is not None:
        sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise UserError(
                f"a plugin must import without an error, but {name} needs {error.name}; install it"
            ) from None
        raise UserError(
            f"a plugin is a module that is installed or lies beside the file that names it, but there is no {name}"
        ) from None
    except UserError:
        raise
    except Exception as error:  # whatever a user's own module raises
        raise UserError(f"a plugin must import without an error, but {name} raised {describe(error)}") from None
    finally:
        if folder is not None:
            sys.path.remove(str(folder))


def _hash(source: Path) -> str:
    """Of a module's file, or of all Python files of a package with their names."""
    if source.is_file():
        return sha256(source.read_bytes()).hexdigest()
    digest = sha256()
    for file in sorted(source.rglob("*.py")):
        digest.update(f"{file.relative_to(source)}\0".encode() + sha256(file.read_bytes()).digest())
    return digest.hexdigest()

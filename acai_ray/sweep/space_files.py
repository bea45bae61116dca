"""Where the files of search spaces are: the built-in ones by their names, others by their paths."""

from importlib.resources import files
from pathlib import Path

from acai_ray.common.errors import UserError


def find_space(name_or_path: str) -> Path:
    """The file of a built-in space (by name) or of a space of one's own (by path).

    Raises:
        UserError: there is none.
    """
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        if path.is_file():
            return path
        raise UserError(f"a search space is a name or a YAML file, but there is no file {name_or_path}")
    folder = spaces_folder()
    if (folder / f"{name_or_path}.yaml").is_file():
        return folder / f"{name_or_path}.yaml"
    known = ", ".join(sorted(file.stem for file in folder.glob("*.yaml")))
    raise UserError(f"there is no search space {name_or_path}; known are {known}, or give a YAML file")


def spaces_folder() -> Path:
    """Where the built-in spaces lie: inside the installed package, else beside it in a checkout."""
    package = Path(str(files("acai_ray")))
    installed = package / "search_spaces"
    return installed if installed.is_dir() else package.parent / "search_spaces"

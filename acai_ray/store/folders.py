"""Which folders are studies."""

import os
from pathlib import Path

from acai_ray.common.errors import UserError


def studies(path: Path) -> list[Path]:
    """The studies at `path`: itself, or its sub-folders that hold a `study.json` or at least a table.

    Raises:
        UserError: there is none.
    """
    path = Path(path)
    try:
        folders = [path] if _begun(path) else sorted(child for child in path.iterdir() if _begun(child))
    except FileNotFoundError:
        folders = []
    except OSError as error:
        raise UserError(
            f"a study is a folder with a study.json, but {path} cannot be read ({error.strerror}); "
            "give a study or the folder of studies"
        ) from None
    if not folders:
        raise UserError(f"a study is a folder with a study.json, but {path} has none; run acai_ray.tune first")
    return folders


def _begun(folder: Path) -> bool:
    return os.path.lexists(folder / "study.json") or any((folder / table).is_dir() for table in ("runs", "metrics"))


def refuse_gone(study_dir: Path) -> None:
    """Refuse to write into a study that was moved or deleted meanwhile: its folder would be made anew, torn in two.

    Raises:
        OSError: there is no `study.json` any more.
    """
    if not (study_dir / "study.json").is_file():
        raise OSError(
            f"a study must stay where it is while it is written, but {study_dir} is gone; move it back, or say where "
            "it is now with --results"
        )

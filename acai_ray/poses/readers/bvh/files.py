"""Finding the BVH files of a folder, and what their paths tell about them."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from acai_ray.poses.natural_order import natural
from acai_ray.poses.readers import people_of_files
from acai_ray.poses.readers.bvh.text import is_bvh

SUFFIX = ".bvh"
PLAIN_SUFFIXES = (".npz", ".npy", ".parquet")
"""Suffixes of other files that may hold poses."""
DEPTHS = ("*", "*/*", "*/*/*")
"""Files lie in the given folder or at most two folders further down."""
START = 4096
"""Bytes of a file in which its first word must lie."""


@dataclass(frozen=True)
class Take:
    """A BVH file, and what its path tells.

    Attributes:
        path: the file.
        origin: its path below the given folder, for messages.
        subject: who moves.
        sequence: its name without suffix; with its folders where a subject has two files of that name.
    """

    path: Path
    origin: str
    subject: str
    sequence: str

    @property
    def action(self) -> str:
        """What the name says besides the subject, without a number at its end: `walk` for `ann_walk_02`."""
        rest = people_of_files.without(PurePosixPath(self.sequence).name, self.subject).strip(" -_.")
        return rest.rstrip("0123456789").rstrip(" -_.") or rest or self.sequence


def is_file(path: Path) -> bool:
    """Whether the first word of a file says that it is a BVH file; false where the file cannot be read."""
    try:
        with path.open("rb") as file:
            return is_bvh(file.read(START))
    except (OSError, ValueError):  # a path with a null character is a ValueError
        return False


def files(path: Path, suffixes: Collection[str] = (SUFFIX,)) -> Iterator[Path]:
    """The files in a folder that have one of these suffixes, in any order; hidden ones are left out."""
    try:
        if not path.is_dir():
            return
        for file in chain.from_iterable(path.glob(pattern) for pattern in DEPTHS):
            parts = file.relative_to(path).parts
            if file.suffix.lower() in suffixes and not any(part.startswith((".", "__MACOSX")) for part in parts):
                yield file
    except (OSError, ValueError):
        return


def takes(path: Path, pattern: str | None, suffixes: Collection[str] = (SUFFIX,)) -> tuple[list[Take], str]:
    """The files at `path` in natural order, and a note on how `people_of_files.subjects_of_files` found their subjects.

    Raises:
        UserError: the pattern is not a regular expression with a group, or does not match the path of a file.
    """
    paths = (
        [path]
        if path.is_file()
        else sorted(files(path, suffixes), key=lambda file: natural(str(file.relative_to(path))))
    )
    below = [file.name if file == path else file.relative_to(path).as_posix() for file in paths]
    subjects, note = people_of_files.subjects_of_files(below, path, pattern)
    stems = [PurePosixPath(name).stem for name in below]
    uses = Counter(zip(subjects, stems, strict=True))
    return [
        Take(file, name, subject, stem if uses[subject, stem] == 1 else str(PurePosixPath(name).with_suffix("")))
        for file, name, subject, stem in zip(paths, below, subjects, stems, strict=True)
    ], note


def not_read(path: Path) -> str:
    """A note on files in a folder that may hold poses, but are not read; empty where there are none."""
    others = sorted(file.relative_to(path).as_posix() for file in files(path, PLAIN_SUFFIXES))
    if not others:
        return ""
    more = f" and {len(others) - 1} more are" if len(others) > 1 else " is"
    return f"{others[0]}{more} not read, as only the motion files of a folder are; give such a file alone"

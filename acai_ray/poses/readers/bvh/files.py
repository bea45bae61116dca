"""The BVH files of a folder."""

import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from acai_ray.poses.readers.bvh import people
from acai_ray.poses.readers.bvh.text import is_bvh

SUFFIX = ".bvh"
PLAIN_SUFFIXES = (".npz", ".npy", ".parquet")
"""Of other files that may hold poses."""
DEPTHS = ("*", "*/*", "*/*/*")
"""Files lie in the given folder or at most two folders further down."""
START = 4096
"""Bytes in which the first word of a file is sought."""


@dataclass(frozen=True)
class Take:
    """A BVH file, and what its path tells.

    Attributes:
        path: the file.
        origin: its path below the given folder, for messages.
        subject: who moves.
        sequence: its name without suffix; with its folders where a subject has two of that name.
    """

    path: Path
    origin: str
    subject: str
    sequence: str

    @property
    def action(self) -> str:
        """What the name says beside the subject, without a number at its end: `walk` of `ann_walk_02`."""
        rest = people.without(PurePosixPath(self.sequence).name, self.subject).strip(" -_.")
        return rest.rstrip("0123456789").rstrip(" -_.") or rest or self.sequence


def is_file(path: Path) -> bool:
    """Whether `path` is a BVH file, by its first word; unreadable files are none."""
    try:
        with path.open("rb") as file:
            return is_bvh(file.read(START))
    except (OSError, ValueError):  # a path with a null character is a ValueError
        return False


def files(path: Path, suffixes: Collection[str] = (SUFFIX,)) -> Iterator[Path]:
    """The files with such a suffix in a folder, in no order; hidden ones are left out."""
    try:
        if not path.is_dir():
            return
        for file in chain.from_iterable(path.glob(pattern) for pattern in DEPTHS):
            parts = file.relative_to(path).parts
            if file.suffix.lower() in suffixes and not any(part.startswith((".", "__MACOSX")) for part in parts):
                yield file
    except (OSError, ValueError):
        return


def takes(path: Path, pattern: str | None) -> tuple[list[Take], str]:
    """The files at `path` in natural order, with the subject of each, and a note on how `people.of_files` found them.

    Raises:
        UserError: the pattern is none, or does not fit a file.
    """
    found = [path] if path.is_file() else sorted(files(path), key=lambda file: natural(str(file.relative_to(path))))
    below = [file.name if file == path else file.relative_to(path).as_posix() for file in found]
    subjects, note = people.of_files(below, path, pattern)
    stems = [PurePosixPath(name).stem for name in below]
    uses = Counter(zip(subjects, stems, strict=True))
    return [
        Take(file, name, subject, stem if uses[subject, stem] == 1 else str(PurePosixPath(name).with_suffix("")))
        for file, name, subject, stem in zip(found, below, subjects, stems, strict=True)
    ], note


def not_read(path: Path) -> str:
    """A note on files of a folder that may hold poses and are not read; empty where there are none."""
    others = sorted(file.relative_to(path).as_posix() for file in files(path, PLAIN_SUFFIXES))
    if not others:
        return ""
    more = f" and {len(others) - 1} more are" if len(others) > 1 else " is"
    return f"{others[0]}{more} not read, as only the BVH files of a folder are; give such a file alone"


def natural(name: str) -> list[str | int]:
    """A key that sorts `take 2` before `take 10`."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"([0-9]+)", name))]

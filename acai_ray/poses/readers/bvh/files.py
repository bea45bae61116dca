"""The BVH files of a folder, and whose they are."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath

from acai_ray.errors import UserError
from acai_ray.poses.readers.bvh.text import is_bvh

SUFFIX = ".bvh"
DEPTHS = ("*", "*/*", "*/*/*")
"""Files lie in the given folder or at most two folders further down."""
START = 4096
"""Bytes in which the first word of a file is sought."""
CMU_NAME = re.compile(r"(\d{1,3})_\d{1,3}")
"""Subject and motion, as in `07_01.bvh`."""


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
        rest = PurePosixPath(self.sequence).name.removeprefix(self.subject).strip(" -_.")
        return rest.rstrip("0123456789").rstrip(" -_.") or rest or self.sequence


def is_file(path: Path) -> bool:
    """Whether `path` is a BVH file, by its first word; unreadable files are none."""
    try:
        with path.open("rb") as file:
            return is_bvh(file.read(START))
    except (OSError, ValueError):  # a path with a null character is a ValueError
        return False


def files(path: Path) -> Iterator[Path]:
    """The files with the suffix `.bvh` in a folder, in no order; hidden ones are left out."""
    try:
        if not path.is_dir():
            return
        for file in chain.from_iterable(path.glob(pattern) for pattern in DEPTHS):
            parts = file.relative_to(path).parts
            if file.suffix.lower() == SUFFIX and not any(part.startswith((".", "__MACOSX")) for part in parts):
                yield file
    except (OSError, ValueError):
        return


def takes(path: Path, pattern: str | None) -> list[Take]:
    """The files at `path` in natural order, with the subject of each.

    The subject is, in this order: what the first group of `pattern` matches in the path below the given folder; `07`
    where all files are named as CMU's, `07_01.bvh`; where files lie in folders, the outermost folder in which they
    differ; the name up to the first `_`, where that is fewer than one for each file; the name.

    Raises:
        UserError: the pattern is none, or does not fit a file.
    """
    found = [path] if path.is_file() else sorted(files(path), key=lambda file: natural(str(file.relative_to(path))))
    below = [file.name if file == path else file.relative_to(path).as_posix() for file in found]
    subjects = _subjects(below) if pattern is None else [_matched(pattern, name) for name in below]
    stems = [PurePosixPath(name).stem for name in below]
    uses = Counter(zip(subjects, stems, strict=True))
    return [
        Take(file, name, subject, stem if uses[subject, stem] == 1 else str(PurePosixPath(name).with_suffix("")))
        for file, name, subject, stem in zip(found, below, subjects, stems, strict=True)
    ]


def natural(name: str) -> list[str | int]:
    """A key that sorts `take 2` before `take 10`."""
    return [int(part) if place % 2 else part for place, part in enumerate(re.split(r"([0-9]+)", name))]


def _subjects(below: Sequence[str]) -> list[str]:
    stems = [PurePosixPath(name).stem for name in below]
    cmu = [CMU_NAME.fullmatch(stem) for stem in stems]
    if all(cmu):
        return [match[1] for match in cmu if match]
    folders = [PurePosixPath(name).parent.parts for name in below]
    depth = next((depth for depth in range(2) if len({parts[depth : depth + 1] for parts in folders}) > 1), None)
    if depth is not None:
        return [parts[depth] if len(parts) > depth else stem for parts, stem in zip(folders, stems, strict=True)]
    starts = [stem.partition("_")[0] for stem in stems]
    return starts if len(set(starts)) < len(starts) else stems


def _matched(pattern: str, name: str) -> str:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UserError(f"subject_pattern must be a regular expression, but {pattern!r} is none ({error})") from None
    if compiled.groups == 0:
        raise UserError(f"subject_pattern must have a group for the subject, but {pattern!r} has none; add (…)")
    match = compiled.search(name)
    if match is None or not match[1]:
        raise UserError(f"{name}: subject_pattern must match every file's path, but {pattern!r} does not; widen it")
    return match[1]

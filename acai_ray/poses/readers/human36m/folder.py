"""Human3.6M as one folder for each subject: finding its files without looking through all other files around them."""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path

from acai_ray.common.errors import UserError
from acai_ray.poses.natural_order import natural
from acai_ray.poses.readers.human36m.conventions import BROKEN, BROKEN_NOTE
from acai_ray.poses.recording import Progress, Recording, Source

SUBJECT = re.compile(r"[sS]_?0*([1-9][0-9]*)")
"""What folders of subjects are called: `S1`, `s_01`."""
MOST_FOLDERS = 100
"""Folders that are looked into, in the order of their names, where the given folder itself holds no subject."""


@dataclass(frozen=True)
class Layout:
    """Where a form keeps its files.

    Attributes:
        below: path of the files below a subject's folder; one part of it is a pattern whose match names the sequence.
        magic: the bytes with which such a file may begin.
    """

    below: str
    magic: tuple[bytes, ...]


@dataclass(frozen=True)
class SequenceFile:
    """A file that holds one sequence.

    Attributes:
        path: the file.
        subject: such as `S1`.
        sequence: such as `Directions 1`.
        origin: its path below the given folder, for messages.
    """

    path: Path
    subject: str
    sequence: str
    origin: str


def recognise(path: Path, layout: Layout) -> bool:
    """Whether `path` is a file of this layout, or a folder with such files in the folders of subjects.

    The name and the first bytes decide; of each subject only one file is opened.
    """
    if fnmatchcase(path.name, layout.below.rpartition("/")[2]) and _begins(path, layout):
        return True
    return any(_holds(root, layout) for root in _roots(path))


def read(path: Path, layout: Layout, progress: Progress, recording: Callable[[SequenceFile], Recording]) -> Source:
    """The recordings of all files, in the natural order of their names; the one known to be broken is left out.

    Args:
        path: a file, the folder that holds the folders of subjects, or the folder around that.
        layout: where the files are.
        progress: called after each file.
        recording: reads one file.

    Raises:
        UserError: a folder cannot be read, several folders could be meant, or the subject of a single file is unknown.
    """
    files = [_single(path, layout)] if path.is_file() else _files(path, layout)
    chosen = [file for file in files if (file.subject, file.sequence) not in BROKEN]
    if not chosen:
        raise UserError(f"{path.name}: a data set must hold a sequence in use, but {BROKEN_NOTE}; give the whole set")
    recordings = []
    for done, file in enumerate(chosen, start=1):
        recordings.append(recording(file))
        progress(done, len(chosen))
    return Source(recordings, notes=(BROKEN_NOTE,) if len(chosen) < len(files) else ())


def _files(path: Path, layout: Layout) -> list[SequenceFile]:
    roots = [root for root in _roots(path) if _holds(root, layout)]
    if len(roots) != 1:
        raise UserError(
            f"{path.name}: there must be one folder with subjects, but there are {len(roots)} "
            f"({', '.join(root.name for root in roots)}); give the one that is meant"
        )
    try:
        return [
            SequenceFile(file, subject, _sequence(file, layout), file.relative_to(path).as_posix())
            for subject, folder in _subjects(roots[0])
            for file in _below(folder, layout)
        ]
    except OSError as error:
        raise UserError(
            f"{path.name}: its folders must be readable, but {error.filename} is not ({error.strerror}); "
            "correct its permissions"
        ) from None


def _single(path: Path, layout: Layout) -> SequenceFile:
    named = (subject_of(part) for part in reversed(path.absolute().parts[:-1]))
    subject = next((name for name in named if name), None)
    if subject is None:
        raise UserError(
            f"{path.name}: a single file must be one of Human3.6M's, as S1/{layout.below}, but no folder around it is "
            f"called S1, S5 or the like; put it at S1/{layout.below.replace('*', _sequence(path, layout))} if it is "
            "one, or else save its array of poses with numpy.savez(path, poses=…)"
        )
    return SequenceFile(path, subject, _sequence(path, layout), path.name)


def subject_of(folder: str) -> str | None:
    """`S1` for `S1`, `s1` and `S_01`; None for other names."""
    match = SUBJECT.fullmatch(folder)
    return f"S{match[1]}" if match else None


def _sequence(file: Path, layout: Layout) -> str:
    return file.parent.name if "*/" in layout.below else file.stem


def _roots(path: Path) -> Iterator[Path]:
    """The folder itself where it holds folders of subjects, or else those folders in it that do."""
    try:
        inner = [folder for folder in _folders(path) if not subject_of(folder.name)]
        if _subjects(path):
            yield path
            return
    except (OSError, ValueError):
        return
    for folder in islice(inner, MOST_FOLDERS):
        try:
            subjects = _subjects(folder)
        except OSError:
            continue
        if subjects:
            yield folder


def _holds(root: Path, layout: Layout) -> bool:
    for _, folder in _subjects(root):
        try:
            files = _below(folder, layout)
        except OSError:
            continue
        if files and _begins(files[0], layout):
            return True
    return False


def _subjects(root: Path) -> list[tuple[str, Path]]:
    named = ((subject_of(folder.name), folder) for folder in _folders(root))
    return [(subject, folder) for subject, folder in named if subject]


def _below(folder: Path, layout: Layout) -> list[Path]:
    """The files of one subject in natural order.

    Raises:
        OSError: a folder cannot be read.
    """
    before, after = layout.below.split("*", maxsplit=1)
    pattern, _, name = f"*{after}".partition("/")
    around = folder / before
    if not around.is_dir():
        return []
    matches = [around / entry / name for entry in _names(around) if fnmatchcase(entry, pattern)]
    return [file for file in matches if file.is_file()]


def _folders(path: Path) -> list[Path]:
    return [path / name for name in _names(path, folders=True)]


def _names(path: Path, *, folders: bool = False) -> list[str]:
    with os.scandir(path) as entries:
        seen = [entry.name for entry in entries if not folders or _is_folder(entry)]
    return sorted((name for name in seen if not name.startswith(".")), key=natural)


def _begins(path: Path, layout: Layout) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(max(map(len, layout.magic))).startswith(layout.magic)
    except (OSError, ValueError):  # a path with a null character is a ValueError
        return False


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False

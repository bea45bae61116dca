"""A folder of plain array files, each of one sequence, as most people keep poses."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path, PurePosixPath

from acai_ray.common.errors import UserError
from acai_ray.poses import joint_sets
from acai_ray.poses.natural_order import natural
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers import people_of_files, plain
from acai_ray.poses.readers.bvh.files import PLAIN_SUFFIXES, files
from acai_ray.poses.readers.each_file import each_file
from acai_ray.poses.recording import Progress, Recording, Source

FORM = "a folder of .npy, .npz or .parquet files, one a sequence"
LOOKED_AT = 20
"""Files of a folder that are looked at to recognise it, in any order."""


def recognise(path: Path) -> bool:
    """Whether all of the first files with a known suffix in a folder, or up to two folders further down, hold poses."""
    looked_at = list(islice(_files(path), LOOKED_AT))
    try:
        return bool(looked_at) and all(plain.recognise(file) for file in looked_at)
    except UserError:  # a damaged archive
        return False


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:
    """One recording for each file, in natural order; `people_of_files` finds out whose it is where it does not say.

    Raises:
        UserError: a file holds no poses or is damaged, or `subject_pattern` does not match a path.
    """
    paths = sorted(_files(path), key=lambda file: natural(str(file.relative_to(path))))
    below = [file.relative_to(path).as_posix() for file in paths]
    subjects, note = people_of_files.subjects_of_files(below, path, options.subject_pattern)
    joints = joint_sets.chosen(options.joints)

    def recording(file: tuple[Path, str, str]) -> Recording:
        path, name, subject = file
        if not plain.recognise(path):
            raise UserError(f"{name}: it must be {plain.FORM}, but is not or is damaged; copy it again or take it out")
        return plain.sequence(path, name, subject, str(PurePosixPath(name).with_suffix("")), joints)

    recordings = each_file([*zip(paths, below, subjects, strict=True)], recording, progress)
    own = set(subjects) & {who for part in recordings for who in part.index["subject"].cat.categories}
    notes = [note] if note and own else []
    return Source(recordings, notes=[*notes, joints.note] if joints else notes)


def _files(path: Path) -> Iterator[Path]:
    return files(path, PLAIN_SUFFIXES)

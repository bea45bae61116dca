"""A folder that brings its own split: one plain array file each for train, valid and test."""

import re
from pathlib import Path

from acai_ray.common.errors import UserError
from acai_ray.poses import joint_sets
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers import plain
from acai_ray.poses.recording import Progress, Source
from acai_ray.poses.splits import SPLITS, Split

FORM = "a folder with train.npz, valid.npz and test.npz (or .npy, .parquet)"
SUFFIXES = (".npz", ".npy", ".parquet")
ACKNOWLEDGMENT = re.compile(r'acknowledgment:\s+"([^"]+)"', re.IGNORECASE)


def recognise(path: Path) -> bool:
    """Whether `path` is a folder with at least one of the files."""
    return any(_file(path, split) is not None for split in SPLITS)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:
    """One recording for each part; where a file names no subject, the part's name is the subject.

    The acknowledgment is the sentence in quotation marks that follows `acknowledgment:` in the folder's README.md.
    """
    joints, recordings = joint_sets.chosen(options.joints), []
    for done, split in enumerate(SPLITS):
        progress(done, len(SPLITS))
        file = _file(path, split)
        if file is None:
            raise UserError(f"{path.name}: the folder must hold train, valid and test, but there is no {split}; add it")
        if not plain.recognise(file):
            raise UserError(
                f"{path.name}/{file.name}: it must be {plain.FORM}, but is not or is damaged; copy it again"
            )
        recordings.append(plain.recording(file, split, joints))
    notes = [joints.note] if joints else []
    return Source(recordings, acknowledgment=_acknowledgment(path / "README.md"), notes=notes)


def _file(folder: Path, split: Split) -> Path | None:
    return next((file for suffix in SUFFIXES if (file := folder / f"{split}{suffix}").is_file()), None)


def _acknowledgment(readme: Path) -> str:
    if not readme.is_file():
        return ""
    quoted = ACKNOWLEDGMENT.search(readme.read_text(encoding="utf-8", errors="replace"))
    return " ".join(quoted[1].split()) if quoted else ""

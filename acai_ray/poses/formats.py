"""The formats that are read; a new one is a module and a place in this tuple."""

from pathlib import Path
from typing import Protocol

from acai_ray.errors import UserError
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers import (
    bvh,
    h36m_fetch,
    martinez,
    motionbert,
    official_cdf,
    plain,
    report_pickles,
    split_folder,
    synthetic,
    triangulation_labels,
    videopose,
)
from acai_ray.poses.recording import Progress, Source
from acai_ray.poses.untrusted import pickles


class Reader(Protocol):
    """What a format's module offers."""

    FORM: str
    """What it reads, in a few words, for messages."""

    def recognise(self, path: Path) -> bool:
        """Whether the content at `path` has this form; false for any other."""
        ...

    def read(self, path: Path, options: LoadOptions, progress: Progress) -> Source:
        """The recordings; raises UserError where the content is damaged."""
        ...


READERS: tuple[Reader, ...] = (
    synthetic,
    split_folder,
    videopose,
    official_cdf,
    h36m_fetch,
    martinez,
    bvh,
    motionbert,
    report_pickles,
    triangulation_labels,
    plain,
)


def find(path: Path) -> Reader:
    """The reader whose form the content has.

    Raises:
        UserError: there is nothing at `path`, or no reader knows it.
    """
    reader = next((reader for reader in READERS if reader.recognise(path)), None)
    if reader is not None:
        return reader
    if not path.exists():
        raise UserError(f"data must be `{synthetic.NAME}` or an existing file or folder, but there is no {str(path)!r}")
    if pickles.is_pickle(path):
        pickles.refuse(path, report_pickles.FORM, motionbert.FORM)
    forms = "; ".join(reader.FORM for reader in READERS)
    raise UserError(f"{path.name}: data must be one of [{forms}], but its content is none of these or is damaged")

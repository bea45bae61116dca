"""All formats that can be read; to add one, write its module and name it in `READERS`."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Protocol

from acai_ray.common.errors import UserError
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.other_forms import remedy_for_kind
from acai_ray.poses.readers import asf_amc, bvh, plain, sequence_folder, split_folder, synthetic
from acai_ray.poses.readers.human36m import (
    h36m_fetch,
    martinez,
    motionbert,
    official_cdf,
    report_pickles,
    triangulation_labels,
    videopose,
)
from acai_ray.poses.recording import Progress, Source
from acai_ray.poses.untrusted import npz, pickles

LOOKED_AT = 100
"""Files of an unknown folder that are tried, in the order of their names, to suggest one that can be read."""


class Reader(Protocol):
    """What the module of a format offers."""

    FORM: str
    """What it reads in a few words, for messages."""

    def recognise(self, path: Path) -> bool:
        """Whether the content at `path` has this form; false for content of any other form."""
        ...

    def read(self, path: Path, options: LoadOptions, progress: Progress) -> Source:
        """The recordings as they are stored; raises UserError where the content is damaged."""
        ...


READERS: tuple[Reader, ...] = (
    synthetic,
    split_folder,
    videopose,
    official_cdf,
    h36m_fetch,
    martinez,
    bvh,
    asf_amc,
    motionbert,
    report_pickles,
    triangulation_labels,
    plain,
    sequence_folder,
)


def find(path: Path) -> Reader:
    """The reader of the content at `path`.

    Raises:
        UserError: there is nothing at `path`, or no reader recognises it.
    """
    reader = next((reader for reader in READERS if reader.recognise(path)), None)
    if reader is not None:
        return reader
    if not path.exists():
        raise UserError(
            f"data must be `{synthetic.NAME}` or an existing file or folder, but there is no {str(path)!r}; "
            "correct the path"
        )
    if pickles.is_pickle(path):
        pickles.refuse(path, report_pickles.FORM, motionbert.FORM)
    forms = "; ".join(reader.FORM for reader in READERS)
    raise UserError(
        f"{path.name or path.resolve().name}: data must be one of [{forms}], but its content is none of these or is "
        f"damaged; {_hint(path)}"
    )


def _hint(path: Path) -> str:
    """What may help with content that no reader recognises."""
    if path.is_dir():
        inside = next((file.name for file in islice(_files(path), LOOKED_AT) if _is_recognised(file)), None)
        return f"give a file in it, such as {inside}" if inside else "give the folder that holds the files"
    if arrays := sorted(npz.members(path)):
        return f"call the array of poses `poses`; there are {', '.join(arrays[:5])}"
    if path.suffix.lower() in (".gz", ".zip", ".bz2", ".xz", ".tar", ".7z"):
        return "unpack it"
    return remedy_for_kind(path.suffix)


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:
        return iter(())
    return (entry for entry in entries if entry.is_file())


def _is_recognised(path: Path) -> bool:
    try:
        return any(reader.recognise(path) for reader in READERS)
    except UserError:  # a reader knows the form, but the file is damaged
        return True

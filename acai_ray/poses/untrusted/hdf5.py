"""Reading arrays of an HDF5 file without trusting it: only data of the file itself, and no more than expected."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.untrusted import binary_files

MAGIC = b"\x89HDF\r\n\x1a\n"

Shape: TypeAlias = tuple[int | None, ...]
"""None where any number of frames will do."""


@dataclass(frozen=True)
class Most:
    """The largest data set that is read, so that a forged file cannot make the library fill the memory.

    Attributes:
        frames: the length of a data set along any axis.
        numbers: how many numbers a data set, or one chunk of it, may hold.
    """

    frames: int
    numbers: int


def read_arrays(path: Path, origin: str, wanted: Mapping[str, Shape], most: Most) -> dict[str, NDArray[Any]]:
    """The wanted data sets, by their paths inside the file.

    Args:
        path: the file.
        origin: what it is called in messages.
        wanted: the shapes that the data sets must have.
        most: the largest data set that is read.

    Raises:
        UserError: the library is missing, the file is damaged, or a data set is missing or another than expected.
    """
    h5py = binary_files.library("h5py", "HDF5", origin)
    with binary_files.whole(origin), h5py.File(path, "r", locking=False) as file:
        datasets = {name: _dataset(h5py, file, name, origin) for name in wanted}
        for name, dataset in datasets.items():
            _check_shape(dataset, name, wanted[name], most, origin)
            _check_stored(dataset)
        return {name: np.asarray(dataset[()]) for name, dataset in datasets.items()}


def _dataset(h5py: Any, file: Any, name: str, origin: str) -> Any:
    """The data set at a path in the file, if it holds numbers and lies in this very file."""
    node = file
    for part in name.split("/"):
        node = _member(h5py, node, part, name, origin)
    if not isinstance(node, h5py.Dataset):
        raise UserError(f"{origin}: `{name}` must be a data set, but is a {type(node).__name__}; export it again")
    if node.is_virtual or node.external:
        raise UserError(f"{origin}: `{name}` must lie in the file itself, but lies in another; copy its data into it")
    if node.dtype.kind not in "fiu" or node.dtype.itemsize > 8:
        raise UserError(f"{origin}: `{name}` must hold numbers, but holds {node.dtype}; export it again")
    return node


def _member(h5py: Any, group: Any, part: str, name: str, origin: str) -> Any:
    """What a group holds under a name; links are not followed, for they may lead into other files."""
    links = group.id.links if isinstance(group, h5py.Group) else None
    if links is None or not links.exists(part.encode()):
        raise UserError(f"{origin}: the file must hold a data set `{name}`, but there is none; export it again")
    if links.get_info(part.encode()).type != h5py.h5l.TYPE_HARD:
        raise UserError(f"{origin}: `{name}` must lie in the file itself, but is a link; copy its data into the file")
    return group[part]


def _check_shape(dataset: Any, name: str, wanted: Shape, most: Most, origin: str) -> None:
    shape = dataset.shape or ()
    if len(shape) != len(wanted) or any(want not in (None, size) for want, size in zip(wanted, shape, strict=True)):
        asked = ", ".join("frames" if want is None else str(want) for want in wanted)
        raise UserError(f"{origin}: `{name}` must have the shape ({asked}), but has {shape}; export it again")
    if max(math.prod(shape), math.prod(dataset.chunks or ())) > most.numbers or max(shape) > most.frames:
        raise UserError(
            f"{origin}: `{name}` must hold at most {most.frames:,} frames, but claims the shape {shape} in chunks of "
            f"{dataset.chunks}; it is damaged, copy it again"
        )


def _check_stored(dataset: Any) -> None:
    """Refuse what was never written and would be read as zeros."""
    if dataset.chunks is None:
        stored, claimed = int(dataset.id.get_storage_size()), int(dataset.nbytes)
    else:
        stored = int(dataset.id.get_num_chunks())
        claimed = math.prod(-(-size // chunk) for size, chunk in zip(dataset.shape, dataset.chunks, strict=True))
    if stored < claimed:
        raise ValueError(f"`{dataset.name}`, of which {stored} of {claimed} parts are stored")

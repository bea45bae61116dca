"""Reading `.npy` and `.npz` files without trusting them."""

import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.untrusted import binary_files, restricted_pickle

ZIP_MAGIC, NPY_MAGIC = b"PK", b"\x93NUMPY"


def starts_with(path: Path, magic: bytes) -> bool:
    """Whether `path` is a file that begins with these bytes.

    Raises:
        UserError: it cannot be read.
    """
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(len(magic)) == magic
    except OSError as error:
        raise UserError(f"{path.name}: a data file must be readable, but is not ({error.strerror})") from None


def members(path: Path) -> frozenset[str]:
    """The names of the arrays in an `.npz`; empty for another kind of file.

    Raises:
        UserError: the archive is damaged.
    """
    if not starts_with(path, ZIP_MAGIC):
        return frozenset()
    with binary_files.whole(path.name), zipfile.ZipFile(path) as archive:
        return frozenset(name.removesuffix(".npy") for name in archive.namelist())


def holds_an_object(path: Path) -> bool:
    """Whether `path` is an `.npy` file of one object, such as a dict."""
    if not starts_with(path, NPY_MAGIC):
        return False
    try:
        with path.open("rb") as file:
            shape, dtype = _header(file)
    except Exception:  # a damaged file can raise anything
        return False
    return shape == () and dtype.hasobject


def read_npy(path: Path, *, objects: bool = False) -> NDArray[Any]:
    """The array of an `.npy` file.

    Args:
        path: the file.
        objects: whether it may hold objects, which go through the restricted unpickler.

    Raises:
        UserError: it is damaged, holds objects although it may not, or pickles more than arrays and containers.
    """
    with binary_files.whole(path.name), path.open("rb") as file:
        if objects and _header(file)[1].hasobject:
            return restricted_pickle.load_array(file.read(), path.name)
        file.seek(0)
        return _plain(file, path.name)


def read_npz(path: Path, wanted: Collection[str]) -> dict[str, NDArray[Any]]:
    """Those of the wanted arrays that an `.npz` file holds; arrays of objects go through the restricted unpickler.

    Raises:
        UserError: it is damaged, or pickles more than arrays and containers.
    """
    with binary_files.whole(path.name), zipfile.ZipFile(path) as archive:
        files = {name: f"{name}.npy" for name in wanted if f"{name}.npy" in archive.namelist()}
        return {name: _member(archive, file, f"{path.name}, array {name}") for name, file in files.items()}


def _member(archive: zipfile.ZipFile, name: str, origin: str) -> NDArray[Any]:
    with archive.open(name) as file:
        if _header(file)[1].hasobject:
            return restricted_pickle.load_array(file.read(), origin)
        file.seek(0)
        array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
        return array


def _plain(file: IO[bytes], origin: str) -> NDArray[Any]:
    if _header(file)[1].hasobject:
        raise UserError(f"{origin}: an .npy file must hold numbers, but holds objects; save a float32 array")
    file.seek(0)
    array: NDArray[Any] = npy.read_array(file, allow_pickle=False)
    return array


def _header(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _fortran, dtype = read(file)
    return shape, dtype

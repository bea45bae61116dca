"""The text of a BVH file, in any encoding: a tree of joints and the numbers of each frame."""

import codecs
import math
import re
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.readers.bvh.tree import LARGEST, tree

Array = NDArray[np.float64]

MOTION = re.compile(r"^\s*MOTION\b", re.MULTILINE | re.IGNORECASE)
HEADER = re.compile(r"\s*MOTION\s+Frames\s*:\s*(\S+)\s+Frame\s+Time\s*:\s*(\S+)", re.IGNORECASE)
EXACT_RATE = 1e-4
"""A rate this near to a whole number is taken as that number, because frame times are written with few digits."""


@dataclass(frozen=True, eq=False)
class Clip:
    """One BVH file.

    Attributes:
        names: the names of its N nodes, parents first; an end site has an empty name.
        parents: the place of each node's parent; -1 for the root.
        offsets: `(N, 3)` each node in its parent's frame at rest, in the file's unit.
        channels: the channels of each node, such as `zrotation`, in the order in which they apply.
        motion: `(F, C)` numbers of each frame, channels of all nodes one after another; rotations in degrees.
        fps: frames per second.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets: Array
    channels: tuple[tuple[str, ...], ...]
    motion: Array
    fps: float

    def column(self, node: int) -> int:
        """Where a node's channels begin in `motion`."""
        return sum(len(channels) for channels in self.channels[:node])


def is_bvh(start: bytes) -> bool:
    """Whether a file that begins like this is a BVH file."""
    return _decode(start).split(maxsplit=1)[:1] == ["HIERARCHY"]


def parse(content: bytes, origin: str) -> Clip:
    """The clip that a file's content describes.

    Args:
        content: the whole file.
        origin: the file, for messages.

    Raises:
        UserError: the content breaks a rule of the format.
    """
    text = _decode(content)
    motion = MOTION.search(text)
    if motion is None:
        raise UserError(f"{origin}: a BVH file must have a MOTION block, but has none; copy it again")
    try:
        nodes = tree(text[: motion.start()])
    except ValueError as error:
        raise UserError(
            f"{origin}: the HIERARCHY of a BVH file must be well formed, but {error}; export it again"
        ) from None
    channels = tuple(node.channels for node in nodes)
    numbers, fps = _motion(text[motion.start() :], sum(map(len, channels)), origin)
    names, parents = tuple(node.name for node in nodes), tuple(node.parent for node in nodes)
    return Clip(names, parents, np.array([node.offset for node in nodes]), channels, numbers, fps)


def _decode(content: bytes) -> str:
    """The text of a file in UTF-8, in UTF-16 with a byte order mark, or else in Latin-1; lines end in a line feed."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("latin-1").removeprefix("\u00ef\u00bb\u00bf")
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\x00\x1a \n\t")


def _motion(text: str, width: int, origin: str) -> tuple[Array, float]:
    header = HEADER.match(text)
    if header is None:
        raise UserError(f"{origin}: MOTION must begin with `Frames:` and `Frame Time:`, but does not; export it again")
    frames, fps = _frames(header[1], origin), _rate(header[2], origin)
    numbers = _numbers(text[header.end() :], origin)
    if width and len(numbers) and len(numbers) % width == 0 and len(numbers) != frames * width:
        raise UserError(
            f"{origin}: MOTION must hold the {frames} frames it claims, but holds {len(numbers) // width}; write "
            f"`Frames: {len(numbers) // width}` if the file is whole, or copy it again"
        )
    if width == 0 or len(numbers) != frames * width:
        raise UserError(
            f"{origin}: MOTION must hold the {frames} frames it claims with {width} numbers each, but holds "
            f"{len(numbers)} numbers; copy or export it again"
        )
    motion = numbers.reshape(frames, width)
    if not (np.abs(motion) < LARGEST).all():
        row, column = np.argwhere(~(np.abs(motion) < LARGEST))[0]
        raise UserError(
            f"{origin}: the numbers of MOTION must be finite and below {LARGEST:g}, but number {column} of frame {row} "
            f"is {motion[row, column]:g}; cut such frames out"
        )
    return motion, fps


def _frames(word: str, origin: str) -> int:
    if not (word.isascii() and word.isdecimal() and len(word) < 16 and int(word) > 0):
        raise UserError(
            f"{origin}: `Frames:` must be a whole number above 0, but is {word[:40]!r}; leave the file out or mend it"
        )
    return int(word)


def _rate(word: str, origin: str) -> float:
    try:
        seconds = float(word)
    except ValueError:
        seconds = math.nan
    if not 1e-4 <= seconds <= 10:
        raise UserError(
            f"{origin}: `Frame Time:` must be seconds between 0.0001 and 10, but is {word[:40]!r}; correct it"
        )
    whole = round(1 / seconds)
    return float(whole) if abs(whole * seconds - 1) < EXACT_RATE else 1 / seconds


def _numbers(text: str, origin: str) -> Array:
    if not text.strip():
        return np.empty(0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            return np.fromstring(text, sep=" ")
        except (DeprecationWarning, ValueError):
            wrong = next((word for word in text.split() if not _is_number(word)), "")
            raise UserError(
                f"{origin}: MOTION must hold numbers, but holds {wrong[:40]!r}; copy or export it again"
            ) from None


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return "_" not in word

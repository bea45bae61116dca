"""PNG and PDF compared by what they show: other libraries compress otherwise, and pixels fall otherwise at an edge."""

import io
import re
import zlib
from itertools import zip_longest
from typing import Final

import numpy as np
import numpy.typing as npt

from acai_ray.analysis.check import texts
from acai_ray.analysis.check.rounding import drawn

SHIFT: Final = 2
"""A line may lie so many pixels beside its place, 0.7 points: it is drawn on whole pixels, on one side or the other."""

SHADE: Final = 8
"""So many of 255 levels a colour may differ."""

_STREAM: Final = re.compile(rb"\bstream\r?\n")


def between_png(written: bytes, made: bytes) -> str:
    """What is wrong with a PNG file; empty where it shows the picture that the tables give.

    Every pixel must be like one near it in the other picture, in both directions, so nothing is added or missing.
    """
    if written == made:
        return ""
    if written[:29] != made[:29]:  # its kind, width, height and colours, known before anything is unpacked
        return "another picture, of another size or kind"
    try:
        picture = _pixels(written)
    except (OSError, SyntaxError, ValueError):
        return "damaged"
    true = _pixels(made)
    return "" if _within(picture, true) and _within(true, picture) else "another picture"


def between_pdf(written: bytes, made: bytes) -> str:
    """What is wrong with a PDF file; empty where it draws the same. Its fonts are not compared."""
    if written == made:
        return ""
    true = _drawings(made)
    try:
        drawings = _drawings(written, most=4 * max(map(len, true)))
    except zlib.error:
        return "damaged"
    pairs = zip_longest(drawings, true, fillvalue="")
    same = all(texts.difference(one, other, drawn) is None for one, other in pairs)
    return "" if same else "another picture"


def _pixels(content: bytes) -> npt.NDArray[np.int16]:
    """`(height, width, channels)`."""
    from matplotlib.image import imread

    shades = np.asarray(imread(io.BytesIO(content), format="png"), dtype=np.float64)
    return np.rint(255 * shades).astype(np.int16)


def _within(picture: npt.NDArray[np.int16], other: npt.NDArray[np.int16]) -> bool:
    """Whether each pixel lies, in every channel, within the range of those near it in the other picture."""
    from scipy.ndimage import maximum_filter, minimum_filter

    near = (2 * SHIFT + 1, 2 * SHIFT + 1, 1)
    low, high = minimum_filter(other, size=near) - SHADE, maximum_filter(other, size=near) + SHADE
    return bool(((low <= picture) & (picture <= high)).all())


def _drawings(content: bytes, most: int = 0) -> list[str]:
    """What a PDF file of Matplotlib's draws, as text: its compressed streams but for the fonts' outlines.

    Args:
        content: of the file.
        most: bytes a stream may have; 0 is no limit.
    """
    places = [match.span() for match in _STREAM.finditer(content)]
    drawing = [end for start, end in places if b"/Length1" not in content[content.rfind(b" obj", 0, start) : start]]
    streams = [zlib.decompressobj().decompress(content[end:], most) for end in drawing]
    return [b" ".join(stream.split()).decode("latin-1") for stream in streams]  # its lines break as numbers are long

"""Whether a report says what its study's tables say: it is made again in memory and compared file by file."""

import io
import math
import re
from collections.abc import Iterator, Mapping

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.report import contents, page_of

CLOSE = 1e-4
"""Numbers agree within this share of each other, since other processors and libraries round otherwise in the last
digits; a printed number of up to four digits must be the same."""

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
_PIXELS = re.compile(r"data:image/png;base64,[\w+/=]+")


def disagreements(analysis: Analysis) -> list[str]:
    """Where a study's written report differs from the one that its tables give now; see `differences`."""
    folder = page_of(analysis.results.path).parent
    written = {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }
    return list(differences(written, contents(analysis)))


def differences(written: Mapping[str, bytes], made: Mapping[str, bytes]) -> Iterator[str]:
    """Where two reports, the files' contents by name, differ; one sentence a file.

    Text, tables and SVG are compared by what they say. A PNG or PDF file is compared where the SVG file of the same
    figure is the same byte for byte: other versions of the libraries write other bytes for the same picture.
    """
    for name, content in made.items():
        if name not in written:
            yield f"{name} is missing"
        elif written[name] != content and (difference := _difference(name, written, made)):
            yield f"{name}: {difference}"
    for name in sorted(written.keys() - made.keys()):
        yield f"{name} is not made from these tables"


def _difference(name: str, written: Mapping[str, bytes], made: Mapping[str, bytes]) -> str:
    stem, _, kind = name.rpartition(".")
    if kind == "parquet":
        return _between_tables(written[name], made[name])
    if kind in ("png", "pdf"):
        drawing = f"{stem}.svg"
        return "another picture" if written.get(drawing) == made[drawing] else ""
    return _between_texts(written[name].decode(errors="replace"), made[name].decode())


def _between_tables(written: bytes, made: bytes) -> str:
    try:
        found = pd.read_parquet(io.BytesIO(written))
        pd.testing.assert_frame_equal(found, pd.read_parquet(io.BytesIO(made)), rtol=CLOSE, atol=0)
    except (ValueError, OSError):
        return "damaged"
    except AssertionError as error:
        return " ".join(str(error).split())
    return ""


def _between_texts(written: str, made: str) -> str:
    """The first place where two texts differ by more than rounding; empty where there is none."""
    ours, theirs = ([_PIXELS.sub("", line) for line in text.splitlines()] for text in (made, written))
    for number, (line, found) in enumerate(zip(ours, theirs, strict=False), start=1):
        if line == found:
            continue
        if _NUMBER.split(line) != _NUMBER.split(found):
            return f"line {number} reads otherwise"
        for value, other in zip(_NUMBER.findall(line), _NUMBER.findall(found), strict=True):
            if not math.isclose(float(value), float(other), rel_tol=CLOSE):
                return f"line {number} has {other}, but the tables give {value}"
    return "" if len(ours) == len(theirs) else f"{len(theirs)} lines, but the tables give {len(ours)}"

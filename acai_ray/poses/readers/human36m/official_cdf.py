"""Human3.6M's own files: `S1/MyPoseFeatures/D3_Positions/Directions 1.cdf`, millimetres, world axes, 50 fps."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers.human36m import folder
from acai_ray.poses.readers.human36m.conventions import MOST_FRAMES, N_RECORDED, world_recording
from acai_ray.poses.readers.human36m.folder import Layout, SequenceFile
from acai_ray.poses.recording import Progress, Recording, Source
from acai_ray.poses.untrusted import binary_files, cdf_claims

FORM = "Human3.6M's folder with S1/MyPoseFeatures/D3_Positions/*.cdf"
LAYOUT = Layout("MyPoseFeatures/D3_Positions/*.cdf", (cdf_claims.MAGIC_3, cdf_claims.MAGIC_2))
VARIABLE = "Pose"
COORDINATES = 3 * N_RECORDED
FLOATS = {21: 4, 22: 8, 44: 4, 45: 8}
"""Bytes of a floating-point number, by CDF's codes of data types."""
MOST_BYTES = 8 * COORDINATES * MOST_FRAMES
"""Bytes of coordinates that no sequence exceeds."""


def recognise(path: Path) -> bool:
    """Whether `path` is a CDF file, or a folder of them in Human3.6M's layout."""
    return folder.recognise(path, LAYOUT)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:  # noqa: ARG001
    """One recording for each file."""
    return folder.read(path, LAYOUT, progress, _recording)


def _recording(file: SequenceFile) -> Recording:
    return world_recording(_poses(file), file.subject, file.sequence, file.origin, unit="mm")


def _poses(file: SequenceFile) -> NDArray[Any]:
    """`(T, 96)` millimetres."""
    cdflib = binary_files.library("cdflib", "CDF", file.origin)
    with binary_files.whole(file.origin):
        if file.path.stat().st_size > 2 * MOST_BYTES:
            raise ValueError(f"{file.path.stat().st_size:,} bytes, which no sequence has")
        stored = cdf_claims.check(file.path.read_bytes(), VARIABLE, MOST_BYTES)
        _check_names(list(stored), file.origin)
        cdf = cdflib.CDF(file.path)
        frames = _frames(cdf.varinq(VARIABLE), stored[VARIABLE], file.origin)
        return np.asarray(cdf.varget(VARIABLE) if frames else ()).reshape(frames, COORDINATES)


def _check_names(names: list[str], origin: str) -> None:
    if VARIABLE not in names:
        raise UserError(
            f"{origin}: the file must hold a variable `{VARIABLE}`, but holds {str(names)[:100]}; "
            "extract D3_Positions again"
        )


def _frames(about: Any, stored: int, origin: str) -> int:
    """How many frames the variable has; refused where its `stored` bytes cannot hold so many."""
    if about.Data_Type not in FLOATS:
        raise UserError(
            f"{origin}: `{VARIABLE}` must hold floats, but holds {about.Data_Type_Description}; "
            "extract D3_Positions again"
        )
    shape = (about.Last_Rec + 1, *about.Dim_Sizes)
    if len(shape) != 3 or shape[0] != 1 or shape[2] != COORDINATES or not 0 <= shape[1] <= MOST_FRAMES:
        raise UserError(
            f"{origin}: `{VARIABLE}` must have the shape (1, frames, {COORDINATES}) with at most {MOST_FRAMES:,} "
            f"frames, but has {shape}; extract D3_Positions again"
        )
    frames = int(shape[1])
    if stored < frames * COORDINATES * FLOATS[about.Data_Type]:
        raise ValueError(f"{stored:,} bytes for {frames} frames")
    return frames

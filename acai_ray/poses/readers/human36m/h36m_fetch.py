"""The files that h36m-fetch makes: `processed/S1/Directions-1/annot.h5`, millimetres, the axes of each real camera."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.index import index_of, named
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers.human36m import folder
from acai_ray.poses.readers.human36m.conventions import MOST_FRAMES, MOST_NUMBERS, N_RECORDED, action_of, seventeen
from acai_ray.poses.readers.human36m.folder import Layout, SequenceFile
from acai_ray.poses.recording import Progress, Recording, Source
from acai_ray.poses.untrusted import hdf5

FORM = "h36m-fetch's folder processed with S1/Directions-1/annot.h5"
LAYOUT = Layout("*/annot.h5", (hdf5.MAGIC,))
DATASETS: dict[str, hdf5.Shape] = {
    "pose/3d": (None, N_RECORDED, 3),
    "camera": (None,),
    "frame": (None,),
    "subject": (None,),
    "action": (None,),
}
NUMBERS = ("camera", "frame", "subject", "action")


def recognise(path: Path) -> bool:
    """Whether `path` is an HDF5 file named annot.h5, or a folder of them in h36m-fetch's layout."""
    return folder.recognise(path, LAYOUT)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:  # noqa: ARG001
    """One recording for each file, one camera after another; every pose is taken, as h36m-fetch has thinned them."""
    return folder.read(path, LAYOUT, progress, _recording)


def _recording(file: SequenceFile) -> Recording:
    arrays = hdf5.read_arrays(file.path, file.origin, DATASETS, hdf5.Most(MOST_FRAMES, MOST_NUMBERS))
    poses = seventeen(arrays["pose/3d"], file.origin)
    for name in NUMBERS:
        _check_numbers(arrays[name], name, len(poses), file.origin)
    _check_subject(arrays["subject"], file)
    cameras, codes = np.unique(arrays["camera"], return_inverse=True)
    index = index_of(
        len(poses),
        frame=arrays["frame"] - 1,
        subject=file.subject,
        action=action_of(file.sequence),
        sequence=file.sequence,
        camera=named(codes, [str(camera) for camera in cameras]),
    )
    return Recording(file.origin, poses, index, unit="mm")


def _check_numbers(values: NDArray[Any], name: str, count: int, origin: str) -> None:
    if len(values) != count:
        raise UserError(
            f"{origin}: `{name}` must hold a value for each of {count} poses, but holds {len(values)}; process it again"
        )
    if values.dtype.kind not in "iu" or not 0 < values.min() <= values.max() < 2**31:
        raise UserError(
            f"{origin}: `{name}` must hold whole numbers from 1 on, but is {values.dtype} from {values.min()} to "
            f"{values.max()}; process it again"
        )


def _check_subject(values: NDArray[Any], file: SequenceFile) -> None:
    wrong = {f"S{number}" for number in np.unique(values)} - {file.subject}
    if wrong:
        raise UserError(
            f"{file.origin}: `subject` must be that of its folder, {file.subject}, but is {sorted(wrong)[0]}; "
            "move the file to its subject's folder"
        )

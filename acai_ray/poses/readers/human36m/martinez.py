"""The files of Martinez's baseline: `h36m/S1/MyPoses/3D_positions/Directions 1.h5`, millimetres, world axes, 50 fps."""

from pathlib import Path

from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers.human36m import folder
from acai_ray.poses.readers.human36m.conventions import MOST_FRAMES, MOST_NUMBERS, N_RECORDED, world_recording
from acai_ray.poses.readers.human36m.folder import Layout, SequenceFile
from acai_ray.poses.recording import Progress, Recording, Source
from acai_ray.poses.untrusted import hdf5

FORM = "Martinez's folder h36m with S1/MyPoses/3D_positions/*.h5"
LAYOUT = Layout("MyPoses/3D_positions/*.h5", (hdf5.MAGIC,))
DATASET = "3D_positions"


def recognise(path: Path) -> bool:
    """Whether `path` is an HDF5 file, or a folder of them in Martinez's layout."""
    return folder.recognise(path, LAYOUT)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:  # noqa: ARG001
    """One recording for each file."""
    return folder.read(path, LAYOUT, progress, _recording)


def _recording(file: SequenceFile) -> Recording:
    shapes: dict[str, hdf5.Shape] = {DATASET: (3 * N_RECORDED, None)}
    arrays = hdf5.read_arrays(file.path, file.origin, shapes, hdf5.Most(MOST_FRAMES, MOST_NUMBERS))
    return world_recording(arrays[DATASET].T, file.subject, file.sequence, file.origin, unit="mm")

"""VideoPose3D's `data_3d_h36m.npz`: Human3.6M in metres, world axes with z up, 50 fps."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.errors import UserError
from acai_ray.poses import checks, npz
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.recording import Recording, Source, index_of
from acai_ray.poses.restricted_pickle import PickledArray

FORM = "VideoPose3D's data_3d_h36m.npz"
N_RECORDED = 32
JOINTS_17 = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
"""The 17 joints among the 32 recorded ones."""
EVERY = 10
"""Every 10th frame is taken by default, as in the report."""


def recognise(path: Path) -> bool:
    """Whether `path` is an archive with `positions_3d`."""
    return "positions_3d" in npz.members(path)


def read(path: Path, options: LoadOptions) -> Source:  # noqa: ARG001
    """One recording a sequence of a subject, such as `Directions 1` of `S1`."""
    holder = npz.read_npz(path, ["positions_3d"])["positions_3d"]
    people = holder.item() if holder.shape == () else None
    if not isinstance(people, dict) or not all(isinstance(sequences, dict) for sequences in people.values()):
        raise UserError(f"{path.name}: `positions_3d` must map subjects to sequences to arrays; export it again")
    return Source(
        [
            _recording(poses, str(subject), str(sequence), path.name)
            for subject, sequences in people.items()
            for sequence, poses in sequences.items()
        ]
    )


def _recording(pickled: Any, subject: str, sequence: str, origin: str) -> Recording:
    place = f"{origin}, {subject} {sequence}"
    if not isinstance(pickled, PickledArray):
        raise UserError(f"{place}: a sequence must be an array, but is {type(pickled).__name__}; export it again")
    poses = checks.joints(_chosen(pickled.value), place)
    action = sequence.rstrip("0123456789 ")
    index = index_of(len(poses), subject=subject, action=action, sequence=sequence)
    return Recording(place, poses, index, up="z", keep=np.arange(len(poses)) % EVERY == 0)


def _chosen(poses: NDArray[Any]) -> NDArray[Any]:
    return poses[:, JOINTS_17] if poses.shape[1:] == (N_RECORDED, 3) else poses

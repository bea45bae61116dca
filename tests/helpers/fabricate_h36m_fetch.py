"""A folder of annot.h5 files as h36m-fetch writes them; nothing here was recorded."""

import h5py
import numpy as np

from tests.helpers.fabricate_human36m import SUBJECTS, thirty_two

CAMERAS = (54138969, 55011271, 58860488, 60457274)
STANDING_AT = np.float32([300, 200, 4500])
TURN = np.float32([[0, 0, 1], [0, 1, 0], [-1, 0, 0]])
"""A quarter turn about the vertical; each camera sees the crowd turned once more."""


def write(folder, crowd):
    """Seven subjects with two sequences of 12 and 5 thinned frames; gives the folder to load."""
    for subject in SUBJECTS:
        write_file(folder / subject / "Directions-1" / "annot.h5", **datasets(crowd[::5], subject, 2))
        write_file(folder / subject / "Walking-2" / "annot.h5", **datasets(crowd[:25:5], subject, 14))
    return folder


def datasets(poses, subject="S1", action=2):
    """What one file holds: the poses as four cameras see them, one camera after another."""
    seen = np.concatenate([1000 * poses @ np.linalg.matrix_power(TURN, n).T + STANDING_AT for n in range(4)])
    n = len(poses)
    return {
        "pose/3d": thirty_two(seen),
        "pose/3d-univ": thirty_two(seen * 1.07),
        "pose/2d": np.zeros((4 * n, 32, 2)),
        "camera": np.repeat(CAMERAS, n),
        "frame": np.tile(5 * np.arange(n) + 1, 4),
        "subject": np.full(4 * n, int(subject[1:])),
        "action": np.full(4 * n, action),
        "subaction": np.full(4 * n, 1),
    }


def write_file(path, **arrays):
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array)

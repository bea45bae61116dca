"""A folder of HDF5 files as Martinez's baseline reads them; nothing here was recorded."""

import h5py

from tests.helpers.fabricate_human36m import SUBJECTS, world_mm


def write(folder, crowd):
    """Seven subjects with two sequences of 60 and 25 frames; gives the folder to load."""
    for subject in SUBJECTS:
        positions = folder / subject / "MyPoses" / "3D_positions"
        positions.mkdir(parents=True)
        write_file(positions / "Directions 1.h5", world_mm(crowd))
        write_file(positions / "Walking.h5", world_mm(crowd[:25]) + 100)
    return folder


def write_file(path, recorded, **how):
    """One file with `3D_positions` (96, T)."""
    with h5py.File(path, "w") as file:
        file.create_dataset("3D_positions", data=recorded.reshape(-1, 96).T, **how)

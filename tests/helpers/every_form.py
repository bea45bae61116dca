"""A small valid data set in every form that is read; nothing here was recorded."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from acai_ray import poses
from acai_ray.poses.readers.human36m.conventions import JOINTS_17
from acai_ray.poses.writing import write_parquet
from tests.helpers import (
    fabricate_asf_amc,
    fabricate_bvh,
    fabricate_h36m_fetch,
    fabricate_martinez,
    fabricate_motionbert,
    fabricate_official_cdf,
    fabricate_report_pickles,
    fabricate_triangulation_labels,
)

NAMES = np.repeat(["ann", "bob", "cyd", "dan", "eve", "fay"], 10)
SUBJECTS = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")


def y_up(crowd):
    """Poses in camera axes as a world with y up has them, the viewer at +z."""
    return crowd * np.float32([1, -1, -1])


def z_up(crowd):
    """Poses in camera axes as a world with z up has them, the viewer at -y."""
    return crowd[..., [0, 2, 1]] * np.float32([1, 1, -1])


def write_npy(folder, crowd):
    for part, rows in {"train": slice(0, 40), "valid": slice(40, 50), "test": slice(50, 60)}.items():
        np.save(folder / f"{part}.npy", crowd[rows])
    return folder


def write_npz(folder, crowd):
    np.savez(folder / "a.npz", poses=y_up(crowd), subject=NAMES, up_axis="y", fps=30.0)
    return folder / "a.npz"


def write_compressed_npz(folder, crowd):
    codes = np.repeat(np.arange(6), 10)
    names = ["ann", "bob", "cyd", "dan", "eve", "fay"]
    np.savez_compressed(folder / "a.npz", poses=crowd.reshape(-1, 51), subject=codes, subject_names=names)
    return folder / "a.npz"


def write_lists(folder, crowd):
    table = pa.table({"poses": crowd.reshape(-1, 51).tolist(), "subject": NAMES, "frame": np.arange(60)})
    pq.write_table(table, folder / "a.parquet")
    return folder / "a.parquet"


def write_converted(folder, crowd):
    write_parquet(poses.load(write_compressed_npz(folder, crowd)), folder / "a.parquet")
    (folder / "a.npz").unlink()
    return folder / "a.parquet"


def taken_by(crowd, number):
    """The poses of the subject at a place in `SUBJECTS`: everybody has them in another order."""
    return np.roll(crowd, number, axis=0)


def write_videopose(folder, crowd, subjects=SUBJECTS, content=None):
    """VideoPose3D's file: 32 joints, metres, z up, everybody somewhere in the room."""
    people = {subject: videopose_sequences(taken_by(crowd, n)) for n, subject in enumerate(subjects)}
    people = people if content is None else content
    np.savez_compressed(folder / "data_3d_h36m.npz", positions_3d=np.array(people, dtype=object))
    return folder / "data_3d_h36m.npz"


def videopose_sequences(crowd):
    recorded = np.full((60, 32, 3), 7.0, dtype=np.float32)
    recorded[:, JOINTS_17] = z_up(crowd) + np.float32([1.5, -2, 0.9])
    return {"Directions 1": recorded, "Walking": recorded[35:] + 1}


FORMS = {
    "npy": write_npy,
    "npz": write_npz,
    "compressed npz": write_compressed_npz,
    "parquet lists": write_lists,
    "converted parquet": write_converted,
    "videopose": write_videopose,
    "official cdf": fabricate_official_cdf.write,
    "h36m-fetch": fabricate_h36m_fetch.write,
    "martinez": fabricate_martinez.write,
    "report pickles": fabricate_report_pickles.write,
    "motionbert": fabricate_motionbert.write,
    "triangulation labels": fabricate_triangulation_labels.write,
    "bvh": fabricate_bvh.write,
    "asf and amc": fabricate_asf_amc.write,
}
"""Each takes an empty folder and the crowd, and gives the path to load."""

OPTIONS = {"motionbert": {"scale": "bones"}}

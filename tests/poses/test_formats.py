"""What the readers of plain arrays, of split folders and of VideoPose3D's file give."""

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import JOINTS
from tests.helpers import every_form

LEFT_WRIST, HEAD = JOINTS.index("left_wrist"), JOINTS.index("head")
NAMES = np.repeat(["ann", "bob", "cyd", "dan", "eve", "fay"], 10)
IN_ORDER = {"train": ["ann", "bob", "cyd", "dan"], "valid": ["eve"], "test": ["fay"]}
"""A split that leaves those people in the file's order."""


def assert_faces_the_viewer(seen):
    """The left hand at the viewer's right and nearer than the body, the head on top, in metres."""
    assert (seen[:, LEFT_WRIST, 0] > 0.3).all()
    assert (seen[:, LEFT_WRIST, 2] < -0.1).all()
    assert (seen[:, HEAD, 1] < -0.6).all()
    assert (np.abs(seen) < 1).all()


def front(pose_set):
    return pose_set.poses[(pose_set.index["camera"] == "yaw000").to_numpy()]


def write_parquet(path, crowd, metadata=None, **columns):
    flat = pa.FixedSizeListArray.from_arrays(pa.array(crowd.ravel()), 51)
    table = pa.table({"poses": flat, **columns})
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


def test_npz_round_trip(tmp_path, people):
    eight, n = people.shape[:2]
    subject = np.repeat([f"p{number}" for number in range(eight)], n)
    np.savez(
        tmp_path / "mine.npz", poses=people.reshape(-1, 17, 3), subject=subject, frame=np.tile(np.arange(n), eight)
    )
    parts = {"train": [f"p{number}" for number in range(6)], "valid": ["p6"], "test": ["p7"]}
    loaded = poses.load(tmp_path / "mine.npz", **parts)
    np.testing.assert_array_equal(loaded.poses, people.reshape(-1, 17, 3))
    assert list(loaded.index["subject"]) == list(subject)
    assert loaded.name == "mine.npz"
    (tmp_path / "there").mkdir()
    np.savez_compressed(
        tmp_path / "there" / "other.npz",
        poses=loaded.poses.reshape(-1, 51),
        subject=loaded.index["subject"].astype(str),
    )
    assert poses.load(tmp_path / "there" / "other.npz", **parts).fingerprint == loaded.fingerprint


def test_camera_arrays_are_taken_as_they_are(tmp_path, crowd):
    np.savez(tmp_path / "a.npz", poses=crowd + np.float32([3, 1, 5]), subject=NAMES)
    loaded = poses.load(tmp_path / "a.npz", **IN_ORDER)
    assert_faces_the_viewer(loaded.poses)
    np.testing.assert_allclose(loaded.poses, crowd, atol=1e-6)


def test_world_arrays_get_four_views(tmp_path, crowd, crowd_y_up, crowd_z_up):
    np.savez(tmp_path / "y.npz", poses=crowd_y_up, subject=NAMES, up_axis="y")
    np.savez(tmp_path / "z.npz", poses=crowd_z_up.reshape(-1, 51), subject=NAMES, up_axis="Z")
    np.savez(tmp_path / "said.npz", poses=crowd_z_up, subject=NAMES)
    for loaded in (
        poses.load(tmp_path / "y.npz", **IN_ORDER),
        poses.load(tmp_path / "z.npz", **IN_ORDER),
        poses.load(tmp_path / "said.npz", frame="world", up="z", **IN_ORDER),
        poses.load(tmp_path / "said.npz", up="z", **IN_ORDER),
    ):
        assert len(loaded) == 240
        assert_faces_the_viewer(front(loaded))
        np.testing.assert_allclose(front(loaded), crowd, atol=1e-6)
    assert len(poses.load(tmp_path / "y.npz", views=1)) == 60


def test_parquet_lists_and_metadata(tmp_path, crowd, crowd_y_up):
    path = write_parquet(tmp_path / "a.parquet", crowd_y_up * 1000, {"up_axis": "y", "units": "mm"}, subject=NAMES)
    loaded = poses.load(path)
    assert_faces_the_viewer(front(loaded))
    nested = pa.table({"poses": (crowd.tolist()), "subject": NAMES, "frame": np.arange(60)})
    pq.write_table(nested, tmp_path / "nested.parquet")
    assert poses.load(tmp_path / "nested.parquet", **IN_ORDER).index["frame"].tolist() == list(range(60))


def test_names_and_actions_are_looked_up(tmp_path, crowd):
    np.savez(
        tmp_path / "a.npz",
        poses=crowd,
        subject=np.repeat([2, 0, 1], 20),
        subject_names=["ann", "bob", "cyd"],
        sequence=np.repeat([0, 1], 30),
        sequence_names=["01", "02"],
        sequence_descriptions=["walk", "walk"],
    )
    index = poses.load(tmp_path / "a.npz", train=["cyd"], valid=["ann"], test=["bob"]).index
    assert index.loc[[0, 59], ["subject", "sequence", "action"]].to_numpy().tolist() == [
        ["cyd", "01", "walk"],
        ["bob", "02", "walk"],
    ]


@pytest.mark.parametrize("unit", ["mm", "cm"])
def test_other_units_are_refused_until_named(tmp_path, crowd, unit):
    np.savez(tmp_path / "a.npz", poses=crowd * {"mm": 1000, "cm": 100}[unit], subject=NAMES)
    with pytest.raises(
        UserError, match=rf"a.npz: poses must be in metres, but the median bone is .* long; give --unit {unit}"
    ):
        poses.load(tmp_path / "a.npz")
    np.testing.assert_allclose(poses.load(tmp_path / "a.npz", unit=unit, **IN_ORDER).poses, crowd, atol=1e-5)


def test_every_nth_pose_of_each_sequence(tmp_path, crowd):
    np.savez(tmp_path / "a.npz", poses=crowd, subject=["a"] * 60, sequence=NAMES)
    by_sequence = poses.load(tmp_path / "a.npz", every=4, train=["a"]).index["frame"].tolist()
    assert by_sequence == [10 * p + f for p in range(6) for f in (0, 4, 8)]
    np.savez(tmp_path / "a.npz", poses=crowd, subject=NAMES)
    assert poses.load(tmp_path / "a.npz", every=4, **IN_ORDER).index["frame"].tolist() == [
        10 * p + f for p in range(6) for f in (0, 4, 8)
    ]


def test_folder_brings_its_split_and_acknowledgment(tmp_path, crowd_y_up):
    for split, names in {"train": ["a", "b"], "valid": ["c"], "test": ["d"]}.items():
        np.savez(
            tmp_path / f"{split}.npz",
            poses=crowd_y_up,
            subject=np.arange(60) % len(names),
            subject_names=names,
            keep10=np.arange(60) % 3 == 0,
            up_axis="y",
        )
    (tmp_path / "README.md").write_text('Asked-for\nacknowledgment: "Thanks to\nall." More.')
    loaded = poses.load(tmp_path)
    assert loaded.acknowledgment == "Thanks to all."
    assert [len(loaded.split(split)) for split in loaded.splits] == [80, 80, 80]
    assert loaded.subjects("train") == ("a", "b")
    assert loaded.subjects("test") == ("d",)
    assert_faces_the_viewer(front(loaded))
    assert len(poses.load(tmp_path, every=1)) == 3 * 240
    assert poses.load(tmp_path, protocol="report").subjects("train") == ("a", "b", "c")
    assert poses.load(tmp_path, train=["a"], test=["b"]).splits == ("train", "test")


def test_folder_of_bare_arrays(tmp_path, crowd):
    for split in ("train", "valid", "test"):
        np.save(tmp_path / f"{split}.npy", crowd)
    assert poses.load(tmp_path).subjects() == ("test", "train", "valid")


def test_videopose(write_videopose, crowd):
    loaded = poses.load(write_videopose())
    assert loaded.subjects("train") == ("S1", "S5", "S6", "S7")
    assert loaded.subjects("valid") == ("S8",)
    assert loaded.subjects("test") == ("S11", "S9")
    assert len(loaded) == 7 * (6 + 3) * 4
    one = loaded.index[(loaded.index["sequence"] == "Directions 1") & (loaded.index["subject"] == "S1")]
    assert one["frame"].tolist() == [0, 10, 20, 30, 40, 50] * 4
    assert set(one["action"]) == {"Directions"}
    assert_faces_the_viewer(front(loaded))
    np.testing.assert_allclose(loaded.poses[:6], crowd[::10], atol=1e-6)


def test_videopose_gives_everybody_their_own_poses(write_videopose, crowd):
    loaded = poses.load(write_videopose(), every=1)
    for number, subject in enumerate(every_form.SUBJECTS):
        own = every_form.taken_by(crowd, number)
        for sequence, expected in {"Directions 1": own, "Walking": own[35:]}.items():
            rows = (loaded.index[["subject", "sequence", "camera"]] == [subject, sequence, "yaw000"]).all(axis=1)
            np.testing.assert_allclose(loaded.poses[rows.to_numpy()], expected, atol=1e-6)


def test_videopose_leaves_out_the_broken_sequence(write_videopose, crowd):
    people = {subject: every_form.videopose_sequences(crowd) for subject in every_form.SUBJECTS}
    people["S11"]["Directions"] = people["S11"]["Walking"]
    loaded = poses.load(write_videopose(content=people))
    assert loaded.notes == ("S11 Directions is left out: its recording is broken in some releases",)
    assert set(loaded.index["sequence"][loaded.index["subject"] == "S11"]) == {"Directions 1", "Walking"}


def test_videopose_with_the_reports_protocol(write_videopose):
    loaded = poses.load(write_videopose(), protocol="report", every=20, views=1)
    assert loaded.splits == ("train", "test")
    assert loaded.subjects("train") == ("S1", "S5", "S6", "S7", "S8")
    assert len(loaded) == 7 * (3 + 2)


@pytest.mark.skipif("ACAI_CMU17" not in os.environ, reason="ACAI_CMU17 does not name the cmu17 folder")
def test_cmu17():
    folder = Path(os.environ["ACAI_CMU17"])
    loaded = poses.load(folder)
    assert {split: len(loaded.split(split)) for split in loaded.splits} == {
        "train": 93392,
        "valid": 9424,
        "test": 17152,
    }
    assert loaded.acknowledgment.startswith("The data used in this project was obtained from mocap.cs.cmu.edu.")
    assert not loaded.synthetic
    assert [len(loaded.subjects(split)) for split in loaded.splits] == [24, 6, 6]
    assert (loaded.poses[:, HEAD, 1] < 0).mean() > 0.95
    walking = loaded.poses[
        (loaded.index["action"] == "walk").to_numpy() & (loaded.index["camera"] == "yaw000").to_numpy()
    ]
    forward = np.cross(walking[:, 8], walking[:, 1] - walking[:, 4])
    bend = walking[:, 2] - (walking[:, 1] + walking[:, 3]) / 2
    assert ((bend * forward).sum(axis=-1) > 0)[np.linalg.norm(bend, axis=-1) > 0.06].mean() > 0.98


@pytest.mark.parametrize("form", ["official cdf", "h36m-fetch", "martinez"])
def test_a_folder_gives_everybody_their_own_poses(form, tmp_path, crowd):
    mixed, other = (
        every_form.FORMS[form](tmp_path / name, poses) for name, poses in (("a", crowd), ("b", crowd[::-1]))
    )
    before = poses.load(mixed, every=1)
    shutil.rmtree(mixed / "S5")
    shutil.copytree(other / "S5", mixed / "S5")
    after = poses.load(mixed, every=1)
    pd.testing.assert_frame_equal(before.index, after.index)
    changed = (before.poses != after.poses).any(axis=(1, 2))
    assert set(after.index["subject"][changed]) == {"S5"}
    assert changed[(after.index["subject"] == "S5").to_numpy()].mean() > 0.9

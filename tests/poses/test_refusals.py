"""Data that breaks a rule is refused in one sentence with the place, the value and the remedy."""

import json
import zipfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import FLIP

NAMES = np.repeat(["ann", "bob", "cyd", "dan", "eve", "fay"], 10)


def broken(crowd, place, value):
    changed = crowd.copy()
    changed[place] = value
    return changed


BAD_ARRAYS = {
    "wrong joint count": (
        lambda c: {"poses": c[:, :16]},
        r"must have the shape \(N, 17, 3\) or \(N, 51\), but have \(60, 16, 3\)",
    ),
    "flat": (lambda c: {"poses": c.ravel()}, r"must have the shape .* but have \(3060,\)"),
    "text": (lambda c: {"poses": c.astype(str)}, "poses must be numbers"),
    "none": (lambda c: {"poses": c[:0], "subject": NAMES[:0]}, "must hold at least one pose"),
    "NaN": (
        lambda c: {"poses": broken(c, (33, 13, 2), np.nan)},
        r"left_wrist of pose 33 \(subject dan, frame 33\) has z = nan",
    ),
    "infinity": (lambda c: {"poses": broken(c, (3, 1, 0), np.inf)}, "right_hip of pose 3 .* has x = inf"),
    "far": (
        lambda c: {"poses": broken(c, (3, 1, 0), 40)},
        r"within 3 m of the pelvis, but those of pose 3 .* reach 40 m",
    ),
    "huge": (lambda c: {"poses": c * 1e37}, "must be in metres, but the median bone is .*; scale them"),
    "tiny": (lambda c: {"poses": c / 1000}, "must be in metres, but the median bone is .*; scale them"),
    "upside down": (lambda c: {"poses": c * np.float32([1, -1, -1])}, "heads must lie above the pelvis on average"),
    "lying axis": (lambda c: {"poses": c[..., [0, 2, 1]]}, "heads must lie above the pelvis on average"),
    "mirrored": (
        lambda c: {"poses": c * np.float32([-1, 1, 1])},
        "knees must bend forwards, but 100% of the bent ones do not",
    ),
    "exchanged": (lambda c: {"poses": c[:, list(FLIP)]}, "left and right are exchanged"),
    "constant": (lambda c: {"poses": np.repeat(c[:1], 60, axis=0)}, "poses must differ, but all"),
    "no subject": (
        lambda c: {"subject": None},
        "needs at least 3 subjects, but has 1, bad; give `subject` in the file",
    ),
    "objects": (
        lambda c: {"subject": np.array([[1], *NAMES[1:]], dtype=object)},
        "`subject` must hold numbers or names",
    ),
    "pickled poses": (lambda c: {"poses": np.array([{}], dtype=object)}, "`poses` must hold numbers or names"),
    "short subject": (
        lambda c: {"subject": NAMES[:59]},
        r"`subject` must hold a value for each of 60 poses, but its shape is \(59,\)",
    ),
    "null subject": (
        lambda c: {"subject": np.array([None, *NAMES[1:]])},
        "every pose must have its subject, but pose 0 has none",
    ),
    "bad code": (
        lambda c: {"subject": np.arange(60), "subject_names": ["a"]},
        "`subject` must point into 1 names, but holds 0 to 59",
    ),
    "frame": (lambda c: {"frame": np.full(60, 0.5)}, "`frame` must hold whole numbers"),
    "huge frame": (lambda c: {"frame": np.arange(60) + 2**40}, "`frame` must lie within 32 bits, but goes from 10995"),
    "lowest frame": (lambda c: {"frame": np.full(60, -(2**63))}, "`frame` must lie within 32 bits"),
    "two up axes": (lambda c: {"up_axis": ["y", "z"]}, "`up_axis` must hold one value, but holds 2"),
    "no up axis": (lambda c: {"up_axis": np.array([])}, "`up_axis` must hold one value, but holds 0"),
    "nobody": (lambda c: {"subject": ["", *NAMES[1:]]}, "every pose must have its subject, but pose 0 has none"),
    "transposed": (lambda c: {"poses": c.transpose(0, 2, 1)}, "exchange the last two axes"),
    "single pose": (lambda c: {"poses": c[0], "subject": None}, r"give a single pose a first axis: poses\[None\]"),
    "arms exchanged": (
        lambda c: {"poses": c[:, [*range(11), 14, 15, 16, 11, 12, 13]]},
        "shoulders must be on the side of their hips, but are not in 100% of the poses",
    ),
    "one joint twice": (
        lambda c: {"poses": c[:, [*range(12), 13, 13, 14, 15, 16]]},
        "limbs must be at least 0.05 m long, but the one to the left_wrist has 0 m",
    ),
    "keep10": (lambda c: {"keep10": np.ones(60)}, "`keep10` must hold true or false"),
    "nothing kept": (
        lambda c: {"keep10": np.zeros(60, bool)},
        "poses of each part must be taken, but of cyd, dan, eve, fay none is",
    ),
    "up axis": (lambda c: {"up_axis": "x"}, "`up_axis` must be one of y, z, but is 'x'"),
    "units": (lambda c: {"units": "inch"}, "`units` must be one of m, cm, mm, but is 'inch'"),
}


def refuse(path, message, **options):
    with pytest.raises(UserError, match=message) as caught:
        poses.load(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("case", BAD_ARRAYS)
def test_bad_arrays(tmp_path, crowd, case):
    change, message = BAD_ARRAYS[case]
    arrays = {"poses": crowd, "subject": NAMES} | change(crowd)
    np.savez(tmp_path / "bad.npz", **{name: array for name, array in arrays.items() if array is not None})
    assert refuse(tmp_path / "bad.npz", message).startswith("bad.npz")


def test_bad_options(tmp_path, crowd):
    np.savez(tmp_path / "a.npz", poses=crowd, subject=NAMES)
    path = tmp_path / "a.npz"
    refuse(path, "options of the data: colour is not a known key", colour="red")
    refuse(path, "options of the data: up", up="x")
    refuse(path, "up must be left out where frame is camera", frame="camera", up="y")
    refuse(path, "a world frame needs its up axis", frame="world")
    refuse(path, "heads must lie above the pelvis", up="y")
    refuse(path, "views", views=0)


def test_unknown_names_and_contents(tmp_path):
    refuse("sintetic", "data must be `synthetic` or an existing file or folder, but there is no 'sintetic'")
    (tmp_path / "notes.npz").write_text("hello")
    refuse(tmp_path / "notes.npz", "notes.npz: data must be one of .* but its content is none of these or is damaged")
    (tmp_path / "empty").mkdir()
    refuse(tmp_path / "empty", "empty: data must be one of")
    np.savez(tmp_path / "other.npz", x=np.zeros(3))
    refuse(tmp_path / "other.npz", "its content is none of these")
    pq.write_table(pa.table({"x": [1]}), tmp_path / "x.parquet")
    refuse(tmp_path / "x.parquet", "poses must be in an array `poses`, but there is none")


def test_incomplete_and_mixed_folders(tmp_path, crowd, crowd_y_up):
    np.savez(tmp_path / "train.npz", poses=crowd)
    refuse(tmp_path, "must hold train, valid and test, but there is no valid; add it")
    np.savez(tmp_path / "valid.npz", poses=crowd, subject=np.full(60, "train"))
    (tmp_path / "test.npz").write_bytes(b"")
    refuse(tmp_path, "test.npz: it must be .* is damaged; copy it again")
    np.savez(tmp_path / "test.npz", poses=crowd)
    refuse(tmp_path, "a subject must belong to one part, but 'train' is in train and valid")
    np.savez(tmp_path / "valid.npz", poses=crowd)
    np.savez(tmp_path / "test.npz", poses=crowd_y_up)
    refuse(tmp_path, ", test: heads must lie above the pelvis")


def test_unequal_lists_in_parquet(tmp_path, crowd):
    lists = [pose.ravel().tolist() for pose in crowd]
    pq.write_table(pa.table({"poses": [*lists[:-1], lists[-1][:48]], "subject": NAMES}), tmp_path / "a.parquet")
    refuse(tmp_path / "a.parquet", "every pose must hold 51 numbers, but some hold more or fewer")
    pq.write_table(pa.table({"poses": [*lists[:-1], None], "subject": NAMES}), tmp_path / "a.parquet")
    refuse(tmp_path / "a.parquet", "every pose must hold 51 numbers")


@pytest.mark.parametrize("suffix", ["npz", "npy", "parquet"])
def test_truncated_files(tmp_path, crowd, suffix):
    path = tmp_path / f"a.{suffix}"
    if suffix == "npz":
        np.savez_compressed(path, poses=crowd, subject=NAMES)
    elif suffix == "npy":
        np.save(path, crowd)
    else:
        pq.write_table(pa.table({"poses": crowd.reshape(-1, 51).tolist(), "subject": NAMES}), path)
    whole = path.read_bytes()
    for size in (len(whole) // 2, len(whole) - 7, 9, 8):
        path.write_bytes(whole[:size])
        refuse(path, rf"a\.{suffix}: (a data file must be whole, but .*; copy it again|data must be one of)")


def test_damaged_archive_members(tmp_path, crowd):
    path = tmp_path / "a.npz"
    np.savez_compressed(path, poses=crowd, subject=NAMES)
    content = bytearray(path.read_bytes())
    content[200:300] = bytes(100)
    path.write_bytes(content)
    refuse(path, "a data file must be whole")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("poses.npy", b"\x93NUMPY\x01\x00\x10\x00garbage in header")
    refuse(path, "a data file must be whole")
    np.save(tmp_path / "o.npy", np.array([{}], dtype=object))
    refuse(tmp_path / "o.npy", "o.npy: an .npy file must hold numbers, but holds objects")


def test_strange_videopose_contents(write_videopose):
    refuse(write_videopose(content=7), "`positions_3d` must map subjects to sequences to arrays")
    refuse(write_videopose(content={"S1": {"Walking": [1.0]}}), "S1 Walking: a sequence must be an array, but is list")
    refuse(write_videopose(content={"S1": {"Walking": np.zeros((5, 20, 3))}}), "S1 Walking: poses must have the shape")
    refuse(write_videopose(content=[1, 2]), "`positions_3d` must map subjects to sequences to arrays")
    refuse(write_videopose(content={}), "the part train must hold at least one subject")
    refuse(write_videopose(subjects=("S1", "S9")), "the part valid must hold at least one subject, but of S1, S9")


def test_limbs_that_change_their_length(tmp_path, people):
    stretched = people.reshape(-1, 17, 3).copy()
    factor = np.random.default_rng(0).uniform(0.2, 1.8, (len(stretched), 1)).astype(np.float32)
    stretched[:, 13] = stretched[:, 12] + factor * (stretched[:, 13] - stretched[:, 12])
    who = np.repeat([f"p{number}" for number in range(8)], len(stretched) // 8)
    np.savez(tmp_path / "a.npz", poses=stretched, subject=who)
    refuse(tmp_path / "a.npz", r"p\d: bones must keep their length, but the one to the left_wrist is below 0\.\d\d m")


def test_one_person_among_others(tmp_path, people):
    """Faults of one person are seen although the part as a whole looks right."""
    who = np.repeat([f"p{number}" for number in range(8)], people.shape[1])
    for change, message in {
        (-1, 1, 1): "p2: knees must bend forwards",
        (1, -1, -1): "p2: heads must lie above the pelvis",
    }.items():
        changed = people.copy()
        changed[2] *= np.float32(change)
        np.savez(tmp_path / "a.npz", poses=changed.reshape(-1, 17, 3), subject=who)
        refuse(tmp_path / "a.npz", message, train=[f"p{number}" for number in range(6)], valid=["p6"], test=["p7"])


def test_what_is_no_pose_data_gets_a_hint(tmp_path, crowd):
    np.savez(tmp_path / "a.npz", crowd)
    refuse(tmp_path / "a.npz", "call the array of poses `poses`; there are arr_0")
    np.savez(tmp_path / "lines.npz", **{"a\n\x1b[31mb": crowd})
    assert "there are a\ufffd\ufffd[31mb" in refuse(tmp_path / "lines.npz", "call the array of poses `poses`")
    (tmp_path / "b.npy.gz").write_bytes(b"\x1f\x8b")
    refuse(tmp_path / "b.npy.gz", "unpack it")
    (tmp_path / "folder").mkdir()
    refuse(tmp_path / "folder", "folder: data must be .*; give the folder that holds the files")
    np.savez(tmp_path / "folder" / "mine.npz", poses=crowd, subject=NAMES)
    np.savez(tmp_path / "folder" / "other.npz", weights=crowd)
    refuse(tmp_path / "folder", "give a file in it, such as mine.npz")
    refuse("nowhere.npz", "there is no 'nowhere.npz'; correct the path")


def test_real_cameras_of_another_world(tmp_path, crowd_y_up):
    cameras = {"R": np.eye(3).tolist(), "t": [0, 0, 0]}
    names = ["ann", "bob", "cyd", "dan", "eve", "fay"]
    content = {"extrinsics": {name: {"front": cameras} for name in names}}
    (tmp_path / "camera-parameters.json").write_text(json.dumps(content))
    np.savez(tmp_path / "a.npz", poses=crowd_y_up, subject=NAMES, up_axis="y")
    refuse(tmp_path / "a.npz", "the cameras of camera-parameters.json are of another world, so give --cameras virtual")
    assert len(poses.load(tmp_path / "a.npz", cameras="virtual")) == 240

"""The files of h36m-fetch."""

import h5py
import numpy as np
import pytest

from acai_ray import poses
from tests.helpers import fabricate_h36m_fetch
from tests.helpers.fabricate_h36m_fetch import CAMERAS, TURN, datasets, write_file
from tests.helpers.fabricate_human36m import refuse

FIRST = "Directions-1/annot.h5"


@pytest.fixture
def data(tmp_path, crowd):
    return fabricate_h36m_fetch.write(tmp_path / "processed", crowd)


@pytest.fixture
def arrays(crowd):
    return datasets(crowd[::5])


def of_s1(loaded):
    chosen = (loaded.index["subject"] == "S1") & (loaded.index["sequence"] == "Directions-1")
    return loaded.poses[chosen.to_numpy()], loaded.index[chosen]


def test_round_trip_takes_every_pose_of_every_camera(data, crowd):
    loaded = poses.load(data)
    assert len(loaded) == 7 * (12 + 5) * 4
    seen, index = of_s1(loaded)
    assert index["camera"].tolist() == np.repeat(CAMERAS, 12).astype(str).tolist()
    assert index["frame"].tolist() == list(range(0, 60, 5)) * 4
    assert set(index["action"]) == {"Directions"}
    for number in range(4):
        there = crowd[::5] @ np.linalg.matrix_power(TURN, number).T
        np.testing.assert_allclose(seen[12 * number : 12 * (number + 1)], there, atol=1e-5)


def test_every_counts_in_each_camera(data):
    index = of_s1(poses.load(data, every=5))[1]
    assert index["frame"].tolist() == [0, 25, 50] * 4


def test_cameras_are_refused(data):
    refuse(data, f"^S1/{FIRST}: cameras see poses in world axes, but these are in camera axes", cameras="virtual")


def test_real_cameras_beside_the_files_change_nothing(data):
    before = poses.load(data).fingerprint
    (data / "camera-parameters.json").write_text('{"extrinsics": {}}')
    assert poses.load(data).fingerprint == before


BAD = {
    "no poses": (lambda a: {"pose/3d": None}, "must hold a data set `pose/3d`, but there is none; export it again"),
    "no camera": (lambda a: {"camera": None}, "must hold a data set `camera`, but there is none"),
    "17 joints": (
        lambda a: {"pose/3d": a["pose/3d"][:, :17]},
        r"`pose/3d` must have the shape \(frames, 32, 3\), but has \(48, 17, 3\)",
    ),
    "text": (lambda a: {"pose/3d": a["pose/3d"].astype("S")}, r"`pose/3d` must hold numbers, but holds \|S"),
    "objects": (lambda a: {"camera": np.array(["a"] * 48, dtype=object)}, "`camera` must hold numbers, but holds obj"),
    "a null": (lambda a: {"frame": h5py.Empty("i8")}, r"`frame` must have the shape \(frames\), but has \(\)"),
    "one value": (lambda a: {"frame": 3}, r"`frame` must have the shape \(frames\), but has \(\)"),
    "short": (lambda a: {"camera": a["camera"][:-1]}, "`camera` must hold a value for each of 48 poses, but holds 47"),
    "fractions": (lambda a: {"frame": a["frame"] + 0.5}, "`frame` must hold whole numbers from 1 on, but is float64"),
    "frame 0": (lambda a: {"frame": a["frame"] - 1}, "`frame` must hold whole numbers .* from 0 to 55; process it"),
    "huge frame": (lambda a: {"frame": a["frame"] * 2**40}, "`frame` must hold whole numbers"),
    "of another": (
        lambda a: {"subject": a["subject"] + 4},
        "`subject` must be that of its folder, S1, but is S5",
    ),
    "a group": (lambda a: {"pose/3d": None, "pose/3d/x": 1}, "`pose/3d` must be a data set, but is a Group"),
    "a data set for a group": (lambda a: {"pose/3d": None, "pose": 1}, "must hold a data set `pose/3d`"),
    "no frames": (
        lambda a: {name: array[:0] for name, array in a.items()},
        "must hold at least one pose.*; leave it out",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_another_content_is_refused(data, arrays, case):
    change, message = BAD[case]
    del arrays["pose/3d-univ"], arrays["pose/2d"]
    changed = {name: array for name, array in (arrays | change(arrays)).items() if array is not None}
    write_file(data / "S1" / FIRST, **changed)
    refuse(data, f"^S1/{FIRST}: .*{message}")


@pytest.mark.parametrize("case", ["soft", "soft loop", "external", "external group"])
def test_links_are_refused(data, case):
    with h5py.File(data / "S1" / FIRST, "a") as file:
        if case == "external group":
            file.move("pose", "elsewhere")
            file["pose"] = h5py.ExternalLink(str(data / "S5" / FIRST), "pose")
        else:
            file.move("pose/3d", "poses")
            kinds = {"soft": h5py.SoftLink("/poses"), "soft loop": h5py.SoftLink("/pose/3d")}
            file["pose/3d"] = kinds.get(case) or h5py.ExternalLink(str(data / "S5" / FIRST), "pose/3d")
    refuse(data, f"^S1/{FIRST}: `pose/3d` must lie in the file itself, but is a link; copy its data into the file")


def test_a_hard_link_is_as_good(data):
    before = poses.load(data).fingerprint
    with h5py.File(data / "S1" / FIRST, "a") as file:
        file["again"] = file["pose/3d"]
    assert poses.load(data).fingerprint == before

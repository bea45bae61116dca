"""The files of Martinez's baseline."""

import json

import h5py
import numpy as np
import pytest

from acai_ray import poses
from tests.helpers import fabricate_martinez
from tests.helpers.fabricate_human36m import SUBJECTS, refuse, world_mm
from tests.helpers.fabricate_martinez import write_file

FIRST = "MyPoses/3D_positions/Directions 1.h5"
NAME = "3D_positions"


@pytest.fixture
def data(tmp_path, crowd):
    return fabricate_martinez.write(tmp_path / "h36m", crowd)


def of_s1(loaded):
    chosen = (loaded.index["subject"] == "S1") & (loaded.index["sequence"] == "Directions 1")
    return loaded.poses[chosen.to_numpy()], loaded.index[chosen]


def test_round_trip_takes_every_tenth_frame_of_four_views(data, crowd):
    loaded = poses.load(data)
    assert len(loaded) == 7 * (6 + 3) * 4
    seen, index = of_s1(loaded)
    assert index["frame"].tolist() == [0, 10, 20, 30, 40, 50] * 4
    np.testing.assert_allclose(seen[:6], crowd[::10], atol=1e-5)
    np.testing.assert_allclose(of_s1(poses.load(data, every=1, views=1))[0], crowd, atol=1e-5)


def test_real_cameras_turn_the_poses(data, crowd):
    from_behind = {"55011271": {"R": [[-1, 0, 0], [0, 0, -1], [0, -1, 0]]}}
    (data / "camera-parameters.json").write_text(json.dumps({"extrinsics": dict.fromkeys(SUBJECTS, from_behind)}))
    seen, index = of_s1(poses.load(data))
    assert set(index["camera"]) == {"55011271"}
    np.testing.assert_allclose(seen, crowd[::10] * [-1, 1, -1], atol=1e-5)


@pytest.mark.parametrize("dtype", ["<f8", ">f4", "<f2", "<i4"])
def test_other_numbers_are_read(data, crowd, dtype):
    write_file(data / "S1" / FIRST, world_mm(crowd), dtype=dtype, chunks=(96, 7), compression="gzip", shuffle=True)
    np.testing.assert_allclose(of_s1(poses.load(data))[0][:6], crowd[::10], atol=0.002)


def change(data, act):
    with h5py.File(data / "S1" / FIRST, "w") as file:
        act(file)


def virtual(file):
    layout = h5py.VirtualLayout(shape=(96, 60), dtype="f4")
    layout[:] = h5py.VirtualSource("other.h5", NAME, shape=(96, 60))
    file.create_virtual_dataset(NAME, layout)


def half_written(file):
    dataset = file.create_dataset(NAME, shape=(96, 60), dtype="f4", chunks=(96, 10))
    dataset[:, :30] = 1


BAD = {
    "another name": (lambda f: f.create_dataset("2D_positions", data=1), f"must hold a data set `{NAME}`, but there"),
    "turned": (
        lambda f: f.create_dataset(NAME, data=np.ones((60, 96))),
        rf"`{NAME}` must have the shape \(96, frames\), but has \(60, 96\)",
    ),
    "three axes": (lambda f: f.create_dataset(NAME, data=np.ones((96, 6, 1))), "must have the shape"),
    "complex": (lambda f: f.create_dataset(NAME, data=np.ones((96, 6), complex)), "must hold numbers, but holds compl"),
    "records": (lambda f: f.create_dataset(NAME, data=np.ones((96, 6), "f4,f4")), "must hold numbers, but holds"),
    "truths": (lambda f: f.create_dataset(NAME, data=np.ones((96, 6), bool)), "must hold numbers, but holds bool"),
    "a type": (lambda f: f.__setitem__(NAME, np.dtype("f4")), "must be a data set, but is a Datatype"),
    "no frames": (
        lambda f: f.create_dataset(NAME, data=np.ones((96, 0))),
        "must hold at least one pose.*; leave it out",
    ),
    "giant": (
        lambda f: f.create_dataset(NAME, shape=(96, 2**40), dtype="f4", chunks=(96, 10)),
        r"must hold at most 100,000 frames, but claims the shape \(96, 1099511627776\)",
    ),
    "giant chunks": (
        lambda f: f.create_dataset(NAME, shape=(96, 10), maxshape=(96, None), dtype="f4", chunks=(96, 2**20)),
        r"must hold at most 100,000 frames, but claims .* in chunks of \(96, 1048576\)",
    ),
    "never written": (
        lambda f: f.create_dataset(NAME, shape=(96, 60), dtype="f4"),
        "a data file must be whole, .* 0 of 23040 parts are stored",
    ),
    "half written": (half_written, "a data file must be whole, .* 3 of 6 parts are stored"),
    "kept elsewhere": (
        lambda f: f.create_dataset(NAME, shape=(96, 60), dtype="f4", external="secret.bin"),
        "must lie in the file itself, but lies in another; copy its data into it",
    ),
    "virtual": (virtual, "must lie in the file itself, but lies in another"),
}


@pytest.mark.parametrize("case", BAD)
def test_another_content_is_refused(data, case):
    act, message = BAD[case]
    change(data, act)
    refuse(data, f"^S1/{FIRST}: .*{message}")


def test_a_filter_that_fails_is_one_sentence(data, crowd):
    file = data / "S1" / FIRST
    write_file(file, world_mm(crowd), chunks=(96, 60), compression="gzip", fletcher32=True)
    content = bytearray(file.read_bytes())
    content[-400:-300] = bytes(100)
    file.write_bytes(content)
    refuse(data, f"^S1/{FIRST}: a data file must be whole, but .*filter.*; copy it again")

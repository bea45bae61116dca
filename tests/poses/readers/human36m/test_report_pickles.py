"""The report's own pickles."""

import json

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.skeleton import JOINTS
from tests.helpers.fabricate_human36m import refuse
from tests.helpers.fabricate_report_pickles import (
    CAMERAS,
    SUBJECTS,
    camera_parameters,
    contents,
    rotation,
    save,
    world_mm,
    write,
)

LEFT_WRIST, HEAD = JOINTS.index("left_wrist"), JOINTS.index("head")


@pytest.fixture
def data(tmp_path, crowd):
    return write(tmp_path / "report", crowd)


def part(loaded, **names):
    chosen = np.logical_and.reduce([(loaded.index[name] == value).to_numpy() for name, value in names.items()])
    return loaded.poses[chosen], loaded.index[chosen]


def as_seen(crowd, subject, camera):
    """R·(X - pelvis) in metres."""
    world = world_mm(crowd) / 1000
    return (world - world[:, :1]) @ rotation(subject, camera).T


def test_every_tenth_frame_that_a_camera_saw(data, crowd):
    loaded = poses.load(data)
    assert len(loaded) == 7 * (3 * 6 + 4 + 4 * 3)
    assert loaded.notes == ()
    assert [loaded.subjects(split) for split in loaded.splits] == [("S1", "S5", "S6", "S7"), ("S8",), ("S11", "S9")]
    seen, index = part(loaded, subject="S9", camera="58860488", sequence="Directions 1")
    assert index["frame"].tolist() == [0, 10, 20, 30, 40, 50]
    assert set(index["action"]) == {"Directions"}
    np.testing.assert_allclose(seen, as_seen(crowd[::10], "S9", "58860488"), atol=1e-5)
    assert part(loaded, subject="S1", camera="60457274", sequence="Directions 1")[1]["frame"].tolist() == [
        20,
        30,
        40,
        50,
    ]
    assert part(loaded, subject="S1", camera="54138969", sequence="Walking 1")[1]["frame"].tolist() == [0, 10, 20]


@pytest.mark.parametrize("camera", CAMERAS)
def test_each_camera_turns_each_subject(data, crowd, camera):
    loaded = poses.load(data / "dict_h36m_keypoints_world.pkl", every=1)
    for subject in SUBJECTS:
        seen, index = part(loaded, subject=subject, camera=camera, sequence="Directions 1")
        np.testing.assert_allclose(seen, as_seen(crowd[index["frame"]], subject, camera), atol=1e-5)


def test_virtual_cameras_see_every_pose_once(data, crowd):
    for path, options in ((data, {"cameras": "virtual"}), (data, {"cameras": "virtual", "every": 10})):
        loaded = poses.load(path, views=1, **options)
        assert len(loaded) == 7 * (6 + 3)
        seen, _ = part(loaded, subject="S1", sequence="Directions 1")
        np.testing.assert_allclose(seen, crowd[::10], atol=1e-5)
        assert (seen[:, LEFT_WRIST, 0] > 0.3).all()
        assert (seen[:, HEAD, 1] < -0.6).all()


def test_files_may_be_missing(data, crowd):
    (data / "dict_h36m_desc.pkl").unlink()
    loaded = poses.load(data)
    assert len(loaded) == 7 * 4 * (6 + 3)
    seen, _ = part(loaded, subject="S11", camera="60457274", sequence="Directions 1")
    np.testing.assert_allclose(seen, as_seen(crowd[::10], "S11", "60457274"), atol=1e-5)
    (data / "camera-parameters.json").unlink()
    assert set(poses.load(data).index["camera"]) == {"yaw000", "yaw090", "yaw180", "yaw270"}


@pytest.mark.parametrize("protocol", range(6))
def test_other_subject_keys_and_protocols(tmp_path, crowd, protocol):
    world, desc = contents(crowd)
    numbered = {int(subject[1:]): takes for subject, takes in world.items()}
    lower = {f"s_{int(subject[1:]):02}": takes for subject, takes in desc.items()}
    folder = save(tmp_path / "report", numbered, lower, camera_parameters(), protocol)
    assert poses.load(folder).subjects() == tuple(sorted(SUBJECTS))


def test_frame_lists_may_be_arrays_and_thinned(tmp_path, crowd):
    world, desc = contents(crowd)
    for takes in desc.values():
        takes["Directions"]["Directions 1"] = {f"cam{n}": np.arange(1, 60, 10, dtype=np.int32) for n in range(4)}
    loaded = poses.load(save(tmp_path / "report", world, desc, camera_parameters()))
    assert part(loaded, subject="S5", camera="55011271", action="Directions")[1]["frame"].tolist() == [
        1,
        11,
        21,
        31,
        41,
        51,
    ]


@pytest.mark.parametrize(("key", "left_out"), [("Directions", True), ("Directions 1", False), (1, True), ("0", True)])
def test_the_broken_sequence_is_left_out_where_it_can_be_told(tmp_path, crowd, key, left_out):
    world, desc = (
        {s: takes | {"Directions": {key: takes["Directions"]["Directions 1"]}} for s, takes in content.items()}
        for content in contents(crowd)
    )
    loaded = poses.load(save(tmp_path / "report", world, desc, camera_parameters()))
    assert len(part(loaded, subject="S11", action="Directions")[0]) == (0 if left_out else 22)
    assert len(part(loaded, subject="S9", action="Directions")[0]) == 22
    assert bool(loaded.notes) == left_out


def changed(content, change):
    change(content["S1"])
    return content


def _set(*keys):
    *outer, last, value = keys

    def change(content):
        for key in outer:
            content = content[key]
        content[last] = value

    return change


TAKE = ("Directions", "Directions 1")
BAD_WORLD = {
    "no levels": (_set("Directions", np.zeros((5, 17, 3))), "S1 Directions: it must map .* is a value of type ndarray"),
    "empty": (_set("Directions", {}), "S1 Directions: it must map subject, .* is a dict of 0 keys"),
    "list of frames": (_set(*TAKE, [np.zeros((17, 3))]), "S1 Directions 1: it must map frame numbers .* type list"),
    "no frames": (_set(*TAKE, {}), "S1 Directions 1: it must map frame numbers to poses, but is a dict of 0 keys"),
    "named frames": (_set(*TAKE, {"0": np.zeros((17, 3))}), "S1 Directions 1: frames must be whole numbers from 0"),
    "huge frame": (_set(*TAKE, {2**70: np.zeros((17, 3))}), "S1 Directions 1: frames must be whole numbers from 0"),
    "ragged": (_set(*TAKE, 10, np.zeros((16, 3))), r"every pose must be an array .* \['\(16, 3\)', '\(17, 3\)'\]"),
    "nested lists": (_set(*TAKE, {0: [[0.0] * 3] * 17}), "every pose must be an array .* but they are .'list'"),
    "sixteen joints": (_set(*TAKE, {0: np.zeros((16, 3))}), r"shape \(N, 17, 3\)"),
    "texts": (_set(*TAKE, {0: np.full((17, 3), "a")}), "poses must be numbers"),
    "NaN": (_set(*TAKE, 20, np.full((17, 3), np.nan)), r"pelvis of pose 2 \(subject S1, .* frame 20\) has x = nan"),
    "unprintable": (_set("a\nb", {"1": {}}), "names must be printable, but one is a str"),
    "tuple key": (_set((1, 2), {"1": {}}), "names must be printable, but one is a tuple"),
}


@pytest.mark.parametrize("case", BAD_WORLD)
def test_strange_worlds(tmp_path, crowd, case):
    change, message = BAD_WORLD[case]
    world, _ = contents(crowd)
    refuse(save(tmp_path / "report", changed(world, change), None, camera_parameters()), message)


BAD_SEEN = {
    "unknown frame": (_set(*TAKE, {"cam1": [0, 60]}), "cam1: frames must be among those of .* but 60 is not"),
    "no cameras": (_set(*TAKE, {"left": [0]}), "it must list the frames of cam0, cam1, cam2, cam3, but is a dict of 1"),
    "missing": (_set("Directions", {"2": {}}), "S1 Directions 1: it must list the frames of cam0"),
    "text": (_set(*TAKE, {"cam0": "all"}), "cam0: frames must be whole numbers"),
    "floats": (_set(*TAKE, {"cam0": np.zeros(3)}), "cam0: frames must be whole numbers"),
    "negative": (_set(*TAKE, {"cam0": [-1]}), "cam0: frames must be whole numbers"),
}


@pytest.mark.parametrize("case", BAD_SEEN)
def test_strange_lists_of_frames(tmp_path, crowd, case):
    change, message = BAD_SEEN[case]
    world, desc = contents(crowd)
    refuse(save(tmp_path / "report", world, changed(desc, change), camera_parameters()), message)


def test_a_subject_that_nobody_saw(tmp_path, crowd):
    world, desc = contents(crowd)
    nobody = {"Directions": {"Directions 1": {"cam0": []}}, "Walking": {1: {"cam0": []}}}
    folder = save(tmp_path / "report", world, desc | {"S7": nobody}, camera_parameters())
    refuse(folder, "every subject must be seen, but S7 is by no camera")


def test_strange_cameras_and_subjects(data, tmp_path, crowd):
    parameters = camera_parameters()
    del parameters["extrinsics"]["S6"]["58860488"]
    (data / "camera-parameters.json").write_text(json.dumps(parameters))
    refuse(data, "of S6 has no 58860488; add it or give --cameras virtual")
    del parameters["extrinsics"]["S6"]
    (data / "camera-parameters.json").write_text(json.dumps(parameters))
    refuse(data, "but has none of 'S6'; add them or give --cameras virtual")
    world, _ = contents(crowd)
    refuse(save(tmp_path / "a", {"S1": world["S1"], "ann": world["S1"]}), "subjects must be called S1, .* one is 'ann'")
    refuse(
        save(tmp_path / "b", {"S1": world["S1"], 1: world["S1"]}), "must be there once, but S1 Directions 1 is twice"
    )
    refuse(save(tmp_path / "c", {}), "it must map subject, scenario, sequence and frame to a pose, but is a dict of 0")
    refuse(save(tmp_path / "d", [1, 2]), "it must map subject, .* but is a value of type list")
    refuse(data / "dict_h36m_desc.pkl", "every pose must be an array|frames must be|it must map frame numbers")


def test_truncated_files(data):
    for name in ("dict_h36m_keypoints_world.pkl", "dict_h36m_desc.pkl"):
        whole = (data / name).read_bytes()
        for size in (0, 1, 30, len(whole) // 2, len(whole) - 1):
            (data / name).write_bytes(whole[:size])
            refuse(data, f"{name}: a pickle must be whole")
        (data / name).write_bytes(whole)


def test_progress_counts_files(data):
    heard = []
    poses.load(data, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 2), (2, 2)]

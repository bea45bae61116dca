"""The labels of learnable-triangulation."""

import json

import numpy as np
import pytest
from numpy.lib import recfunctions

from acai_ray import poses
from acai_ray.common.skeleton import JOINTS
from acai_ray.poses.readers.human36m.triangulation_labels import JOINTS_17
from tests.helpers.fabricate_human36m import refuse
from tests.helpers.fabricate_report_pickles import CAMERAS, SUBJECTS, camera_parameters, rotation, world_mm
from tests.helpers.fabricate_triangulation_labels import THEIRS, contents, save, write

LEFT_WRIST, HEAD = JOINTS.index("left_wrist"), JOINTS.index("head")


@pytest.fixture
def data(tmp_path, crowd):
    return write(tmp_path, crowd)


def one(loaded, subject, action, camera):
    index = loaded.index
    chosen = (index["subject"] == subject) & (index["action"] == action) & (index["camera"] == camera)
    return loaded.poses[chosen.to_numpy()], index[chosen]


def as_seen(crowd, subject, camera):
    """R·(X - pelvis) in metres."""
    world = world_mm(crowd) / 1000
    return (world - world[:, :1]) @ rotation(subject, camera).T


def test_joint_order_is_a_permutation_and_its_inverse():
    assert [THEIRS[place] for place in JOINTS_17] == list(range(17))


def test_the_cameras_of_each_subject_turn_its_poses(data, crowd):
    loaded = poses.load(data)
    assert [loaded.subjects(split) for split in loaded.splits] == [("S1", "S5", "S6", "S7"), ("S8",), ("S11", "S9")]
    assert len(loaded) == 7 * 4 * (6 + 5)
    for subject in SUBJECTS:
        for camera in CAMERAS:
            seen, index = one(loaded, subject, "Directions", camera)
            assert index["frame"].tolist() == [0, 10, 20, 30, 40, 50]
            assert set(index["sequence"]) == {"Directions-1"}
            np.testing.assert_allclose(seen, as_seen(crowd[::10], subject, camera), atol=1e-5)
    assert one(loaded, "S9", "Walking", CAMERAS[1])[1]["frame"].tolist() == [0, 10, 20, 30, 40]


def test_virtual_cameras(data, crowd):
    loaded = poses.load(data, cameras="virtual", views=1)
    seen, _ = one(loaded, "S7", "Directions", "yaw000")
    np.testing.assert_allclose(seen, crowd[::10], atol=1e-5)
    assert (seen[:, LEFT_WRIST, 0] > 0.3).all()
    assert (seen[:, HEAD, 1] < -0.6).all()


def test_another_camera_file(data, tmp_path, crowd):
    parameters = camera_parameters()
    parameters["extrinsics"] = {s: {"mine": {"R": rotation("S11", CAMERAS[3]).tolist()}} for s in SUBJECTS}
    (tmp_path / "mine.json").write_text(json.dumps(parameters))
    seen, _ = one(poses.load(data, cameras=str(tmp_path / "mine.json")), "S1", "Directions", "mine")
    np.testing.assert_allclose(seen, as_seen(crowd[::10], "S11", CAMERAS[3]), atol=1e-5)


def test_every_and_the_order_of_rows(data, tmp_path, crowd):
    content = contents(crowd)
    content["table"] = content["table"][np.random.default_rng(0).permutation(len(content["table"]))]
    shuffled = save(tmp_path / "shuffled.npy", content)
    for options in ({}, {"every": 1}, {"every": 7}):
        ordered, again = poses.load(data, **options), poses.load(shuffled, **options)
        np.testing.assert_array_equal(ordered.poses, again.poses)
    assert len(poses.load(data, every=1)) == 7 * 4 * (60 + 25)


def field(content, name, value):
    table = content["table"].copy()
    table[name] = value
    return content | {"table": table}


def without(content, name):
    return {key: value for key, value in content.items() if key != name}


BAD = {
    **{
        f"no {key}": ((lambda c, key=key: without(c, key)), f"it must hold `{key}`")
        for key in contents(np.zeros((60, 17, 3)))
    },
    "no keypoints": (
        lambda c: c | {"table": recfunctions.drop_fields(c["table"], "keypoints")},
        "`table` must be an array with the field `keypoints`",
    ),
    "plain table": (
        lambda c: c | {"table": np.zeros((5, 17, 3))},
        "`table` must be an array with the field `keypoints`",
    ),
    "list": (lambda c: c | {"table": [1]}, "`table` must be an array with the field `keypoints`"),
    "subject": (lambda c: field(c, "subject_idx", 7), "`subject_idx` must be whole numbers from 0 to 6"),
    "action": (lambda c: field(c, "action_idx", -1), "`action_idx` must be whole numbers from 0 to 1"),
    "frame": (lambda c: field(c, "frame_idx", -1), "`frame_idx` must be whole numbers from 0"),
    "names": (lambda c: c | {"subject_names": 5}, "subject_names: it must be a list of names"),
    "numbers for names": (lambda c: c | {"action_names": [1, 2]}, "action_names: it must be a list of names"),
    "line break": (lambda c: c | {"camera_names": ["a\n"] * 4}, "camera_names: it must be a list of names"),
    "few cameras": (lambda c: c | {"cameras": c["cameras"][:3]}, r"7 subjects by 4 cameras, but its shape is \(3, 4\)"),
    "no R": (lambda c: c | {"cameras": np.zeros((7, 4))}, "`cameras` must be an array with the field `R`"),
    "no rotation": (
        lambda c: c | {"cameras": np.zeros_like(c["cameras"])},
        "S1 54138969: a camera's R must be a 3 × 3",
    ),
    "NaN": (lambda c: field(c, "keypoints", np.nan), "has x = nan"),
    "metres": (lambda c: field(c, "keypoints", c["table"]["keypoints"] / 1000), "poses must be in metres"),
    "none": (lambda c: c | {"table": c["table"][:0]}, "the part train must hold at least one subject"),
    "sixteen joints": (
        lambda c: (
            c
            | {
                "table": np.zeros(
                    9, [*[(n, "i2") for n in ("subject_idx", "action_idx", "frame_idx")], ("keypoints", "f4", (16, 3))]
                )
            }
        ),
        r"shape \(N, 17, 3\)",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_strange_contents(tmp_path, crowd, case):
    change, message = BAD[case]
    assert "bad.npy" in refuse(save(tmp_path / "bad.npy", change(contents(crowd))), message)


def test_other_objects(tmp_path):
    for content in ({}, {"a": 1}, [1, 2], 7, None):
        path = tmp_path / "bad.npy"
        holder = np.empty((), dtype=object)
        holder[()] = content
        np.save(path, holder, allow_pickle=True)
        refuse(path, "bad.npy: an .npy of one object must be .*, but is a .*; save its array of poses alone")


def test_truncated_files(data):
    whole = data.read_bytes()
    for size in (9, 70, 200, len(whole) // 2, len(whole) - 1):
        data.write_bytes(whole[:size])
        refuse(data, "must be whole|its content is none of these or is damaged")


def test_progress_counts_files(data):
    heard = []
    poses.load(data, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(1, 1)]

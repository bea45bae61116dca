"""MotionBERT's pickles."""

import collections

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.skeleton import BONES, JOINTS
from tests.helpers.fabricate_human36m import refuse
from tests.helpers.fabricate_motionbert import CAMERAS, TURN, contents, save, write

LEFT_WRIST, HEAD = JOINTS.index("left_wrist"), JOINTS.index("head")
NAMED = {"train": ["S9"], "test": ["S11"]}


@pytest.fixture
def data(tmp_path, crowd):
    return write(tmp_path, crowd)


def one(loaded, subject, action, camera):
    index = loaded.index
    chosen = (index["subject"] == subject) & (index["action"] == action) & (index["camera"] == camera)
    return loaded.poses[chosen.to_numpy()], index[chosen]


def total_lengths(seen):
    children, parents = np.array(BONES).T
    return np.linalg.norm(seen[:, children] - seen[:, parents], axis=-1).sum(axis=1)


def test_the_test_part_is_metric(data, crowd):
    loaded = poses.load(data, **NAMED)
    assert loaded.subjects("train") == ("S9",)
    assert loaded.subjects("test") == ("S11",)
    assert len(loaded) == 2 * 2 * (6 + 3)
    for number, camera in enumerate(CAMERAS):
        seen, index = one(loaded, "S11", "Greeting", camera)
        assert index["frame"].tolist() == [0, 10, 20, 30, 40, 50]
        assert set(index["sequence"]) == {"Greeting 2"}
        np.testing.assert_allclose(seen, crowd[::10] @ np.linalg.matrix_power(TURN, number).T, atol=1e-5)
    front, _ = one(loaded, "S9", "Walking", CAMERAS[0])
    assert (front[:, LEFT_WRIST, 0] > 0.3).all()
    assert (front[:, HEAD, 1] < -0.6).all()


def test_the_training_part_has_no_metric_scale(data):
    message = "train: poses must have a metric scale, but these have none; give --scale bones"
    assert refuse(data, message).startswith(data.name)
    refuse(data, message, train=["S1"], test=["S9"])


def test_scaled_by_bones(data, crowd):
    loaded = poses.load(data, scale="bones")
    assert [loaded.subjects(split) for split in loaded.splits] == [("S1", "S5", "S6", "S7"), ("S8",), ("S11", "S9")]
    np.testing.assert_allclose(total_lengths(loaded.poses), 4.09, atol=1e-4)
    seen, _ = one(loaded, "S5", "Walking", CAMERAS[0])
    np.testing.assert_allclose(seen, crowd[:25:10] * 4.09 / total_lengths(crowd[:25:10])[:, None, None], atol=1e-3)


def test_every_nth_frame_of_each_camera(data):
    loaded = poses.load(data, every=25, **NAMED)
    for camera in CAMERAS:
        assert one(loaded, "S9", "Greeting", camera)[1]["frame"].tolist() == [0, 25, 50]


@pytest.mark.parametrize("protocol", range(6))
def test_other_ways_to_store_the_same(tmp_path, crowd, data, protocol):
    content = contents(crowd)
    test = content["test"]
    test["joints_2.5d_image"] = list(test["joints_2.5d_image"])
    test["source"] = np.array(test["source"], dtype=object if protocol % 2 else str)
    test["camera_name"] = list(map(str, test["camera_name"]))
    wrapped = collections.OrderedDict(train=collections.defaultdict(list, content["train"]), test=test)
    again = poses.load(save(tmp_path / "again.pkl", wrapped, protocol), **NAMED)
    np.testing.assert_array_equal(again.poses, poses.load(data, **NAMED).poses)


def test_a_part_may_be_missing(tmp_path, crowd):
    path = save(tmp_path / "test.pkl", {"test": contents(crowd)["test"]})
    assert poses.load(path, **NAMED).subjects() == ("S11", "S9")


@pytest.mark.parametrize(
    ("source", "named"),
    [("s_01_act_02_subact_01_ca_01", "S1 Directions 1"), ("s_11_act_16_subact_02", "S11 WalkTogether 2")]
    + [
        (f"s_09_act_{number}_subact_02_ca_04", f"S9 {name} 2")
        for number, name in (("10", "SittingDown"), ("13", "Waiting"))
    ],
)
def test_names(tmp_path, crowd, source, named):
    test = contents(crowd)["test"]
    test["source"][:60] = [source] * 60
    index = poses.load(save(tmp_path / "a.pkl", {"test": test}), train=[named.split()[0]]).index
    assert named in set(index["subject"].astype(str) + " " + index["sequence"].astype(str))


def without(part, key):
    return {name: value for name, value in part.items() if name != key}


BAD = {
    "no source": (lambda p: without(p, "source"), "test: it must hold `source`, but is a dict of 7 keys"),
    "no poses": (lambda p: without(p, "joint3d_image"), "test: it must hold `joint3d_image`"),
    "no camera": (lambda p: without(p, "camera_name"), "test: it must hold `camera_name`"),
    "short source": (lambda p: p | {"source": p["source"][1:]}, "`source` must hold 340 texts, .* but is 339 values"),
    "numbers": (lambda p: p | {"source": np.arange(340)}, "`source` must hold 340 texts, .* but is 340 values"),
    "text": (lambda p: p | {"camera_name": "all"}, "`camera_name` must hold 340 texts, one a pose, but is a str"),
    "line break": (lambda p: p | {"camera_name": ["a\nb"] * 340}, r"must hold printable names, but one is 'a\\nb'"),
    "names": (lambda p: p | {"source": ["Walking"] * 340}, "s_09_act_05_subact_02_ca_01, but one is 'Walking'"),
    "action": (lambda p: p | {"source": ["s_09_act_17_subact_01"] * 340}, "but one is 's_09_act_17_subact_01'"),
    "joints": (lambda p: p | {"joints_2.5d_image": np.zeros((340, 16, 3))}, r"shape \(N, 17, 3\)"),
    "ragged": (lambda p: p | {"joints_2.5d_image": [np.zeros((17, 3)), 5]}, "must be an array .* but is a list"),
    "dict": (lambda p: p | {"joints_2.5d_image": {}}, "joints_2.5d_image: it must be an array .* but is a dict"),
    "objects": (lambda p: p | {"joints_2.5d_image": np.full((340, 17, 3), None)}, "poses must be numbers"),
    "none": (lambda p: p | {"joints_2.5d_image": np.zeros((0, 17, 3))}, "must hold at least one pose"),
    "NaN": (lambda p: p | {"joints_2.5d_image": np.full((340, 17, 3), np.nan)}, "pelvis of pose .* has x = nan"),
    "metres": (lambda p: p | {"joints_2.5d_image": p["joints_2.5d_image"] / 1000}, "poses must be in metres"),
    "not a part": (lambda p: [1], "it must hold dicts train and test, but is a dict of 2 keys"),
}


@pytest.mark.parametrize("case", BAD)
def test_strange_contents(tmp_path, crowd, case):
    change, message = BAD[case]
    content = contents(crowd)
    path = save(tmp_path / "bad.pkl", content | {"test": change(content["test"])})
    assert refuse(path, message, **NAMED).startswith("bad.pkl")


def test_other_pickles_are_refused_with_what_is_expected(tmp_path):
    for content in ({"poses": 1}, [0.5], 70, {}, np.zeros(3), {"a": {"b": [None] * 20}}):
        message = refuse(save(tmp_path / "other.pkl", content), r"^other.pkl: a pickle must be one of \[the report's")
        assert "MotionBERT's pickle of `train` and `test`" in message


def test_truncated_files(data):
    whole = data.read_bytes()
    for size in (1, 30, 300, len(whole) // 2, len(whole) - 1):
        data.write_bytes(whole[:size])
        refuse(data, "a pickle must be whole|its content is none of these or is damaged", **NAMED)


def test_progress_counts_files(data):
    heard = []
    poses.load(data, progress=lambda done, total: heard.append((done, total)), **NAMED)
    assert heard == [(1, 1)]

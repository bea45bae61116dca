"""Joint sets of arrays: each set mapped forth and back on real skeletons, users' maps, and what is refused."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from acai_ray import poses
from acai_ray.common.errors import RuleError, UserError
from acai_ray.common.skeleton import JOINTS
from acai_ray.poses import joint_sets
from acai_ray.poses.derived_joints import RULES, underivable

EVERY = sorted(joint_sets.named())

FARTHEST_M = {"pelvis": 0.02, "spine": 0.05, "neck": 0.05, "head": 0.05}
"""Metres that computed joints may lie from recorded ones on average in motion capture; docs/poses.md has numbers."""


def in_set(seventeen: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    """Poses of a joint set of which the Human3.6M joints are these; what else it has lies far away, not a number."""
    joints = joint_sets.named()[name]
    out = np.full((len(seventeen), joints.count or 0, 3), np.nan, np.float32)
    for joint, places in joints.points.items():  # several places first, so that joints of their own are not overwritten
        if len(places) > 1:
            out[:, places] = seventeen[:, [JOINTS.index(joint)]]
    for joint, places in joints.points.items():
        if len(places) == 1:
            out[:, places[0]] = seventeen[:, JOINTS.index(joint)]
    return out


@pytest.mark.parametrize("name", EVERY)
def test_the_joints_of_a_set_are_found_again(name: str, pose_set: poses.PoseSet) -> None:
    known = pose_set.poses[::500]
    joints = joint_sets.named()[name]
    found = joints.seventeen(in_set(known, name), "file")
    alone = [joint for joint, places in joints.points.items() if len(places) == 1]
    assert len(alone) >= 12
    for joint in alone:
        np.testing.assert_array_equal(found[:, JOINTS.index(joint)], known[:, JOINTS.index(joint)])
    assert np.isfinite(found).all()
    assert found.shape == known.shape
    flat = in_set(known, name).reshape(len(known), -1)
    np.testing.assert_array_equal(joints.seventeen(flat, "file"), found)


@pytest.mark.parametrize("name", EVERY)
def test_a_set_names_each_joint_once_and_lacks_only_what_can_be_computed(name: str) -> None:
    joints = joint_sets.named()[name]
    assert not underivable(joints.points)
    assert len(set(joints.points.values())) == len(joints.points)
    for joint, places in joints.points.items():
        others = [place for other, other_places in joints.points.items() if other != joint for place in other_places]
        if len(places) == 1 and joint not in ("left_shoulder", "right_shoulder"):
            assert places[0] not in others or name == "kinect25"


def test_the_17_of_mpi_are_among_its_28() -> None:
    """The places that the set's authors give for evaluation, counted from 1."""
    evaluated = [8, 6, 15, 16, 17, 10, 11, 12, 24, 25, 26, 19, 20, 21, 5, 4, 7]
    known = np.random.default_rng(0).normal(size=(3, 28, 3))
    of_28 = joint_sets.named()["mpi28"].seventeen(known, "file")
    of_17 = joint_sets.named()["mpi17"].seventeen(known[:, [place - 1 for place in evaluated]], "file")
    np.testing.assert_array_equal(of_28, of_17)


def test_the_17_of_human36m_are_among_its_32() -> None:
    known = np.random.default_rng(0).normal(size=(3, 32, 3))
    picked = [0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27]
    np.testing.assert_array_equal(joint_sets.named()["h36m32"].seventeen(known, "file"), known[:, picked])


@pytest.mark.parametrize("joint", RULES)
def test_a_computed_joint_lies_near_the_recorded_one(joint: str, cmu17: poses.PoseSet) -> None:
    known = cmu17.poses
    places = {other: (place,) for place, other in enumerate(JOINTS) if other != joint}
    found = joint_sets.JointSet("own", "own", places, None).seventeen(known, "file")
    distance = np.linalg.norm(found - known, axis=-1)[:, JOINTS.index(joint)].mean()
    print(f"{joint}: {1000 * distance:.1f} mm")
    assert distance < FARTHEST_M[joint]


@pytest.mark.parametrize("name", EVERY)
def test_a_file_of_a_set_is_read(tmp_path: Path, name: str, pose_set: poses.PoseSet) -> None:
    file = tmp_path / "mine.npz"
    of_set = in_set(pose_set.poses[::40], name)
    np.savez(file, poses=np.nan_to_num(of_set), subject=pose_set.index["subject"].to_numpy()[::40].astype(str))
    read = poses.load(file, joints=name)
    assert any(f"--joints {name}" in note for note in read.notes)
    assert len(read.poses) == len(of_set)
    if name != "mpi17" and name != "coco17":
        with pytest.raises(UserError, match=f"--joints {name}"):
            poses.load(file)


def test_a_folder_of_sequences_and_a_folder_of_splits_are_read(tmp_path: Path, pose_set: poses.PoseSet) -> None:
    for number, who in enumerate(pose_set.subjects()):
        own = pose_set.poses[(pose_set.index["subject"] == who).to_numpy()][::40]
        (tmp_path / "sequences").mkdir(exist_ok=True)
        np.save(tmp_path / "sequences" / f"subject{number}.npy", np.nan_to_num(in_set(own, "smpl22")))
    read = poses.load(tmp_path / "sequences", joints="smpl22")
    assert len(read.subjects()) == len(pose_set.subjects())
    assert sum("smpl22" in note for note in read.notes) == 1
    (tmp_path / "split").mkdir()
    for split in ("train", "valid", "test"):
        of_set = np.nan_to_num(in_set(pose_set.split(split).poses[::40], "smpl22"))
        np.savez(tmp_path / "split" / f"{split}.npz", poses=of_set)
    assert poses.load(tmp_path / "split", joints="smpl22").splits == ("train", "valid", "test")


def test_a_users_map_of_places(tmp_path: Path, pose_set: poses.PoseSet) -> None:
    joints = joint_sets.named()["smpl22"]
    lines = [f"{joint}: {list(places) if len(places) > 1 else places[0]}" for joint, places in joints.points.items()]
    (tmp_path / "joints.yml").write_text("\n".join(lines), encoding="utf-8")
    file = tmp_path / "mine.npz"
    of_set = np.nan_to_num(in_set(pose_set.poses[::40], "smpl22"))
    np.savez(file, poses=of_set, subject=pose_set.index["subject"].to_numpy()[::40].astype(str))
    by_map = poses.load(file, joints=str(tmp_path / "joints.yml"))
    np.testing.assert_array_equal(by_map.poses, poses.load(file, joints="smpl22").poses)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[1, 2]", "must have Human3.6M joints as keys .* but list"),
        ("elbow: 3", "as keys .* but has 'elbow'"),
        ("right_hip: 1", "add right_knee, right_ankle"),
        ("right_hip: hip", "right_hip must be the place of a joint, counted from 0"),
        ("right_hip: -1", "right_hip must be the place"),
        ("right_hip: true", "right_hip must be the place"),
        ("right_hip: []", "right_hip must be the place"),
    ],
)
def test_a_wrong_map_is_told(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "joints.yml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match=said):
        joint_sets.chosen(str(file))


def test_two_joints_in_one_place_are_told(tmp_path: Path) -> None:
    file = tmp_path / "joints.yml"
    file.write_text("\n".join(f"{joint}: 3" for joint in JOINTS), encoding="utf-8")
    with pytest.raises(UserError, match=r"pelvis and right_hip are both 3"):
        joint_sets.chosen(str(file))


def test_an_unknown_name_is_told_with_the_nearest() -> None:
    with pytest.raises(UserError, match=r"'smpl_22' is neither; did you mean smpl22\?"):
        joint_sets.chosen("smpl_22")


@pytest.mark.parametrize("shape", [(5, 24, 3), (5, 22, 2), (5, 67), (22, 3), (5, 4, 22, 3)])
def test_poses_of_another_shape_are_told(shape: tuple[int, ...]) -> None:
    with pytest.raises(RuleError, match=r"with --joints smpl22, .* \(N, 22, 3\), but are float64 of "):
        joint_sets.named()["smpl22"].seventeen(np.zeros(shape), "file")


def test_a_map_beyond_the_last_joint_is_told() -> None:
    joints = joint_sets.JointSet("joints.yml", "own", {joint: (place,) for place, joint in enumerate(JOINTS)}, None)
    with pytest.raises(RuleError, match=r"\(N, at least 17, 3\), but are float64 of \(5, 16, 3\)"):
        joints.seventeen(np.zeros((5, 16, 3)), "file")

"""Poses that are none of people, and files of other shapes and names: each gets the sentence that helps."""

import re

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import JOINTS
from acai_ray.data.__main__ import main
from acai_ray.poses import body_checks
from acai_ray.poses.bending import ELBOWS, KNEES, clear_bends
from acai_ray.poses.shapes import remedy_for


@pytest.fixture(scope="module")
def people() -> poses.PoseSet:
    return poses.load("synthetic", views=1)


def saved(path, people: poses.PoseSet, change=lambda some: some, names=None, **more):
    rows = np.arange(0, len(people), 5)
    subject = people.index["subject"].astype(str).to_numpy()[rows]
    subject = subject if names is None else np.array([names[who] for who in subject])
    np.savez(path, poses=change(people.poses[rows].copy()), subject=subject, **more)
    return path


def exchanged(*joints: str):
    a, b = (JOINTS.index(joint) for joint in joints)

    def change(some):
        some[:, [a, b]] = some[:, [b, a]]
        return some

    return change


def two_d(some):
    some[..., 2] = 0.9 + 0.05 * np.sin(np.arange(some[..., 2].size)).reshape(some.shape[:2])
    return some


def without_wrist(some):
    some[::9, JOINTS.index("left_wrist")] = 0
    return some


def in_another_order(some):
    return some[:, [10, 8, 14, 15, 16, 11, 12, 13, 1, 2, 3, 4, 5, 6, 0, 7, 9]]


WRONG = {
    "2D with a confidence": (two_d, "depth must spread at least 0.2 times as far as width and height"),
    "2D with zeros": (lambda some: some * np.float32([1, 1, 0]), "so the third number is no depth"),
    "normalised": (lambda some: 0.55 * some, r"people must measure 1 to 2.1 m .*; give --unit .* or --scale bones"),
    "too tall": (lambda some: 1.5 * some, r"people must measure 1 to 2.1 m"),
    "spine and thorax": (exchanged("spine", "thorax"), "the thorax lies 0.* m below the spine; bring the joints into"),
    "thorax and neck": (exchanged("thorax", "neck"), "the trunk's joints must ascend"),
    "neck and head": (exchanged("neck", "head"), "the head lies 0.* m below the neck"),
    "missing wrists": (
        without_wrist,
        r"in [\d,]+ poses one lies exactly in the pelvis .* first the left_wrist of pose 0",
    ),
    "another order": (in_another_order, "the joints are probably in another order, .* give --joints mpi17 or coco17"),
    "mirrored": (lambda some: some * np.float32([-1, 1, 1]), "knees must bend forwards"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_body_is_refused(case, people, tmp_path) -> None:
    change, sentence = WRONG[case]
    with pytest.raises(UserError, match=sentence):
        poses.load(saved(tmp_path / "a.npz", people, change))


def test_poses_without_scale_are_read_as_the_sentence_says(people, tmp_path) -> None:
    path = saved(tmp_path / "a.npz", people, lambda some: 0.55 * some)
    assert len(poses.load(path, scale="bones").splits) == 3


@pytest.mark.parametrize(
    ("shape", "remedy"),
    [
        ((17, 3), r"poses\[None\]"),
        ((9, 3, 17), r"poses.transpose\(0, 2, 1\)"),
        ((17, 9, 3), r"poses.transpose\(1, 0, 2\)"),
        ((9, 17, 2), "these are 2D, but 3D poses are needed"),
        ((9, 34), "these are 2D"),
        ((4, 75, 17, 2), "these are 2D"),
        ((9, 17, 4), r"poses\[..., :3\]"),
        ((4, 75, 17, 3), r"poses.reshape\(-1, 17, 3\)"),
        ((9, 1, 17, 3), r"poses\[:, 0\]"),
        ((1, 9, 17, 3), r"poses\[0\]"),
        ((4, 75, 51), r"poses.reshape\(-1, 17, 3\)"),
        ((4, 75, 16, 3), r"poses.reshape\(-1, 16, 3\); then .*--joints h36m16"),
        ((9, 16, 3), "17 without neck/nose, .*--joints h36m16"),
        ((9, 32, 3), "--joints h36m32"),
        ((9, 24, 3), "SMPL's 24 joints"),
        ((9, 25, 3), "Kinect"),
        ((9, 28, 3), "MPI-INF-3DHP's 28 joints"),
        ((9, 75), "25 joints"),
        ((9, 156), "SMPL's rotations"),
        ((9, 72), "SMPL's rotations"),
        ((9, 11, 3), "these have 11 joints"),
        ((9, 7), "the axes pose, joint, coordinate"),
        ((9,), "the axes pose, joint, coordinate"),
    ],
)
def test_other_shapes_get_their_remedy(shape, remedy, tmp_path) -> None:
    np.savez(tmp_path / "a.npz", poses=np.zeros(shape, np.float32))
    with pytest.raises(UserError, match=remedy):
        poses.load(tmp_path / "a.npz")


@pytest.mark.parametrize("shape", [(9, 3, 17), (17, 9, 3), (9, 17, 4), (4, 5, 17, 3), (9, 1, 17, 3), (1, 9, 17, 3)])
def test_a_remedy_of_one_expression_gives_poses(shape) -> None:
    code = re.search(r"poses[.\[].*?(?=, with |$)", remedy_for(shape))
    changed = eval(code[0], {"poses": np.zeros(shape)})
    assert changed.shape[1:] == (17, 3)


@pytest.mark.parametrize("spelled", ["s{}", "S_0{}", " S{} ", "{}", b"S%d"])
def test_human36m_is_known_by_any_spelling(spelled, people, tmp_path) -> None:
    numbers = dict(zip(people.subjects(), [1, 5, 6, 7, 8, 9, 11, 11], strict=False))
    names = {who: spelled % n if isinstance(spelled, bytes) else spelled.format(n) for who, n in numbers.items()}
    loaded = poses.load(saved(tmp_path / "a.npz", people, names=names))
    assert loaded.split("test").subjects() == ("S11", "S9")
    assert loaded.split("valid").subjects() == ("S8",)


def test_names_that_may_mislead_are_told(people, tmp_path) -> None:
    first, second, *_ = people.subjects()
    names = {who: who for who in people.subjects()} | {first: "ann", second: "ANN"}
    assert any("'ann' and 'ANN' differ in their letters' case only" in n for n in loaded_notes(tmp_path, people, names))
    names |= {first: "S1", second: "S2"}
    assert any("Human3.6M's split is not applied, since " in n for n in loaded_notes(tmp_path, people, names))


def loaded_notes(folder, people, names) -> tuple[str, ...]:
    return tuple(poses.load(saved(folder / "a.npz", people, names=names)).notes)


def test_a_lone_array_is_looked_at_and_its_person_has_a_name(people, tmp_path, capsys) -> None:
    np.save(tmp_path / "lone.npy", people.poses[:20])
    with pytest.raises(UserError, match=r"but has 1, lone; .* --train lone"):
        poses.load(tmp_path / "lone.npy")
    assert poses.load(tmp_path / "lone.npy", train=["lone"]).subjects() == ("lone",)
    assert main(["preview", str(tmp_path / "lone.npy"), "--out", str(tmp_path / "pictures")]) == 0
    assert "fewer than 3 people, so they are not split" in capsys.readouterr().err
    assert main(["convert", str(tmp_path / "lone.npy"), str(tmp_path / "lone.parquet")]) == 0


def test_a_folder_of_sequences_is_read(people, tmp_path, capsys) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    for number, who in enumerate(("ann", "bob", "cyd")):
        np.save(folder / f"{who}_walk.npy", people.poses[100 * number : 100 * number + 50])
        np.savez(folder / f"{who}_run.npz", poses=people.poses[100 * number + 50 : 100 * number + 90])
    loaded = poses.load(folder, subject_pattern="([a-z]+)_")
    assert sorted(loaded.subjects()) == ["ann", "bob", "cyd"]
    assert set(loaded.index["sequence"].astype(str)) == {
        f"{who}_{what}" for who in ("ann", "bob", "cyd") for what in ("walk", "run")
    }
    main(["inspect", str(folder), "--subject-pattern", "([a-z]+)_"])
    assert "has none here" not in capsys.readouterr().out
    with pytest.raises(UserError, match=r"but has 1, mine; .*--subject-pattern for a folder of files"):
        poses.load(folder)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("a.mat", "scipy.io.loadmat"),
        ("a.c3d", "hold markers"),
        ("a.FBX", "as BVH"),
        ("a.csv", "pandas.read_csv"),
        ("a.json", "json.load"),
        ("a.pt", "torch.load"),
    ],
)
def test_files_of_other_kinds_are_told_what_they_are(name, sentence, tmp_path) -> None:
    (tmp_path / name).write_bytes(b"?? something else")
    with pytest.raises(UserError, match=sentence):
        poses.load(tmp_path / name)


def test_straight_legs_bend_nowhere() -> None:
    """A knee two degrees overstretched, or to the side, is not bent; long thighs make no difference."""
    standing = np.zeros((30, 17, 3), np.float32)
    standing[:, JOINTS.index("thorax"), 1] = -0.5
    for side, x in (("right", -0.1), ("left", 0.1)):
        hip, knee, ankle = (JOINTS.index(f"{side}_{part}") for part in ("hip", "knee", "ankle"))
        standing[:, hip, 0] = standing[:, ankle, 0] = x
        standing[:, knee] = (x * 1.2, 0.55, 0.01)
        standing[:, ankle, 1] = 0.9
    assert len(clear_bends(standing, KNEES)) == 0
    standing[:, [JOINTS.index("right_knee"), JOINTS.index("left_knee")], 2] = -0.2
    assert clear_bends(standing, KNEES).all()


def test_what_is_measured_of_people(people) -> None:
    assert 1.4 < np.median(body_checks.heights(people.poses)) < 1.8
    assert body_checks.trunk_steps(people.poses).min() > 0.05
    assert body_checks.depth_share(people.poses) > 0.5
    assert clear_bends(people.poses, KNEES).mean() > 0.99
    assert clear_bends(people.poses, ELBOWS).mean() < 0.1

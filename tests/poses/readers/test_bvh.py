"""BVH files of many programs give the Human3.6M joints; damaged ones are refused in one sentence."""

import contextlib
import re
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import JOINTS
from acai_ray.common.yaml_files import read_yaml
from acai_ray.poses import formats
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers import bvh
from acai_ray.poses.readers.bvh import files as bvh_files
from acai_ray.poses.readers.bvh.conventions import CONVENTIONS
from acai_ray.poses.readers.bvh.measures import LEG, UNITS, unit_of
from tests.helpers import fabricate_bvh
from tests.helpers.fabricate_bvh import CMU_NAMES, DOWN, PLAIN, STYLES, X_UP, Z_UP, Style, write_file
from tests.helpers.fabricate_human36m import refuse
from tests.helpers.pages import ROOT

LEFT_WRIST, RIGHT_WRIST, HEAD = (JOINTS.index(joint) for joint in ("left_wrist", "right_wrist", "head"))
DOCS = ROOT / "docs" / "poses.md"
PEOPLE = ("subject1", "subject2", "subject3")


def write_people(folder, style=PLAIN, bones=None, frames=40):
    """A file of each of three people; gives their joints in the axes of the front camera."""
    return {name: write_file(folder / f"{name}.bvh", frames, seed, style, bones) for seed, name in enumerate(PEOPLE)}


def edit(path, *changes):
    content = path.read_text()
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    path.write_text(content)


def front(loaded, subject):
    rows = (loaded.index["camera"] == "yaw000") & (loaded.index["subject"] == subject)
    return loaded.poses[rows.to_numpy()]


def assert_joints(loaded, joints, step=3, first=0):
    for subject, known in joints.items():
        np.testing.assert_allclose(front(loaded, subject), known[first::step], atol=2e-4)


@pytest.mark.parametrize("name", STYLES)
def test_each_naming_gives_the_same_joints(tmp_path, name):
    loaded = poses.load(write_people(tmp_path / "a", STYLES[name]) and tmp_path / "a")
    assert_joints(loaded, write_people(tmp_path / "b"))
    seen = front(loaded, "subject1")
    assert (seen[:, LEFT_WRIST, 0] > 0.1).all()
    assert (seen[:, RIGHT_WRIST, 0] < -0.1).all()
    assert (seen[:, HEAD, 1] < -0.5).all()
    assert (seen[:, LEFT_WRIST, 2] < -0.1).all()


def test_cmu_bones_are_put_back_and_the_rest_pose_is_left_out(tmp_path, crowd):
    loaded = poses.load(fabricate_bvh.write(tmp_path, crowd))
    assert loaded.subjects() == ("01", "02", "03", "04", "05")
    bones = fabricate_bvh.cmu_skeleton()
    assert_joints(loaded, {"03": fabricate_bvh.seventeen(bones, fabricate_bvh.turns(bones, 60, seed=3))})
    index = loaded.index[(loaded.index["sequence"] == "01_02") & (loaded.index["camera"] == "yaw000")]
    assert index["frame"].tolist() == list(range(1, 61, 3))
    assert set(index["action"]) == {"02"}
    assert loaded.notes == (
        "people are the numbers before the `_` in the file names: 01, 02, 03, 04, 05; if they are not, give "
        "--subject-pattern",
        "6 files: frames at the start that show the rest pose left out, 6 in all",
        "6 files: bones that the conversion leaves out put back",
        "6 files: read as CMU's units of 1/0.45 inches, in which their legs have a person's length",
    )


def test_a_t_pose_of_whole_degrees_is_left_out(tmp_path):
    write_people(tmp_path, Style(PLAIN.names, rest=2))
    path = tmp_path / "subject2.bvh"
    lines = path.read_text().split("\n")
    place = next(place for place, line in enumerate(lines) if line.startswith("Frame Time")) + 1
    numbers = lines[place].split()
    numbers[9:12], numbers[20] = ["-21", "0", "0"], "16.000"
    lines[place] = " ".join(numbers)
    path.write_text("\n".join(lines))
    index = poses.load(tmp_path).index
    assert index.groupby("subject", observed=True)["frame"].min().tolist() == [2, 2, 2]
    alone = tmp_path / "alone" / "still.bvh"
    alone.parent.mkdir()
    alone.write_text("\n".join(lines[: place + 2]).replace("Frames: 42", "Frames: 2"))
    refuse(alone, "still.bvh: a file must show motion, but holds only 2 frames at rest; leave it out")


@pytest.mark.parametrize("unit", UNITS)
def test_units_are_found_from_the_legs(tmp_path, unit):
    joints = write_people(tmp_path, Style(PLAIN.names, unit=UNITS[unit]))
    loaded = poses.load(tmp_path)
    assert_joints(loaded, joints)
    assert loaded.notes[1:] == (f"3 files: read as {unit}, in which their legs have a person's length",)


def test_only_one_unit_can_fit():
    metres = sorted(UNITS.values())
    assert all(large / small > LEG[1] / LEG[0] for small, large in pairwise(metres))
    assert [unit_of(leg) for leg in (0.83, 83, 830, 14.7, 32.7, 2.7, 8.3)] == [
        "metres",
        "centimetres",
        "millimetres",
        "CMU's units of 1/0.45 inches",
        "inches",
        "feet",
        "decimetres",
    ]
    assert unit_of(5.5) is None


def test_other_sizes_are_scaled_to_a_leg_and_a_given_unit_is_taken(tmp_path):
    joints = write_people(tmp_path, Style(PLAIN.names, unit=0.15))
    loaded = poses.load(tmp_path)
    assert_joints(loaded, joints)
    assert loaded.notes[1:] == (
        "3 files: scaled to legs of 0.83 m, for theirs have a person's length in no known unit",
    )
    refuse(tmp_path, "poses must be in metres, but the median bone is", unit="cm")
    small = write_people(tmp_path / "small", Style(PLAIN.names, scale=0.7))
    assert_joints(poses.load(tmp_path / "small", unit="cm"), small)
    by_bones = poses.load(tmp_path / "small", scale="bones")
    assert by_bones.poses[0, HEAD, 1] < 1.2 * small["subject1"][0, HEAD, 1]


def test_up_axes(tmp_path):
    y_up, z_up = (
        write_people(tmp_path / "a"),
        write_file(tmp_path / "a" / "subject4.bvh", 40, 7, Style(PLAIN.names, axes=Z_UP)),
    )
    assert_joints(poses.load(tmp_path / "a"), y_up | {"subject4": z_up})
    for name, axes, up in (("x", X_UP, "x"), ("down", DOWN, "-y")):
        write_people(tmp_path / name, Style(PLAIN.names, axes=axes))
        remedy = "rotate the skeleton, or export the file with y up$"
        message = f"must point up, but heads point along {up} on average; {remedy}"
        refuse(tmp_path / name, f"subject1.bvh: y or z {message}")
        refuse(tmp_path / name, f"subject1.bvh: y {message}", up="y")
        refuse(tmp_path / name, f"subject1.bvh: z {message}", up="z")
    other = "y must point up, but heads point along z on average; leave --up out or give --up z$"
    refuse(tmp_path / "a", f"subject4.bvh: {other}", up="y")
    (tmp_path / "a" / "subject4.bvh").unlink()
    assert_joints(poses.load(tmp_path / "a", up="y"), y_up)
    refuse(
        tmp_path / "a", "z must point up, but heads point along y on average; leave --up out or give --up y$", up="z"
    )


def test_a_file_whose_up_axis_is_unclear_follows_the_others(tmp_path):
    lean = np.array([[0.7071, -0.7071, 0], [0.7071, 0.7071, 0], [0, 0, 1]])
    write_file(tmp_path / "only" / "subject4.bvh", 40, 7, Style(PLAIN.names, axes=lean))
    refuse(
        tmp_path / "only",
        "subject4.bvh: y or z must point up, but heads point along no axis on average; .* or give --up y or --up z$",
    )
    write_people(tmp_path)
    write_file(tmp_path / "subject4.bvh", 40, 7, Style(PLAIN.names, axes=lean))
    (tmp_path / "only" / "subject4.bvh").unlink()
    loaded = poses.load(tmp_path)
    assert "subject4.bvh: the axis that points up taken from the other files or the options" in loaded.notes
    assert np.linalg.norm(front(loaded, "subject4")[0, HEAD]) > 0.5
    poses.load(tmp_path, up="y")


def test_rates(tmp_path):
    write_people(tmp_path)
    write_file(tmp_path / "subject4.bvh", 120, 7, Style(PLAIN.names, frame_time=".0083333"))
    loaded = poses.load(tmp_path, views=1)
    frames = loaded.index.groupby("subject", observed=True)["frame"].agg(list)
    assert frames["subject1"] == list(range(0, 40, 3))
    assert frames["subject4"] == list(range(0, 120, 12))
    refuse(tmp_path, "every n-th pose needs one frame rate, but the recordings have 30 to 120 frames", every=2)
    (tmp_path / "subject4.bvh").unlink()
    assert len(poses.load(tmp_path, views=1, every=1)) == 120
    assert poses.load(tmp_path, views=1, every=20).index["frame"].tolist() == [0, 20] * 3


ONE = (
    r"whose files these are is not known, so all {} are taken as one person's; give --subject-pattern with a regular "
    r"expression whose first group is the person, such as '(subject\d+)'"
)


@pytest.mark.parametrize(
    ("files", "subjects", "note"),
    [
        ("07_01 07_02 9_1", "07 07 9", "people are the numbers before the `_` in the file names: 07, 9;"),
        ("walk1_subject1 walk1_subject2 run_Subject_1", "subject1 subject2 subject1", "the subjects in the file names"),
        ("walk/subject1 walk/subject2 run/subject1", "subject1 subject2 subject1", "the subjects in the file names"),
        ("skl_s01_a01 skl_S02_a01 s01", "S01 S02 S01", "people are the S and a number in the file names: S01, S02;"),
        ("ann/walk_1 ann/run bob/walk_1", "ann ann bob", "people are the folders of data: ann, bob; if they are not,"),
        ("set/ann/a set/bob/a", "ann bob", "people are the folders of data: ann, bob;"),
        ("ann/walk/a bob/walk/a", "ann bob", "people are the folders of data: ann, bob;"),
        ("ann_walk_01 ann_run_01 bob_walk_01", "data data data", ONE.format(3)),
        ("walk_01 walk_02 run_01", "data data data", ONE.format(3)),
        ("Aeroplane_FW Aeroplane_BW Zombie_FW", "data data data", ONE.format(3)),
        ("Take001 Take002 ann bob", "data data data data", ONE.format(4)),
        ("subject1_subject2 subject1_a", "data data", ONE.format(2)),
        ("subject1 S2", "data data", ONE.format(2)),
        ("ann/a bob/a c", "data data data", ONE.format(3)),
        (
            "a/x",
            "data",
            "whose file this is is not known, so it is taken as one person's; give --subject-pattern with a",
        ),
    ],
)
def test_subjects(tmp_path, files, subjects, note):
    folder = tmp_path / "data"
    for name in files.split():
        write_file(folder / f"{name}.bvh", 3)
    takes, said = bvh_files.takes(folder, None)
    found = {take.path.relative_to(folder).with_suffix("").as_posix(): take for take in takes}
    assert [found[name].subject for name in files.split()] == subjects.split()
    assert len({(take.subject, take.sequence) for take in takes}) == len(takes)
    assert note in said
    assert "--subject-pattern" in said


def test_a_file_alone_is_one_person(tmp_path):
    write_file(tmp_path / "ann_1.bvh", 9)
    source = bvh.read(tmp_path / "ann_1.bvh", LoadOptions(), lambda done, total: None)
    assert set(source.recordings[0].index["subject"]) == {"ann_1"}
    assert source.notes[0].startswith("whose file this is is not known, so it is taken as one person's; give --subject")
    refuse(tmp_path / "ann_1.bvh", "a split needs at least 3 subjects")


def test_nobody_is_in_two_parts_by_a_guess(tmp_path):
    for seed, name in enumerate(("walk_01", "walk_02", "run_01", "jump_01")):
        write_file(tmp_path / f"{name}.bvh", 9, seed)
    refuse(tmp_path, "a split needs at least 3 subjects")
    loaded = poses.load(tmp_path, train=[tmp_path.name])
    assert loaded.splits == ("train",)
    assert loaded.notes[0] == ONE.format(4)


def test_a_note_names_a_dozen_people_at_most(tmp_path):
    for number in range(14):
        write_file(tmp_path / f"walk_S{number}.bvh", 3)
    _, note = bvh_files.takes(tmp_path, None)
    assert "S10, S11 and 2 more; if they are not, give --subject-pattern" in note


def test_other_poses_beside_bvh_files_are_not_read(tmp_path):
    write_people(tmp_path)
    np.savez(tmp_path / "more.npz", poses=np.zeros((1, 17, 3)))
    told = "more.npz is not read, as only the motion files of a folder are; give such a file alone"
    assert told in poses.load(tmp_path).notes
    np.save(tmp_path / "another.npy", np.zeros((1, 17, 3)))
    told = "another.npy and 1 more are not read, as only the motion files of a folder are; give"
    assert any(note.startswith(told) for note in poses.load(tmp_path).notes)


def test_actions_and_order(tmp_path):
    for name in ("subject1_walk_10", "subject1_walk_9", "run fast2_subject2"):
        write_file(tmp_path / f"{name}.bvh", 3)
    takes, _ = bvh_files.takes(tmp_path, None)
    assert [take.sequence for take in takes] == ["run fast2_subject2", "subject1_walk_9", "subject1_walk_10"]
    assert [take.action for take in takes] == ["run fast", "walk", "walk"]


def test_a_subject_pattern(tmp_path):
    for place, name in enumerate(PEOPLE):
        write_file(tmp_path / f"take{place}" / f"walk-{name}.bvh", 9, place)
    loaded = poses.load(tmp_path, subject_pattern=r"-(\w+)")
    assert loaded.subjects() == PEOPLE
    assert not any("people" in note for note in loaded.notes)
    refuse(tmp_path, "subject_pattern must be a regular expression", subject_pattern="(")
    refuse(tmp_path, "subject_pattern must have a group for the subject", subject_pattern="walk")
    refuse(
        tmp_path, "take1/walk-subject2.bvh: subject_pattern must match every file's path", subject_pattern="-(subject1)"
    )


def test_folders_are_searched_two_levels_down_and_hidden_files_left_out(tmp_path):
    write_file(tmp_path / "a" / "b" / "x.BVH", 9)
    for name in ("._x.bvh", ".git/x.bvh", "__MACOSX/x.bvh", "a/b/c/x.bvh"):
        write_file(tmp_path / name, 9)
    (tmp_path / "notes.txt").write_text("HIERARCHY")
    assert bvh.recognise(tmp_path)
    assert [take.origin for take in bvh_files.takes(tmp_path, None)[0]] == ["a/b/x.BVH"]
    assert not bvh.recognise(tmp_path / "a" / "b" / "c" / "none")
    assert not bvh.recognise(tmp_path / "__MACOSX" / "no\0name")
    assert bvh in formats.READERS


def test_without_an_end_site_the_head_goes_on_along_the_neck(tmp_path):
    joints = write_people(tmp_path)
    for name in PEOPLE:
        edit(tmp_path / f"{name}.bvh", ("OFFSET 0.000000 10.000000 0.000000", "OFFSET 0 0 0"))
    seen, known = front(poses.load(tmp_path), "subject1"), joints["subject1"][::3]
    thorax, neck = known[:, JOINTS.index("thorax")], known[:, JOINTS.index("neck")]
    along = (neck - thorax) / np.linalg.norm(neck - thorax, axis=1, keepdims=True)
    np.testing.assert_allclose(seen[:, HEAD], neck + 0.12 * 0.83 * along, atol=2e-4)
    others = [joint for joint in range(17) if joint != HEAD]
    np.testing.assert_allclose(seen[:, others], known[:, others], atol=2e-4)


def test_a_joint_at_the_top_of_the_head(tmp_path):
    joints = write_people(tmp_path, STYLES["Mixamo"])
    top = "OFFSET 0.000000 0.000000 10.000000"
    for name in PEOPLE:
        head, _, tail = (tmp_path / f"{name}.bvh").read_text().partition(top)
        end = f"JOINT mixamorig:HeadTop_End\n{{\n{top}\nCHANNELS 0\nEnd Site\n{{\nOFFSET 0 0 9\n}}\n"
        (tmp_path / f"{name}.bvh").write_text(head[: head.rindex("End Site")] + end + tail.partition("\n")[2])
    assert_joints(poses.load(tmp_path), joints)


def test_position_channels_of_other_joints(tmp_path):
    joints = write_people(tmp_path)

    def with_positions(values, offset):
        """Give LeftLeg position channels in front of its rotations, and another offset."""
        for name in PEOPLE:
            write_file(tmp_path / f"{name}.bvh", 40, PEOPLE.index(name))
            lines = (tmp_path / f"{name}.bvh").read_text().split("\n")
            at = lines.index("\t\tJOINT LeftLeg")
            kept = [line for line in lines[:at] if "CHANNELS" in line]
            column = sum(int(line.split()[1]) for line in kept)
            lines[at + 2] = f"OFFSET {offset}"
            lines[at + 3] = lines[at + 3].replace("CHANNELS 3", "CHANNELS 6 Xposition Yposition Zposition")
            start = next(place for place, line in enumerate(lines) if line.startswith("Frame Time")) + 1
            for place, row in enumerate(lines[start:-1]):
                numbers = row.split()
                lines[start + place] = " ".join(
                    numbers[:column] + values[place % len(values)].split() + numbers[column:]
                )
            (tmp_path / f"{name}.bvh").write_text("\n".join(lines))

    for values, offset in ((["0 -40 0"], "1 2 3"), (["0 0 0"], "0 -40 0"), (["0 -40 0", "0 -40.01 0"], "0 -40 0")):
        with_positions(values, offset)
        assert_joints(poses.load(tmp_path), joints)
    with_positions(["0 -40 0", "0 -46 0"], "0 -40 0")
    refuse(
        tmp_path, "subject1.bvh: bones must keep their lengths, but position channels move 'LeftLeg' by 6 beside its"
    )


def test_written_in_other_ways(tmp_path):
    joints = write_people(tmp_path)
    for name, encode in (
        ("subject1", lambda text: text.replace("\n", "\r\n").encode("utf-8-sig") + b"\x1a"),
        ("subject2", lambda text: text.replace("\n", "\r").replace("Spine1", "Rücken").encode("latin-1")),
        ("subject3", lambda text: text.replace(" ", "\t ").replace("Frames:\t ", "Frames:").encode("utf-16")),
    ):
        path = tmp_path / f"{name}.bvh"
        path.write_bytes(encode(path.read_text()))
    assert_joints(poses.load(tmp_path), joints)


def test_rotations_first_and_missing_channels(tmp_path):
    joints = write_people(tmp_path)
    for name in PEOPLE:
        path = tmp_path / f"{name}.bvh"
        edit(path, ("CHANNELS 6 Xposition Yposition Zposition ", "CHANNELS 3 "))
        head, motion = path.read_text().split("Frame Time: 0.0333333\n")
        rows = [" ".join(row.split()[3:]) for row in motion.strip().split("\n")]
        path.write_text(head + "Frame Time: 0.0333333\n" + "\n".join(rows))
    assert_joints(poses.load(tmp_path), joints)


MAP = {
    "right_hip": "oberschenkel r",
    "right_knee": "knie r",
    "right_ankle": "fuss r",
    "left_hip": "oberschenkel l",
    "left_knee": "knie l",
    "left_ankle": "fuss l",
    "thorax": "nacken",
    "neck": "kopf",
    "left_shoulder": "arm l",
    "left_elbow": "ellbogen l",
    "left_wrist": "hand l",
    "right_shoulder": "arm r",
    "right_elbow": "ellbogen r",
    "right_wrist": "hand r",
}
FULL = MAP | {"head": "{end: kopf}", "spine": "ruecken", "pelvis": "[oberschenkel l, oberschenkel r]"}
GERMAN = Style(
    {"hips": "becken", "back": "ruecken", "thorax": "nacken", "neck": "kopf"}
    | {k: v for k, v in MAP.items() if "_" in k}
)


def write_map(path, **changes):
    entries = {joint: name for joint, name in (FULL | changes).items() if name}
    path.write_text("\n".join(f"{joint}: {name}" for joint, name in entries.items()))
    return str(path)


def test_a_map_of_joints(tmp_path):
    joints = write_people(tmp_path / "a", GERMAN)
    refuse(
        tmp_path / "a",
        "subject1.bvh: a skeleton must name its joints as .* say which joint is which with --joints joints.yml",
    )
    assert_joints(poses.load(tmp_path / "a", joints=write_map(tmp_path / "map.yaml")), joints)
    derived = write_map(tmp_path / "map.yaml", spine="", pelvis="", head="")
    seen = front(poses.load(tmp_path / "a", joints=derived), "subject2")
    np.testing.assert_allclose(seen[:, :HEAD], joints["subject2"][::3, :HEAD], atol=2e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"left_nee": "knie l"}, "map.yaml: the keys of a joint map .* but 'left_nee' is none; did you mean left_knee"),
        ({"left_knee": "", "thorax": ""}, "must name every joint but pelvis, spine, head; add left_knee, thorax"),
        (
            {"left_knee": "kni l"},
            "subject1.bvh: the joint map names 'kni l', .* skeleton has none; did you mean knie l",
        ),
        ({"left_knee": "qq"}, "names 'qq', .* has none; known are becken, "),
        (
            {"left_knee": "7"},
            "left_knee must be the name of a BVH joint, a list of two or more, or {end: name}, but is 7",
        ),
        ({"left_knee": "[knie l]"}, "left_knee must be the name of a BVH joint, a list"),
        ({"left_knee": "[]"}, "left_knee must be the name of a BVH joint, a list"),
        ({"left_knee": "{top: a}"}, "left_knee must be the name of a BVH joint"),
        ({"head": "{end: nacken}"}, "names the end of 'nacken', but it has no End Site; name a joint instead"),
        ({"left_knee": "{"}, r"a joint map \(--joints\) must be YAML"),
        (
            {"left_knee": "knie r"},
            "subject1.bvh: joints of a map .* but right_knee and left_knee are both knie r; correct",
        ),
        ({"neck": "[kopf, nacken]", "spine": "[nacken, kopf]"}, "but neck and spine are both kopf, nacken; correct"),
        ({"spine": "becken", "pelvis": "Character1_Becken"}, "but spine and pelvis are both becken; correct"),
        ({"left_knee": "knie l\nleft_knee: knie r"}, "must have each key once, but .* has 'left_knee' twice, again in"),
    ],
)
def test_faulty_maps(tmp_path, changes, message):
    write_people(tmp_path / "a", GERMAN, frames=5)
    refuse(tmp_path / "a", message, joints=write_map(tmp_path / "map.yaml", **changes))


def test_maps_that_are_none(tmp_path):
    write_people(tmp_path / "a", frames=5)
    (tmp_path / "map.yaml").write_text("- a")
    refuse(
        tmp_path / "a",
        "map.yaml: a joint map must hold keys and values, but holds list",
        joints=str(tmp_path / "map.yaml"),
    )
    message = (
        r"a joint map \(--joints\) must be readable, but .*nope.yml is not \(.*\); correct its path or its permissions"
    )
    refuse(tmp_path / "a", message, joints=str(tmp_path / "nope.yml"))


def test_the_documented_map(tmp_path):
    block = re.search(r"```yaml\n(# joints.yml.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    (tmp_path / "joints.yml").write_text(block[1], encoding="utf-8")
    names = {joint: name for joint, name in read_yaml(tmp_path / "joints.yml").items() if isinstance(name, str)}
    assert set(JOINTS) - set(names) == {"pelvis", "spine", "head"}
    joints = write_people(tmp_path / "a", Style(names))
    refuse(tmp_path / "a", "a skeleton must name its joints as a known program does")
    loaded = poses.load(tmp_path / "a", joints=str(tmp_path / "joints.yml"))
    for subject, known in joints.items():
        seen, computed = front(loaded, subject), JOINTS.index("spine")
        np.testing.assert_allclose(np.delete(seen, computed, 1), np.delete(known[::3], computed, 1), atol=2e-4)
        assert np.linalg.norm(seen[:, computed] - known[::3, computed], axis=-1).max() < 0.05


def test_unknown_and_odd_skeletons(tmp_path):
    write_file(tmp_path / "a.bvh", 5)
    edit(tmp_path / "a.bvh", ("LeftForeArm", "Thing"))
    message = refuse(tmp_path, "a.bvh: a skeleton must name its joints as a known program does")
    assert "(MotionBuilder, Mixamo, LaFAN1) left_elbow not found among Hips, Spine1, Neck" in message
    write_file(tmp_path / "a.bvh", 5)
    edit(tmp_path / "a.bvh", ("LeftLeg", "Thing"), ("LeftHand", "LeftLeg"), ("Thing", "LeftHand"))
    refuse(tmp_path, "its limbs are no chains among Hips")
    write_file(tmp_path / "a.bvh", 5)
    edit(tmp_path / "a.bvh", ("RightShoulder", "leftarm"))
    refuse(tmp_path, "a.bvh: a joint must have its own name, but several are called 'LeftArm'; rename them")
    write_file(tmp_path / "a.bvh", 5)
    edit(tmp_path / "a.bvh", ("LeftShoulder", "same"), ("RightShoulder", "same"))
    assert bvh.read(tmp_path, LoadOptions(), lambda done, total: None).recordings
    for name in PEOPLE:
        write_file(tmp_path / "m" / f"{name}.bvh")
        edit(tmp_path / "m" / f"{name}.bvh", ("Left", "Top"), ("Right", "Left"), ("Top", "Right"))
    refuse(tmp_path / "m", "knees must bend forwards, but 100% of the bent ones do not")


DAMAGE = {
    "no motion": (lambda t: t.partition("MOTION")[0], "must have a MOTION block, but has none; copy it again"),
    "cut": (
        lambda t: t[: t.rindex(" ")],
        r"must hold the 9 frames it claims with \d+ numbers each, but holds \d+ numbers",
    ),
    "a frame less than claimed": (
        lambda t: t[: t.rindex("\n", 0, -99)],
        "must hold the 9 frames it claims, but holds 8; write `Frames: 8` if the file is whole",
    ),
    "cut in the tree": (
        lambda t: t.partition("JOINT Head")[0] + "\nMOTION\nFrames: 1\nFrame Time: 1\n0",
        "braces are not closed",
    ),
    "more claimed": (lambda t: t.replace("Frames: 9", "Frames: 10"), "must hold the 10 frames it claims"),
    "huge claim": (lambda t: t.replace("Frames: 9", f"Frames: {10**14}"), "must hold the 100000000000000 frames"),
    "huger claim": (
        lambda t: t.replace("Frames: 9", f"Frames: 1{'0' * 5000}"),
        "`Frames:` must be a whole number above",
    ),
    "none claimed": (lambda t: t.replace("Frames: 9", "Frames: 0"), "`Frames:` must be a whole number above 0"),
    "negative": (lambda t: t.replace("Frames: 9", "Frames: -9"), "`Frames:` must be a whole number above 0"),
    "no count": (lambda t: t.replace("Frames: 9", ""), "MOTION must begin with `Frames:` and `Frame Time:`"),
    "word": (lambda t: t.rstrip() + "x", r"MOTION must hold numbers, but holds '[-\d.]+x'; copy or export"),
    "comma": (
        lambda t: t.rstrip().replace(".", ",").replace("0,0333", "0.0333"),
        "OFFSET .*'0,000000' is not a number|'0,000000' is not a number",
    ),
    "NaN": (
        lambda t: t.rstrip().rpartition(" ")[0] + " nan",
        r"must be finite and below 1e\+07, but number \d+ of frame 8 is nan",
    ),
    "infinity": (lambda t: t.rstrip().rpartition(" ")[0] + " -inf", "of frame 8 is -inf; cut such frames out"),
    "NUL": (lambda t: t.replace("\n0.", "\n\0.", 1).rstrip() + "\0\0 1", "MOTION must hold numbers"),
    "frame time 0": (lambda t: t.replace("0.0333333", "0"), "`Frame Time:` must be seconds between .* but is '0'"),
    "frame time NaN": (lambda t: t.replace("0.0333333", "nan"), "`Frame Time:` must be seconds .* but is 'nan'"),
    "frame time negative": (lambda t: t.replace("0.0333333", "-0.03"), "`Frame Time:` must be seconds"),
    "frame time word": (lambda t: t.replace("0.0333333", "fast"), "`Frame Time:` must be seconds .* but is 'fast'"),
    "channels missing": (
        lambda t: t.replace("CHANNELS 3 ZYXrotation", "").replace("CHANNELS 6", "CHANNELS 7"),
        "CHANNELS of 'Hips' are not a number from 0 to 6",
    ),
    "channel name": (lambda t: t.replace("Xposition", "Wposition"), "CHANNELS of 'Hips' are not among positions and"),
    "channel twice": (lambda t: t.replace("Yposition", "Xposition"), "CHANNELS of 'Hips' are not among positions and"),
    "fewer channels": (lambda t: t.replace("CHANNELS 6 Xposition", "CHANNELS 5"), "must hold the 9 frames it claims"),
    "offset": (lambda t: t.replace("OFFSET 0.000000", "OFFSET x", 1), "OFFSET|'x' is not a number"),
    "offset infinite": (
        lambda t: t.replace("OFFSET 0.000000", "OFFSET inf", 1),
        "OFFSET of 'Hips' is not three numbers",
    ),
    "no offset": (lambda t: t.replace("\tOFFSET 0.000000 0.000000 0.000000\n", "", 1), "Hips has no OFFSET"),
    "two roots": (lambda t: t.replace("MOTION", "ROOT b\n{\nOFFSET 0 0 0\n}\nMOTION"), "'b' stands outside the root"),
    "no name": (lambda t: t.replace("LeftLeg", ""), "a joint has no name"),
    "no brace": (lambda t: t.replace("\n{", "\n", 1).replace("{", "", 3), "well formed, but"),
    "extra brace": (lambda t: t.replace("MOTION", "}\nMOTION"), "a brace is closed that was not opened"),
    "end holds": (lambda t: t.replace("End Site\n", "End Site\n{ OFFSET 0 0 0 JOINT q\n", 1), "an End Site holds 'q'"),
    "word in tree": (lambda t: t.replace("OFFSET", "OFSET", 1), "'OFSET' is not expected where it stands"),
    "no first word": (lambda t: t.replace("HIERARCHY", "HIER"), "well formed, but it does not begin with that word"),
    "no root": (lambda t: "HIERARCHY\nMOTION\nFrames: 1\nFrame Time: 1\n1", "it has no ROOT"),
    "no channels": (
        lambda t: "HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\n}\nMOTION\nFrames: 1\nFrame Time: 1\n",
        "with 0 numbers",
    ),
    "no legs": (lambda t: t.replace("-40.0", "0.0").replace("-43.0", "0.0"), "legs must have a length"),
    "deep": (
        lambda t: (
            "HIERARCHY\n"
            + "".join(f"{'JOINT' if n else 'ROOT'} j{n} {{ OFFSET 0 1 0 CHANNELS 1 Xrotation " for n in range(3000))
            + "}" * 3000
            + "\nMOTION\nFrames: 1\nFrame Time: 1\n"
            + "1 " * 3000
        ),
        "a skeleton must name its joints",
    ),
}


@pytest.mark.parametrize("case", DAMAGE)
def test_damaged_files(tmp_path, case):
    change, message = DAMAGE[case]
    write_file(tmp_path / "sub" / "a.bvh", 9)
    path = tmp_path / "sub" / "a.bvh"
    path.write_text(change(path.read_text()))
    write_file(tmp_path / "sub" / "b.bvh", 9)
    assert refuse(tmp_path, message).startswith("sub/a.bvh: ")


def test_what_is_not_bvh(tmp_path):
    for content in (b"", b"\x00\x01\x02" * 50, b"MOTION", bytes(range(256))):
        (tmp_path / "a.bvh").write_bytes(content)
        refuse(tmp_path / "a.bvh", "a.bvh: data must be one of .*a BVH file or a folder of them.* is damaged")
    write_file(tmp_path / "b.bvh", 9)
    refuse(tmp_path, "a.bvh: a BVH file must have a MOTION block")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60)
@given(data=st.data())
def test_a_damaged_file_never_gives_a_traceback(tmp_path, data, capfd):
    path = tmp_path / "a.bvh"
    write_file(path, 3)
    if data.draw(st.booleans()):
        content = bytearray(path.read_bytes())
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
    else:
        lines = path.read_text().split("\n")
        place = data.draw(st.integers(0, len(lines) - 1))
        lines[place : place + 1] = data.draw(st.sampled_from([[], [lines[place]] * 2, lines[:3], ["{"], ["9" * 400]]))
        path.write_text("\n".join(lines))
    with contextlib.suppress(UserError):
        poses.load(path)
    assert capfd.readouterr() == ("", "")


def test_the_library_is_optional(tmp_path, monkeypatch):
    write_people(tmp_path, frames=5)
    monkeypatch.setitem(sys.modules, "pybvh", None)
    refuse(tmp_path, r"subject1.bvh: reading BVH files needs pybvh, which is not installed; pip install pybvh")


def test_progress_and_conventions(tmp_path):
    write_people(tmp_path, frames=5)
    told = []
    poses.load(tmp_path, progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert all(len(convention.words.split()) == 8 for convention in CONVENTIONS)
    assert set(CMU_NAMES.values()) >= {"LowerBack", "LHipJoint", "Spine1"}

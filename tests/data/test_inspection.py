"""Inspection: what was built into the data is what is found in it."""

import json
import os
import re
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import BONES, FLIP, JOINTS
from acai_ray.data.inspection import Inspection, inspect, text
from acai_ray.poses.options import LoadOptions

LEFT_WRIST = JOINTS.index("left_wrist")
Arrays = dict[str, Any]


@pytest.fixture(scope="module")
def people() -> Arrays:
    """Eight people of 136 poses each from the front, in camera axes, as the arrays of a file."""
    everybody = poses.load("synthetic", views=1, every=8)
    names = {name: everybody.index[name].astype(str).to_numpy(dtype=str) for name in ("subject", "action", "sequence")}
    return {"poses": everybody.poses, "frame": everybody.index["frame"].to_numpy(), **names}


def of(people: Arrays, who: str) -> np.ndarray:
    rows: np.ndarray = np.flatnonzero(people["subject"] == who)
    return rows


def changed(people: Arrays, rows: Any, change: Any) -> Arrays:
    moved = people["poses"].copy()
    moved[rows] = change(moved[rows])
    return people | {"poses": moved}


def saved(folder: Path, arrays: Arrays, name: str = "some.npz") -> Path:
    np.savez(folder / name, **arrays)
    return folder / name


def inspected(folder: Path, arrays: Arrays, **options: Any) -> Inspection:
    return inspect(saved(folder, arrays), LoadOptions(**options))


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(UserError) as caught:
        poses.load(path, **options)
    return str(caught.value)


def test_the_synthetic_people_are_as_they_are_made() -> None:
    found, loaded = inspect("synthetic", LoadOptions()), poses.load("synthetic")
    assert found.accepted
    assert found.warnings == ()
    assert (found.stored * 4, found.taken, found.sound) == (len(loaded), len(loaded), found.stored)
    assert found.fingerprint == loaded.fingerprint
    assert (found.stored_rates, found.taken_rate) == ((10.0,), 10.0)
    assert (found.axes, found.units, found.cameras) == (("world, y up",), ("m",), "virtual")
    assert {part.split: part.taken for part in found.splits} == loaded.index["split"].value_counts().to_dict()
    person = found.people[0]
    assert (person.subject, person.split, person.stored, person.taken) == ("A01", "train", 1088, 4352)
    assert (person.sequences, person.actions, person.cameras, person.last_frame) == (34, 17, 4, 31)


def test_bone_lengths_are_those_of_the_poses(tmp_path: Path, people: Arrays) -> None:
    found = inspected(tmp_path, changed(people, of(people, "A02"), lambda p: 1.1 * p))
    subjects = np.unique(people["subject"])
    child, parent = BONES[5]
    moved = people["poses"].copy()
    moved[of(people, "A02")] *= 1.1
    lengths = 1000 * np.linalg.norm(moved[:, child] - moved[:, parent], axis=1)
    means = [lengths[people["subject"] == who].mean() for who in subjects]
    bone = found.bones[5]
    assert bone.bone == "left_knee-left_ankle"
    assert bone.mean_mm == pytest.approx(np.mean(means), rel=1e-4)
    assert bone.between_mm == pytest.approx(np.std(means), rel=1e-3)
    assert bone.within_mm < 0.2
    assert bone.asymmetry_mm == pytest.approx(0, abs=0.1)
    assert found.bones[6].asymmetry_mm is None


def test_the_mean_pose_has_the_mpjpe_that_is_told(tmp_path: Path, people: Arrays) -> None:
    away = np.linalg.norm(people["poses"] - people["poses"].mean(axis=0), axis=-1).mean()
    found = inspected(tmp_path, people)
    assert found.mean_pose_mpjpe_mm == pytest.approx(1000 * away, rel=1e-4)


def test_all_faults_of_a_file_are_listed_the_first_as_load_says(tmp_path: Path, people: Arrays) -> None:
    arrays = changed(people, of(people, "A03"), lambda p: p[:, FLIP])
    arrays["poses"][33, LEFT_WRIST, 2] = np.nan
    arrays["poses"][50, 1, 0] = 40
    arrays["poses"][70, 3] = [0, 1.9, 0]
    kept = np.isin(people["subject"], ["A01", "A03"])
    arrays = {name: values[kept] for name, values in arrays.items()}
    found = inspected(tmp_path, arrays)
    assert not found.accepted
    assert found.refusals[0] == refusal(tmp_path / "some.npz")
    rules = [
        "a split needs at least 3 subjects",
        "coordinates must be finite",
        "joints must lie within 3 m",
        "a bone must be at most 1 m long",
        "some.npz, A03: knees must bend forwards",
    ]
    assert len(found.refusals) == len(rules)
    assert all(rule in said for rule, said in zip(rules, found.refusals, strict=True))
    assert (found.stored, found.sound, found.taken) == (272, 269, None)


def test_no_name_of_a_file_hides_a_fault(tmp_path: Path, people: Arrays) -> None:
    arrays = people | {"poses": people["poses"] * 1000}
    arrays["poses"][33, LEFT_WRIST, 2] = np.nan
    path = saved(tmp_path, arrays, "mine, but old.npz")
    rules = ["coordinates must be finite, but ", "poses must be in metres, but "]
    refused = inspect(path, LoadOptions()).refusals
    assert len(refused) == len(rules)
    for sentence, rule in zip(refused, rules, strict=True):
        assert sentence.startswith(f"mine, but old.npz: {rule}")


def test_the_unit_that_is_given_holds_for_what_is_left(tmp_path: Path, people: Arrays) -> None:
    arrays = people | {"poses": people["poses"] * 1000}
    arrays["poses"][33, LEFT_WRIST, 2] = np.nan
    assert len(inspected(tmp_path, arrays, unit="mm").refusals) == 1
    rules = [said.split(", but")[0] for said in inspected(tmp_path, arrays).refusals]
    assert rules == ["some.npz: coordinates must be finite", "some.npz: poses must be in metres"]


def test_every_recording_is_looked_at(tmp_path: Path, people: Arrays) -> None:
    parts = {"train": ["A01", "A02"], "valid": ["A06"], "test": ["A07", "A08"]}
    for part, subjects in parts.items():
        kept = np.isin(people["subject"], subjects)
        arrays = {name: values[kept] for name, values in people.items()}
        arrays["poses"] = arrays["poses"] * {"train": 1, "valid": 1000, "test": 1}[part]
        if part == "test":
            arrays["poses"][5, 0, 0] = np.inf
        saved(tmp_path, arrays, f"{part}.npz")
    found = inspect(tmp_path, LoadOptions())
    assert found.refusals[0] == refusal(tmp_path)
    assert ["valid.npz" in found.refusals[0], "give --unit mm" in found.refusals[0]] == [True, True]
    assert [said.split(":")[0] for said in found.refusals] == ["valid.npz", "test.npz"]


def test_a_wrong_split_hides_no_other_fault(tmp_path: Path, people: Arrays) -> None:
    for fps, part in ((30.0, "train"), (60.0, "valid"), (60.0, "test")):
        saved(tmp_path, people | {"fps": fps, "subject": np.char.add(part, people["subject"])}, f"{part}.npz")
    found = inspect(tmp_path, LoadOptions(every=2, test=("nobody",)))
    assert found.refusals[0] == refusal(tmp_path, every=2, test=("nobody",))
    assert ["among" in said for said in found.refusals] == [True, False]
    assert found.refusals[1].startswith(f"{tmp_path.name}: every n-th pose needs one frame rate")


@pytest.mark.parametrize(
    ("options", "arrays"),
    [
        ({}, {"keep10": np.zeros(1088, dtype=bool)}),
        ({"frame": "world"}, {}),
        ({"up": "y"}, {}),
        ({"cameras": "virtual"}, {}),
        ({"cameras": "no.json", "up": "y"}, {}),
        ({"train": ("nobody",)}, {}),
        ({"valid": ("A01",), "test": ()}, {}),
        ({}, {"frame": np.full(1088, 0.5)}),
        ({}, {"poses": np.zeros((1088, 16, 3))}),
        ({}, {"poses": np.zeros((1088, 17, 3))}),
        ({"scale": "bones"}, {"poses": np.zeros((1088, 17, 3))}),
        ({}, {"poses": np.full((1088, 17, 3), np.nan)}),
    ],
)
def test_what_load_says_comes_first(tmp_path: Path, people: Arrays, options: Arrays, arrays: Arrays) -> None:
    found = inspected(tmp_path, people | arrays, **options)
    assert found.refusals[0] == refusal(tmp_path / "some.npz", **options)
    assert found.taken is None


def test_content_that_nobody_knows(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    found = inspect(tmp_path / "notes.txt", LoadOptions())
    assert found.refusals == (refusal(tmp_path / "notes.txt"),)
    assert (found.name, found.form, found.stored) == ("notes.txt", None, 0)


def noisy(values: np.ndarray) -> np.ndarray:
    return values + np.random.default_rng(0).normal(scale=0.03, size=values.shape).astype(np.float32)


def long_arm(values: np.ndarray) -> np.ndarray:
    lengthened = values.copy()
    lengthened[:, LEFT_WRIST] += 0.3 * (values[:, LEFT_WRIST] - values[:, LEFT_WRIST - 1])
    return lengthened


def lying(people: Arrays) -> Arrays:
    return changed(people, of(people, "A02"), lambda v: v * np.float32([-1, -1, 1]))


def calm(people: Arrays, fps: float) -> Arrays:
    """Everybody stands, the left wrist swings by 2 cm a frame, and once is half a metre away."""
    first = {who: of(people, who)[0] for who in np.unique(people["subject"])}
    standing = people["poses"][[first[who] for who in people["subject"]]]
    frames = np.arange(len(standing)) % 136
    standing[:, LEFT_WRIST, 0] += 0.02 * (frames % 4)
    standing[of(people, "A02")[40], LEFT_WRIST, 2] += 0.5
    return people | {"poses": standing, "frame": frames, "sequence": np.full(len(standing), "still"), "fps": fps}


SUSPICIOUS = {
    "bones that vary": (
        lambda p: changed(p, of(p, "A02"), noisy),
        "bones should keep their lengths, but those of 1 of 8 people vary, .* of 'A02'",
    ),
    "one long arm": (
        lambda p: changed(p, of(p, "A02"), long_arm),
        "equally long, but those of 1 of 8 people differ, most the ones to the wrist of 'A02' by 2[0-9]%",
    ),
    "frozen": (
        lambda p: changed(p, of(p, "A02"), lambda v: np.concatenate([v[:-34], np.repeat(v[:1], 34, axis=0)])),
        "poses should differ, but 3% repeat another one exactly, 34 of them of 'A02'",
    ),
    "a jump": (
        lambda p: calm(p, 50.0),
        "subject A02, sequence still, frame 40: a joint should move little .* but moves 0.50 m, and 2 frames do more",
    ),
    "a giant": (
        lambda p: changed(p, of(p, "A02"), lambda v: 1.35 * v),
        "similar size, but 1 of 8 people differs .* 'A02' has 2[0-9]{3} mm",
    ),
    "missing frames": (
        lambda p: {name: np.delete(values, [1], axis=0) for name, values in p.items()},
        "sequence walk 1, frame 16: frames should follow each other, but some are missing before it, as in 1 place;",
    ),
    "frames that fall": (
        lambda p: p | {"sequence": np.full(1088, "all")},
        "subject A01, sequence all, frame 0: frame numbers should ascend .* but do not in 264 places",
    ),
    "few poses": (
        lambda p: {name: np.delete(values, of(p, "A02")[9:], axis=0) for name, values in p.items()},
        "at least 100 poses, but 1 of 8 people has fewer, 'A02' only 9",
    ),
    "one camera": (lambda p: p | {"camera": np.full(1088, "c1")}, "seen from several sides, but all are seen by 'c1'"),
    "one head down": (
        lambda p: {name: np.delete(v, of(p, "A02")[9:], axis=0) for name, v in lying(p).items()},
        "heads should be above the pelvis, but those of 1 of 8 people are below it in most poses, of 'A02'",
    ),
}


@pytest.mark.parametrize("case", SUSPICIOUS)
def test_what_looks_wrong_is_told(tmp_path: Path, people: Arrays, case: str) -> None:
    change, message = SUSPICIOUS[case]
    found = inspected(tmp_path, change(people))
    assert found.accepted, found.refusals
    told = [said for said in found.warnings if re.search(message, said)]
    assert len(told) == 1, found.warnings
    assert "\n" not in told[0]


def test_at_ten_a_second_half_a_metre_is_no_jump(tmp_path: Path, people: Arrays) -> None:
    assert not [said for said in inspected(tmp_path, calm(people, 10.0)).warnings if "move little" in said]


def test_a_test_on_one_person_is_told(tmp_path: Path, people: Arrays) -> None:
    found = inspected(tmp_path, people, valid=("A01",), test=("A02",))
    assert [said for said in found.warnings if "is on 'A02' alone" in said]


def test_a_person_on_the_head_is_refused_beside_other_faults(tmp_path: Path, people: Arrays) -> None:
    arrays = lying(people)
    arrays["poses"][of(people, "A04")[7], LEFT_WRIST] = np.nan
    found = inspected(tmp_path, arrays)
    assert found.refusals[0] == refusal(tmp_path / "some.npz")
    assert [said.split(", but")[0] for said in found.refusals[1:]] == [
        "some.npz, A02: heads must lie above the pelvis on average"
    ]


def in_a_room(people: Arrays, folder: Path) -> tuple[Arrays, Path]:
    """The people in a world with x up, and the file of the one camera that sees each of them as before."""
    rotation = np.array([[0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    extrinsics = {who: {"c1": {"R": rotation.tolist()}, "c2": {"R": rotation.tolist()}} for who in people["subject"]}
    (folder / "camera-parameters.json").write_text(json.dumps({"extrinsics": extrinsics}))
    world = people | {"poses": people["poses"] @ rotation.astype(np.float32), "up_axis": "y"}
    return world, folder / "camera-parameters.json"


def test_heads_are_where_the_real_cameras_see_them(tmp_path: Path, people: Arrays) -> None:
    world, _ = in_a_room(people, tmp_path)
    found = inspected(tmp_path, world)
    assert (found.accepted, found.cameras, found.warnings) == (True, "camera-parameters.json", ())
    world["poses"][33, LEFT_WRIST, 2] = np.nan
    assert [said.split(", but")[0] for said in inspected(tmp_path, world).refusals] == [
        "some.npz: coordinates must be finite"
    ]
    assert "heads must lie above" in " ".join(inspected(tmp_path, world, cameras="virtual").refusals)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"seed": 0}, "--people-seed has none here: it makes the people of `synthetic`"),
        ({"subject_pattern": "(.)"}, "--subject-pattern has none here: it is for motion capture"),
        ({"views": 4}, "--views has none here: the poses are in a camera's axes already"),
    ],
)
def test_an_option_without_effect_is_told(tmp_path: Path, people: Arrays, options: Arrays, reason: str) -> None:
    (told,) = inspected(tmp_path, people, **options).warnings
    assert reason in told


def test_real_cameras_leave_the_virtual_ones_without_effect(tmp_path: Path, people: Arrays) -> None:
    world, file = in_a_room(people, tmp_path)
    found = inspected(tmp_path, world, views=8, up="z")
    assert [re.findall(r"--\w+", said)[0] for said in found.warnings] == ["--views", "--up"]
    assert inspected(tmp_path, world, cameras=str(file)).warnings == ()


def test_options_with_an_effect_are_not_told(tmp_path: Path) -> None:
    assert inspect("synthetic", LoadOptions(seed=1, views=2, every=8, up="y")).warnings == ()


def test_joints_have_no_effect_on_the_synthetic_people() -> None:
    told = inspect("synthetic", LoadOptions(joints="smpl22")).warnings
    assert any(
        "--joints has none here: it is for motion capture (BVH, AMC) and plain arrays" in warning for warning in told
    )


def again(people: Arrays, who: str, name: str) -> Arrays:
    """The people, and one of them once more under another name."""
    rows = np.concatenate([np.arange(len(people["subject"])), of(people, who)])
    doubled = {column: values[rows] for column, values in people.items()}
    return doubled | {"subject": np.where(np.arange(len(rows)) < len(people["subject"]), doubled["subject"], name)}


def test_a_person_in_two_parts_under_two_names_is_told(tmp_path: Path, people: Arrays) -> None:
    found = inspected(tmp_path, again(people, "A02", "Bob"), valid=("A01",), test=("A08", "Bob"))
    told, torn = found.warnings
    assert torn.startswith(
        "one body is in several parts of the split under the names of 2 people (train A02; test Bob)"
    )
    assert told.startswith("parts should share no pose, but 136 poses of test are also in train, ")
    assert "most those of 'Bob' as those of 'A02'" in told


def test_a_person_twice_in_a_part_is_told(tmp_path: Path, people: Arrays) -> None:
    (told,) = inspected(tmp_path, again(people, "A02", "Bob"), valid=("A01",), test=("A07", "A08")).warnings
    assert told.startswith("people should share no pose, but 136 poses are of several people of one part, ")


def test_leakage_is_found_whichever_cameras_see_it(tmp_path: Path, people: Arrays) -> None:
    arrays = again(people, "A02", "Bob") | {"up_axis": "y"}
    arrays["poses"] = arrays["poses"] * np.float32([1, -1, -1])
    for views in (1, 3):
        warnings = inspected(tmp_path, arrays, valid=("A01",), test=("A08", "Bob"), views=views).warnings
        assert [said for said in warnings if "136 poses of test are also in train" in said], warnings


def test_bones_without_a_length_give_no_wild_numbers(tmp_path: Path, people: Arrays) -> None:
    def without_forearm(poses: np.ndarray) -> np.ndarray:
        poses[:, LEFT_WRIST] = poses[:, LEFT_WRIST - 1] + np.float32(1e-11)
        return poses

    found = inspected(tmp_path, changed(people, of(people, "A02"), without_forearm))
    assert [said for said in found.warnings if "ones to the wrist of 'A02' by 100%" in said], found.warnings
    assert max(int(share) for said in found.warnings for share in re.findall(r"(\d+)%", said)) <= 100
    assert max(person.limb_spread or 0 for person in found.people) < 0.1


def test_good_poses_are_not_suspected(tmp_path: Path, people: Arrays) -> None:
    assert inspected(tmp_path, people).warnings == ()


def test_real_motion_capture_is_accepted(cmu17: poses.PoseSet) -> None:
    found = inspect(os.environ["ACAI_CMU17"], LoadOptions())
    assert found.fingerprint == cmu17.fingerprint
    assert (found.stored_rates, found.taken_rate) == ((30.0,), 10.0)
    assert "mocap.cs.cmu.edu" in found.acknowledgment
    assert len(found.warnings) < 6


def shown(found: Inspection, width: int = 80) -> str:
    out = StringIO()
    text.show(Console(file=out, width=width, highlight=False, markup=False, emoji=False), found)
    return out.getvalue()


def test_the_text_fits_eighty_columns(tmp_path: Path, people: Arrays) -> None:
    long = np.char.add(people["subject"], " with a name that is far too long for a column")
    for arrays in (people | {"subject": long}, people | {"poses": np.full((1088, 17, 3), np.nan)}):
        printed = shown(inspected(tmp_path, arrays))
        assert max(len(line) for line in printed.splitlines()) <= 80
    assert "coordinates must be finite" in printed


@pytest.mark.parametrize("width", [40, 60, 69])
def test_names_stay_readable_on_a_narrow_terminal(tmp_path: Path, people: Arrays, width: int) -> None:
    printed = shown(inspected(tmp_path, people), width)
    assert max(len(line.rstrip()) for line in printed.splitlines()) <= width
    assert re.search(r"^subject +split +stored +taken *$", printed, re.MULTILINE)
    assert re.search(r"^A01 +\w+ +136 +136 *$", printed, re.MULTILINE)
    assert "left hip-left knee" in printed
    assert "…" not in printed


def test_names_cannot_command_the_terminal(tmp_path: Path, people: Arrays) -> None:
    printed = shown(inspected(tmp_path, people | {"subject": np.char.add(people["subject"], "\x1b[31m[bold]")}))
    assert "\x1b" not in printed
    assert "A01�[31m[bold]" in printed

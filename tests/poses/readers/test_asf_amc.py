"""Acclaim motions: the joints of the BVH reader on the same take, how skeletons are found, and damaged files."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.data.inspection import inspect
from acai_ray.poses.options import LoadOptions
from tests.helpers import fabricate_bvh
from tests.helpers.fabricate_asf_amc import motion_text, skeleton_text, write, write_file

ONE = {"train": ("01",), "every": 1, "views": 1}


@pytest.mark.parametrize("radians", [False, True])
def test_joints_are_those_that_were_turned(tmp_path: Path, radians: bool) -> None:
    truth = write_file(tmp_path, "01_01", radians=radians)
    loaded = poses.load(tmp_path / "01_01.amc", **ONE)
    np.testing.assert_allclose(loaded.poses, truth, atol=2e-6)


def test_the_same_take_as_bvh_gives_the_same_poses(tmp_path: Path) -> None:
    write_file(tmp_path, "01_01", seed=5)
    style = fabricate_bvh.STYLES["CMU's own"]
    fabricate_bvh.write_file(tmp_path / "bvh" / "01_01.bvh", seed=5, style=style)
    acclaim, bvh = (poses.load(tmp_path / name, **ONE).poses for name in ("01_01.amc", "bvh/01_01.bvh"))
    np.testing.assert_allclose(acclaim, bvh, atol=2e-6)


def test_a_folder_is_split_by_person_and_taken_at_ten_poses_a_second(tmp_path: Path) -> None:
    loaded = poses.load(write(tmp_path, np.zeros((240, 17, 3))), views=1)
    assert sorted(loaded.subjects()) == ["01", "02", "03", "04", "05", "06"]
    assert len(loaded.poses) == 6 * 20
    assert any("120 frames a second assumed" in note for note in loaded.notes)
    assert inspect(tmp_path, LoadOptions(views=1)).accepted


def test_the_only_skeleton_of_a_folder_is_taken(tmp_path: Path) -> None:
    truth = write_file(tmp_path, "01_01")
    (tmp_path / "01.asf").rename(tmp_path / "HDM.ASF")
    np.testing.assert_allclose(poses.load(tmp_path / "01_01.amc", **ONE).poses, truth, atol=2e-6)


def test_no_skeleton_or_two_strange_ones_are_told(tmp_path: Path) -> None:
    write_file(tmp_path, "01_01")
    (tmp_path / "01.asf").rename(tmp_path / "a.asf")
    shutil.copy(tmp_path / "a.asf", tmp_path / "b.asf")
    with pytest.raises(
        UserError, match=r"^01_01.amc: its skeleton must lie beside it, .* but there are 2; copy it there"
    ):
        poses.load(tmp_path / "01_01.amc", **ONE)
    (tmp_path / "a.asf").unlink()
    (tmp_path / "b.asf").unlink()
    with pytest.raises(UserError, match="but there are 0"):
        poses.load(tmp_path / "01_01.amc", **ONE)


def test_a_skeleton_alone_is_told(tmp_path: Path) -> None:
    write_file(tmp_path, "01_01")
    with pytest.raises(UserError, match="an ASF file is a skeleton, and its motions are AMC files beside it"):
        poses.load(tmp_path / "01.asf")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (":hierarchy", ":hierarchies", "01.asf: a skeleton must be an Acclaim ASF file"),
        ("name ltibia", "name lshin", "01.asf: .* is missing or wrong; copy it again"),
        ("  ltibia lfoot", "  lfoot ltibia", "01.asf: .* is missing or wrong; copy it again"),
        (":hierarchy\n  begin", ":hierarchy\n  begin\n    ltibia root", "01.asf: .*a root above all bones"),
        ("  length ", "  length nan # ", "01.asf: .*the length or direction of "),
        ("axis XYZ", "axis XYX", "01.asf: .*order 'XYX'"),
        ("length ", "length x", "01.asf: "),
    ],
)
def test_a_wrong_skeleton_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    write_file(tmp_path, "01_01")
    content = (tmp_path / "01.asf").read_text(encoding="utf-8")
    assert old in content
    (tmp_path / "01.asf").write_text(content.replace(old, new), encoding="utf-8")
    with pytest.raises(UserError, match=said):
        poses.load(tmp_path / "01_01.amc", **ONE)


@pytest.mark.parametrize("change", ["too few", "too many", "strange", "missing", "no frames", "infinite", "twice"])
def test_a_wrong_motion_is_told(tmp_path: Path, change: str) -> None:
    write_file(tmp_path, "01_01")
    file = tmp_path / "01_01.amc"
    lines = file.read_text(encoding="utf-8").splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("ltibia"))
    lines[place] = {
        "too few": "ltibia 1 2",
        "too many": "ltibia 1 2 3 4",
        "strange": "lshin 1 2 3",
        "missing": "",
        "no frames": lines[place],
        "infinite": "ltibia inf 0 0",
        "twice": f"{lines[place]}\n{lines[place]}",
    }[change]
    file.write_text("\n".join(lines[: 3 if change == "no frames" else None]), encoding="utf-8")
    with pytest.raises(UserError, match=r"^01_01.amc: .*; copy the file again"):
        poses.load(file, **ONE)


def test_options_for_motion_capture_have_an_effect(tmp_path: Path) -> None:
    write(tmp_path, np.zeros((24, 17, 3)))
    assert not [
        said for said in inspect(tmp_path, LoadOptions(subject_pattern=r"(\d+)_")).warnings if "pattern" in said
    ]


def test_a_bone_without_freedom_and_a_comment_are_read() -> None:
    bones = fabricate_bvh.skeleton()
    assert "# by a test" in skeleton_text(bones)
    assert "to_left_hip" in skeleton_text(bones)
    assert "to_left_hip" not in motion_text(bones, fabricate_bvh.turns(bones, 2))

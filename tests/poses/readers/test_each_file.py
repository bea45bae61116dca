"""Files of a folder that cannot be read: all are named at once where data is inspected."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.data.inspection import inspect
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers import each_file
from acai_ray.poses.readers.each_file import UnreadableFilesError
from acai_ray.poses.recording import no_progress
from tests.helpers.fabricate_bvh import write_file


@pytest.fixture
def folder(tmp_path: Path, pose_set: poses.PoseSet) -> Path:
    """Six files, one a person, of which the second and the fourth hold no poses."""
    for number in range(6):
        content = np.zeros((5, 7)) if number in (1, 3) else pose_set.poses[number * 50 :][:50]
        np.save(tmp_path / f"subject{number}.npy", content)
    return tmp_path


def test_a_study_is_told_the_first_and_how_many_more(folder: Path) -> None:
    with pytest.raises(UserError, match=r"^subject1.npy: .*; 1 more cannot be read, which `.* inspect` names$"):
        poses.load(folder)


def test_an_inspection_names_each(folder: Path) -> None:
    found = inspect(folder, LoadOptions())
    assert [said.split(":")[0] for said in found.refusals] == ["subject1.npy", "subject3.npy"]
    assert not any("more cannot be read" in said for said in found.refusals)


def test_one_alone_is_told_as_before(folder: Path) -> None:
    (folder / "subject3.npy").unlink()
    with pytest.raises(UserError, match=r"^subject1.npy: ") as caught:
        poses.load(folder)
    assert "more cannot be read" not in str(caught.value)


def test_bvh_files_are_all_named(tmp_path: Path) -> None:
    for number in range(4):
        file = tmp_path / f"0{number}_01.bvh"
        write_file(file)
        if number % 2:
            file.write_text("HIERARCHY\nnothing", encoding="utf-8")
    assert [said.split(":")[0] for said in inspect(tmp_path, LoadOptions()).refusals] == ["01_01.bvh", "03_01.bvh"]


def test_a_folder_of_many_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(each_file, "MOST", 3)

    def read(number: int) -> int:
        raise UserError(f"file {number}: wrong")

    with pytest.raises(UnreadableFilesError) as caught:
        each_file.each_file(range(100), read, no_progress)
    assert caught.value.sentences == ("file 0: wrong", "file 1: wrong", "file 2: wrong")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.sentences) == (str(caught.value), caught.value.sentences)


def test_all_are_read_and_counted() -> None:
    told: list[tuple[int, int]] = []
    assert each_file.each_file("abc", str.upper, lambda *so_far: told.append(so_far)) == ["A", "B", "C"]
    assert told == [(1, 3), (2, 3), (3, 3)]

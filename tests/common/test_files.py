"""Files that are replaced as a whole: a failed write leaves the old one, and what killed writers left is removed."""

import shutil
from pathlib import Path

import pytest

from acai_ray.common.files import WriteError, is_own_file, replacing, tidy, write_json


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    write_json(path, {"kept": True})
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), replacing(path) as temporary:
        temporary.write_bytes(b"x" * (1 // 0))
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_what_cannot_be_written_is_one_sentence_with_the_free_space(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match=r"/file/a\.json could not be written \(.*; .* MB are free in .*\); free some"):
        write_json(tmp_path / "file" / "a.json", {})


def test_a_link_out_of_the_folder_is_not_its_own_file(tmp_path: Path) -> None:
    inside, outside = tmp_path / "study", tmp_path / "secret"
    inside.mkdir()
    outside.touch()
    (inside / "own").touch()
    (inside / "link").symlink_to(outside)
    assert is_own_file(inside / "own", inside)
    assert not is_own_file(inside / "link", inside)
    assert not is_own_file(inside, inside)


def test_unfinished_files_of_dead_writers_go_away(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with replacing(tmp_path / "runs" / "g00000.parquet") as temporary:
        temporary.write_text("whole")
        shutil.copy(temporary, temporary.with_name(".g00000.parquet.1.tmp"))
    (tmp_path / "runs" / ".optuna.db.1.tmp-journal").touch()
    tidy(tmp_path / "runs")
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["g00000.parquet"]

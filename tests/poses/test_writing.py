"""A written file reads back to the same poses, and is replaced as a whole or not at all."""

import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.poses import PoseSet, writing
from acai_ray.poses.index import index_of, named
from acai_ray.poses.splits import SPLITS
from acai_ray.poses.writing import refuse_target, write_npz, write_parquet

COLUMNS = ["subject", "action", "sequence", "camera", "frame", "split"]
COUNT = 12


def made(standing, people, names, frames, acknowledgment="", synthetic=False):
    """A `PoseSet` of twelve poses, four a part; `people` are six names, `names` fill the other columns."""
    moved = np.repeat(standing[None], COUNT, axis=0)
    moved[:, 13, 1] += np.linspace(-0.05, 0.05, COUNT, dtype=np.float32)
    columns = {
        name: named(np.arange(COUNT) % len(values), values)
        for name, values in zip(("action", "sequence", "camera"), names, strict=True)
    }
    index = index_of(COUNT, frame=np.array(frames), subject=named(np.arange(COUNT) // 2, people), **columns)
    index["split"] = named(np.arange(COUNT) // 4, SPLITS)
    return PoseSet(moved, index, "made", synthetic, acknowledgment)


@pytest.fixture
def few(standing):
    names = (["Gehen", ""], ["Gehen 1", "走る"], ["54138969"])
    return made(standing, ["ann", "bob", "cyd", "dän", "eve", "fay"], names, range(COUNT), "thank ann", synthetic=True)


def is_trimmed(name: str) -> bool:
    """Blanks around a name do not belong to it."""
    return name == name.strip("\0 \t\n")


def same(one, other):
    assert one.fingerprint == other.fingerprint
    np.testing.assert_array_equal(one.poses, other.poses)
    for column in COLUMNS:
        assert list(one.index[column]) == list(other.index[column]), column


def texts(least):
    return st.lists(st.text(max_size=6), min_size=1, max_size=4) if least == 0 else st.text(min_size=1, max_size=6)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    people=st.lists(texts(1).filter(is_trimmed), min_size=6, max_size=6, unique=True),
    names=st.tuples(texts(0), texts(0), texts(0)),
    frames=st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=COUNT, max_size=COUNT),
    acknowledgment=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
    synthetic=st.booleans(),
)
def test_parquet_reads_back_the_same(standing, tmp_path, people, names, frames, acknowledgment, synthetic):
    written = made(standing, people, names, frames, acknowledgment, synthetic)
    write_parquet(written, tmp_path / "some.parquet")
    again = poses.load(tmp_path / "some.parquet")
    same(written, again)
    assert (again.acknowledgment, again.synthetic) == (acknowledgment, synthetic)


def test_npz_reads_back_the_same(few, tmp_path):
    write_npz(few, tmp_path / "some.npz")
    same(few, poses.load(tmp_path / "some.npz"))


def test_what_load_gives_of_world_poses_reads_back_the_same(tmp_path):
    loaded = poses.load("synthetic", views=1, every=8)
    write_parquet(loaded, tmp_path / "some.parquet")
    again = poses.load(tmp_path / "some.parquet")
    same(loaded, again)
    assert loaded.fps == again.fps == 1.25
    metadata = pq.read_schema(tmp_path / "some.parquet").metadata
    assert (metadata[b"units"], metadata[b"fps"], metadata[b"synthetic"]) == (b"m", b"1.25", b"true")


@pytest.mark.parametrize("write", [write_parquet, write_npz])
def test_the_same_poses_give_the_same_bytes(few, tmp_path, write):
    write(few, tmp_path / "a")
    write(few, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_row_groups_change_nothing(few, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "ROWS_AT_ONCE", 5)
    write_parquet(few, tmp_path / "some.parquet")
    assert pq.ParquetFile(tmp_path / "some.parquet").num_row_groups == 3
    same(few, poses.load(tmp_path / "some.parquet"))


@pytest.mark.parametrize("write", [write_parquet, write_npz])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(few, tmp_path, monkeypatch, write):
    (tmp_path / "some.parquet").write_text("old")

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UserError, match=r"some.parquet: a file must be written whole, .* \[No space left on device\]"):
        write(few, tmp_path / "some.parquet")
    assert [path.name for path in tmp_path.iterdir()] == ["some.parquet"]
    assert (tmp_path / "some.parquet").read_text() == "old"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("some.npy", r"must end in \.parquet, but is .*some\.npy"),
        ("no/some.parquet", "to a folder that exists, but .*no' does not; make it"),
        ("folder.parquet", "folder.parquet' is a folder; name another"),
        ("old.parquet", "must be new, but .*old.parquet' exists; give --force"),
    ],
)
def test_targets_that_are_refused(tmp_path, name, message):
    (tmp_path / "folder.parquet").mkdir()
    (tmp_path / "old.parquet").touch()
    with pytest.raises(UserError, match=message):
        refuse_target(tmp_path / name, (".parquet",), force=False)


def test_force_replaces_and_new_files_pass(tmp_path):
    (tmp_path / "old.parquet").touch()
    refuse_target(tmp_path / "old.parquet", (".parquet",), force=True)
    refuse_target(tmp_path / "new.parquet", (".parquet",), force=False)
    refuse_target(Path("new.npz"), (".parquet", ".npz"), force=False)


def test_a_split_without_validation_people_is_kept(tmp_path):
    report = poses.load("synthetic", protocol="report")
    write_parquet(report, tmp_path / "a.parquet")
    loaded = poses.load(tmp_path / "a.parquet")
    assert loaded.splits == report.splits == ("train", "test")
    assert loaded.fingerprint == report.fingerprint

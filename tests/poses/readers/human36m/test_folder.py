"""What holds for every form of Human3.6M that is a folder for each subject."""

import os
import shutil
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import JOINTS
from acai_ray.poses import formats
from acai_ray.poses.readers.human36m import folder, h36m_fetch, martinez, official_cdf
from tests.helpers import fabricate_h36m_fetch, fabricate_martinez, fabricate_official_cdf
from tests.helpers.fabricate_human36m import SUBJECTS, refuse

LEFT_WRIST, HEAD = JOINTS.index("left_wrist"), JOINTS.index("head")


@dataclass(frozen=True)
class Form:
    """A form's reader, the files of a subject, and the library that reads them."""

    reader: ModuleType
    fabricator: ModuleType
    first: str
    last: str
    broken: str
    library: str


FORMS = {
    "official_cdf": Form(
        official_cdf,
        fabricate_official_cdf,
        *(f"MyPoseFeatures/D3_Positions/{name}.cdf" for name in ("Directions 1", "Walking", "Directions")),
        library="cdflib",
    ),
    "h36m_fetch": Form(
        h36m_fetch,
        fabricate_h36m_fetch,
        *(f"{name}/annot.h5" for name in ("Directions-1", "Walking-2", "Directions")),
        library="h5py",
    ),
    "martinez": Form(
        martinez,
        fabricate_martinez,
        *(f"MyPoses/3D_positions/{name}.h5" for name in ("Directions 1", "Walking", "Directions")),
        library="h5py",
    ),
}


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]


@pytest.fixture
def data(form, tmp_path, crowd):
    return form.fabricator.write(tmp_path / "Menschen 3.6 µ", crowd)


def test_the_form_is_recognised_and_read(form, data):
    assert formats.find(data) is form.reader
    loaded = poses.load(data)
    assert [loaded.subjects(split) for split in loaded.splits] == [("S1", "S5", "S6", "S7"), ("S8",), ("S11", "S9")]
    assert set(loaded.index["action"]) == {"Directions", "Walking"}
    assert loaded.name == "Menschen 3.6 µ"
    assert not loaded.notes
    assert not loaded.synthetic
    seen = loaded.poses[(loaded.index["camera"].isin(["yaw000", "54138969"])).to_numpy()]
    assert (seen[:, LEFT_WRIST, 0] > 0.3).all(), "the left hand must be at the viewer's right"
    assert (seen[:, LEFT_WRIST, 2] < -0.1).all(), "the left hand must be nearer than the body"
    assert (loaded.poses[:, HEAD, 1] < -0.6).all()
    assert (np.abs(loaded.poses) < 1).all()


def test_the_folder_around_gives_the_same(data):
    assert poses.load(data.parent).fingerprint == poses.load(data).fingerprint


def test_files_are_read_in_natural_order_and_counted(data, form):
    told = []
    loaded = poses.load(data, progress=lambda done, total: told.append((done, total)))
    assert told == [(done, 14) for done in range(1, 15)]
    assert tuple(dict.fromkeys(loaded.index["subject"])) == SUBJECTS


def test_subjects_folders_may_be_written_otherwise(data):
    (data / "S1").rename(data / "s_01")
    assert "S1" in poses.load(data).subjects("train")


def test_s11_directions_is_left_out_and_said(data, form):
    broken = data / "S11" / form.broken
    broken.parent.mkdir(exist_ok=True)
    broken.write_bytes(b"broken")
    loaded = poses.load(data)
    assert loaded.notes == ("S11 Directions is left out: its recording is broken in some releases",)
    assert loaded.index.loc[loaded.index["subject"] == "S11", "sequence"].nunique() == 2


def test_only_that_recording_is_left_out(data, form):
    other = data / "S9" / form.broken
    other.parent.mkdir(exist_ok=True)
    shutil.copy(data / "S9" / form.first, other)
    loaded = poses.load(data)
    assert "Directions" in set(loaded.index.loc[loaded.index["subject"] == "S9", "sequence"])
    assert not loaded.notes


def test_hidden_and_other_files_are_left_alone(data, form):
    first = data / "S1" / form.first
    (first.parent / f"._{first.name}").write_bytes(b"apple")
    (first.parent / "readme.txt").write_text("hello")
    (data / ".trash" / "S5").mkdir(parents=True)
    (data / "S2" / "Videos").mkdir(parents=True)
    assert len(poses.load(data).subjects()) == 7


def test_a_single_file_takes_its_subject_from_its_folders(data, form):
    loaded = poses.load(data / "S7" / form.first, every=1, train=["S7"])
    assert loaded.subjects() == ("S7",)
    whole = poses.load(data, every=1, train=["S7"])
    sequence = loaded.index["sequence"].iloc[0]
    mine = ((whole.index["subject"] == "S7") & (whole.index["sequence"] == sequence)).to_numpy()
    np.testing.assert_array_equal(whole.poses[mine], loaded.poses)


def test_a_single_file_of_nobody_is_refused(data, form, tmp_path):
    file = tmp_path / Path(form.first).name
    shutil.copy(data / "S1" / form.first, file)
    refuse(file, f"^{file.name}: a single file must be one of Human3.6M's, .* but no folder .*; put it at S1/")


def test_the_broken_recording_alone_is_refused(data, form):
    broken = data / "S11" / form.broken
    broken.parent.mkdir(exist_ok=True)
    shutil.copy(data / "S11" / form.first, broken)
    refuse(broken, "must hold a sequence in use, but S11 Directions is left out")


def test_two_data_sets_in_one_folder_are_refused(data):
    shutil.copytree(data, data.parent / "copy")
    refuse(
        data.parent, r"there must be one folder with subjects, but there are 2 \(Menschen 3.6 µ, copy\); give the one"
    )


def test_a_missing_library_is_named_with_the_remedy(data, form, monkeypatch):
    monkeypatch.setitem(sys.modules, form.library, None)
    assert formats.find(data) is form.reader
    kind = {"cdflib": "CDF", "h5py": "HDF5"}[form.library]
    said = refuse(data, f"reading {kind} files needs {form.library}, which is not installed; ")
    assert said.startswith(f"S1/{form.first}: ")
    assert said.endswith(f"pip install {form.library}")


def test_recognition_reads_a_few_bytes_and_never_raises(data, form, monkeypatch):
    monkeypatch.setitem(sys.modules, form.library, None)
    assert form.reader.recognise(data)
    assert not form.reader.recognise(data.parent / "missing")
    assert not form.reader.recognise(Path("a\0b"))
    assert not form.reader.recognise(Path("x" * 300))
    (data / "loop").symlink_to(data / "loop")
    assert form.reader.recognise(data)
    for file in data.glob(f"*/{form.reader.LAYOUT.below}"):
        file.write_bytes(b"something else")
    assert not form.reader.recognise(data)
    refuse(data, "data must be one of .*its content is none of these or is damaged")


def test_a_folder_that_cannot_be_read_is_named(data, form, monkeypatch):
    closed = (data / "S5" / form.first).parent
    closed = closed.parent if form.reader is h36m_fetch else closed
    scandir = os.scandir

    def scan(path):
        if Path(path) == closed:
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(folder.os, "scandir", scan)
    refuse(data, "its folders must be readable, but .*S5.* is not .Permission denied.; correct its permissions")


def test_an_empty_or_cut_off_file_is_named(data, form):
    file = data / "S5" / form.last
    whole = file.read_bytes()
    for size in (0, 3, 8, 9, 200, len(whole) // 2, len(whole) - 9):
        file.write_bytes(whole[:size])
        refuse(data, f"^S5/{form.last}: a data file must be whole, but reading it stopped at .*; copy it again$")
        refuse(data.parent, f"^Menschen 3.6 µ/S5/{form.last}: ")


def test_the_first_file_may_be_the_damaged_one(data, form):
    (data / "S1" / form.first).write_bytes(b"")
    refuse(data, f"^S1/{form.first}: a data file must be whole")


def test_nothing_is_printed_in_other_threads_either(data, form, capfd):
    (data / "S1" / form.last).write_bytes((data / "S1" / form.last).read_bytes()[:600])
    said = []

    def load():
        try:
            poses.load(data)
        except UserError as error:
            said.append(str(error))

    thread = threading.Thread(target=load)
    thread.start()
    thread.join()
    assert said[0].startswith(f"S1/{form.last}: a data file must be whole")
    assert capfd.readouterr() == ("", "")

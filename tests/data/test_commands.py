"""The command `data`: exit codes, what it prints, what it writes."""

import argparse
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.data import __main__ as data
from acai_ray.poses import command_options as data_options
from tests.helpers.pipes import unread_pipe
from tests.helpers.said import complaints

KINDS = ("inspect", "convert", "preview", "synthetic")


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    """Eight people from the front, 136 poses each."""
    everybody = poses.load("synthetic", views=1, every=8)
    names = {name: everybody.index[name].astype(str).to_numpy(dtype=str) for name in ("subject", "action", "sequence")}
    path = tmp_path_factory.mktemp("data") / "some.npz"
    np.savez(path, poses=everybody.poses, frame=everybody.index["frame"], **names)
    return path


@pytest.fixture
def broken(file, tmp_path) -> Path:
    arrays = dict(np.load(file))
    arrays["poses"][3, 4, 1] = np.nan
    np.savez(tmp_path / "broken.npz", **arrays)
    return tmp_path / "broken.npz"


def after(told: str) -> list[str]:
    """The arguments of the `data` command that comes next."""
    program, command = told.splitlines()[-1].split(" acai_ray.data ")
    assert program == "next: python -m"
    return shlex.split(command)


def sentence(path, **options) -> str:
    with pytest.raises(UserError) as caught:
        poses.load(path, **options)
    return str(caught.value)


def test_inspect_prints_what_it_is(file, capsys) -> None:
    assert data.main(["inspect", str(file)]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("some.npz\nform ")
    for told in ("1,088 poses of 8 people in 1 recording", "camera", "A08", "left hip-left knee", "fingerprint"):
        assert told in out
    assert out.splitlines()[-1] == f"next: python -m acai_ray.data preview {file}"
    assert not any(line.endswith(" ") for line in out.splitlines())
    assert complaints(err) == []


def test_inspect_of_refused_data_ends_with_2_and_loads_sentence(broken, capsys) -> None:
    assert data.main(["inspect", str(broken)]) == 2
    out = capsys.readouterr().out
    told = " ".join(out.split("refused\n- ")[1].split("\n\n")[0].split())
    assert told == sentence(broken)
    assert re.search(r"^taken +none: refused$", out, re.MULTILINE)


@pytest.mark.parametrize("good", [True, False])
def test_json_has_the_keys_that_help_names(file, broken, good, capsys) -> None:
    code = data.main(["inspect", str(file if good else broken), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert code == (0 if good else 2)
    assert found["accepted"] is good
    documented = data.INSPECT_MORE.split("known):\n")[1].split("\n\n")[0]
    first = re.findall(r"^  (\w.*?)(?:  |$)", documented, re.MULTILINE)
    assert list(found) == [name for names in first for name in names.split(", ")]
    for kind in ("splits", "people", "bones"):
        inner = re.search(rf"{kind} +\[{{([^}}]+)}}\]", documented)
        assert inner
        assert re.findall(r"\w+", inner[1]) == list(found[kind][0])


def test_options_of_the_data_are_heard(file, tmp_path, capsys) -> None:
    arrays = dict(np.load(file))
    np.savez(tmp_path / "mm.npz", **arrays | {"poses": arrays["poses"] * 1000})
    assert data.main(["inspect", str(tmp_path / "mm.npz")]) == 2
    assert data.main(["inspect", str(tmp_path / "mm.npz"), "--unit", "mm", "--test", "A01", "--valid", "A02"]) == 0
    assert "train 6 people, 816 poses; valid 1 person, 136 poses; test 1" in capsys.readouterr().out
    assert data.main(["inspect", str(file), "--views", "0"]) == 2
    assert "views" in capsys.readouterr().err


def test_the_next_command_reads_the_data_in_the_same_way(file, tmp_path, capsys) -> None:
    arrays = dict(np.load(file))
    path = tmp_path / "cm z.npz"
    np.savez(path, **arrays | {"poses": 100 * arrays["poses"] * np.float32([1, -1, -1])})
    options = ["--unit", "cm", "--frame", "world", "--up", "y", "--train", "A01,A02", "--test", "A03", "--views", "2"]
    assert data.main(["inspect", str(path), *options]) == 0
    shown = after(capsys.readouterr().out)
    assert shown[:2] == ["preview", str(path)]
    assert data.main([*shown, "--out", str(tmp_path), "--poses", "1"]) == 0
    back = after(capsys.readouterr().out)
    assert back == ["inspect", *shown[1:]]
    assert data.parser().parse_args(back) == data.parser().parse_args(["inspect", str(path), *options])


NAMES = st.text("abc-_=' $", min_size=1, max_size=6).map(str.strip).filter(lambda name: name not in ("", "--"))
"""Without `--`, which argparse drops even after `=`, before Python 3.13."""
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "frame": st.sampled_from(["camera", "world"]),
        "views": st.integers(1, 360),
        "every": st.integers(1, 9),
        "cameras": NAMES,
        "joints": NAMES,
        "subject_pattern": NAMES,
        "seed": st.integers(0, 9),
        "protocol": st.sampled_from(["default", "report"]),
        "train": st.lists(NAMES, max_size=3),
        "test": st.lists(NAMES, max_size=3),
    },
)


@given(VALUES)
def test_flags_are_the_reverse_of_given(values) -> None:
    parser = argparse.ArgumentParser()
    data_options.add_to(parser)
    words = shlex.split(shlex.join(data_options.flags(values)))
    assert data_options.given(parser.parse_args(words)) == values


def test_where_nobody_validates_the_next_command_is_no_search(file, tmp_path, capsys) -> None:
    out = tmp_path / "mine.parquet"
    assert data.main(["convert", str(file), str(out), "--test", "A01,A02", "--force"]) == 0
    told = capsys.readouterr().out
    assert "a search needs validation people" in told
    assert "--space table1" in told
    assert data.main(after(told)) == 0


def test_a_reader_that_leaves_ends_the_command_quietly() -> None:
    with unread_pipe() as output:
        words = [sys.executable, "-m", "acai_ray.data", "inspect", "synthetic"]
        done = subprocess.run(
            words, stdout=output, stderr=subprocess.PIPE, cwd=Path(data.__file__).parent.parent, check=False
        )
    assert (done.stderr, done.returncode) == (b"", 141)


def test_convert_writes_what_load_gives(file, tmp_path, capsys) -> None:
    out = tmp_path / "mine.parquet"
    assert data.main(["convert", str(file), str(out), "--test", "A01,A02", "--valid", "A03"]) == 0
    expected, again = poses.load(file, test=("A01", "A02"), valid=("A03",)), poses.load(out)
    assert again.fingerprint == expected.fingerprint
    assert again.subjects("test") == ("A01", "A02")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"wrote {out}: 1,088 poses of 8 people, ")
    assert lines[0].endswith(expected.fingerprint[:16])
    assert lines[1] == f"next: python -m acai_ray.tune --space smoke --data {out}"


def test_a_converted_world_keeps_its_cameras_and_speed(tmp_path, capsys) -> None:
    assert data.main(["convert", "synthetic", str(tmp_path / "a.parquet"), "--every", "2", "--views", "2"]) == 0
    assert data.main(["inspect", str(tmp_path / "a.parquet"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out.split("smoke --data")[1].split("\n", 1)[1])
    assert found["camera_names"] == ["yaw000", "yaw180"]
    assert (found["stored_rates"], found["taken_rate"]) == ([5.0], 5.0)
    assert found["synthetic"] is True


@pytest.mark.parametrize("kind", ["convert", "preview"])
def test_refused_data_gives_loads_sentence_and_no_file(broken, tmp_path, kind, capsys) -> None:
    target = tmp_path / "out.parquet"
    arguments = [str(target)] if kind == "convert" else ["--out", str(target)]
    assert data.main([kind, str(broken), *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", f"error: {sentence(broken)}\n")
    assert not target.exists()


def test_convert_refuses_a_bad_target_before_it_reads(tmp_path, capsys) -> None:
    (tmp_path / "old.parquet").write_text("old")
    for out, told in (("a.npz", "must end in .parquet"), ("old.parquet", "give --force"), ("no/a.parquet", "make it")):
        assert data.main(["convert", "nothing at all", str(tmp_path / out)]) == 2
        assert told in capsys.readouterr().err
    assert (tmp_path / "old.parquet").read_text() == "old"


def test_force_replaces(file, tmp_path) -> None:
    (tmp_path / "old.parquet").write_text("old")
    assert data.main(["convert", str(file), str(tmp_path / "old.parquet"), "--force"]) == 0
    assert len(poses.load(tmp_path / "old.parquet")) == 1088


@pytest.mark.parametrize("suffix", [".parquet", ".npz"])
def test_synthetic_writes_the_built_in_people(tmp_path, suffix, capsys) -> None:
    out = tmp_path / f"people{suffix}"
    assert data.main(["synthetic", str(out), "--people-seed", "3"]) == 0
    again, made = poses.load(out), poses.load("synthetic", seed=3)
    assert again.fingerprint == made.fingerprint
    for column in ("subject", "action", "sequence", "camera", "frame", "split"):
        assert (again.index[column].astype(str) == made.index[column].astype(str)).all()
    assert f"next: python -m acai_ray.tune --space smoke --data {out}" in capsys.readouterr().out


def test_preview_writes_its_pictures(file, tmp_path, capsys) -> None:
    out = tmp_path / "pictures"
    assert data.main(["preview", str(file), "--out", str(out), "--poses", "3", "--sequence", "A02 walk 1"]) == 0
    assert (out / "poses.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "sequence.gif").read_bytes().startswith(b"GIF89a")
    assert sorted(path.name for path in out.iterdir()) == ["poses.png", "sequence.gif"]
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"wrote {out / 'poses.png'}: 3 random poses"
    assert "A02 · walk 1, 0.4 s at 10 poses a second, as its rate is unknown" in lines[1]
    assert lines[2] == f"next: python -m acai_ray.data inspect {file}"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--poses", "0"], "--poses must be 1 to 240, but got 0"),
        (["--seed", "-1"], "--seed must be at least 0, but got -1"),
        (["--sequence", "wlk 1"], "there must be a sequence 'wlk 1', but there is none; near it are walk 1"),
        (["--camera", "c1"], "a camera must be one of the data, but it names none; leave --camera out"),
    ],
)
def test_preview_refuses_in_one_sentence(file, tmp_path, arguments, told, capsys) -> None:
    path = file
    if "--camera" in arguments:
        arrays = dict(np.load(file)) | {"camera": np.full(1088, "")}
        np.savez(tmp_path / "a.npz", **arrays)
        path = tmp_path / "a.npz"
    assert data.main(["preview", str(path), "--out", str(tmp_path), *arguments]) == 2
    err = capsys.readouterr().err
    assert told in err
    assert len(complaints(err)) == 1


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_help_teaches_with_examples(kind, capsys) -> None:
    with pytest.raises(SystemExit) as left:
        data.main([*filter(None, [kind]), "--help"])
    assert left.value.code == 0
    out = capsys.readouterr().out
    assert "examples:\n  python -m acai_ray.data" in out
    assert "exit codes:" in out
    if kind:
        parser = data.parser()
        for line in re.findall(r"^  python -m acai_ray\.data (.+?)(?:  .*)?$", out, re.MULTILINE):
            assert parser.parse_args(shlex.split(line.split("|")[0])).command == kind


def test_the_command_runs_as_a_module(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "acai_ray.data", "inspect", str(tmp_path / "none")],
        capture_output=True,
        text=True,
        timeout=600,
        cwd=Path(data.__file__).parent.parent,
    )
    assert done.returncode == 2
    assert "data must be `synthetic` or an existing file or folder" in " ".join(done.stdout.split())

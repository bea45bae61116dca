"""Damaged, partial and foreign results: named in one sentence, left out, told by the exit code; never a traceback."""

import json
import os
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from safetensors.numpy import load_file, save_file

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.damage import damaged_models
from acai_ray.common.errors import UserError
from acai_ray.common.files import write_json
from tests.helpers.model_factory import save_all
from tests.helpers.said import complaints
from tests.helpers.study_factory import Trial, build

pytestmark = pytest.mark.usefixtures("one_figure")

FINGERPRINT = {"data_fingerprint": "abc123"}


@pytest.fixture
def study(whole: Path, tmp_path: Path) -> Path:
    """A copy of the whole study, to be damaged."""
    return Path(shutil.copytree(whole, tmp_path / "demo"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two trials of two runs with their models; for reading only."""
    trials = [Trial("g0", "grid", 0.0, range(2), pictures=True), Trial("g1", "grid", 0.1, range(2), pictures=True)]
    folder = build(tmp_path_factory.mktemp("whole") / "demo", trials)
    runs = [(f"{trial.trial_id}-{seed}", trial.lam) for trial in trials for seed in range(2)]
    save_all(folder, {run_id: {"lam": lam} for run_id, lam in runs})
    return folder


def rewrite(folder: Path, table: str, change: Callable[[pd.DataFrame], pd.DataFrame], name: str = "g1") -> None:
    store.write(folder, table, name, change(store.read(folder, table, "g1")), **FINGERPRINT)


def with_first(frame: pd.DataFrame, column: str, value: object) -> pd.DataFrame:
    changed = frame.astype({column: object})
    changed[column] = [value, *changed[column].iloc[1:]]
    return changed


def edited(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def flip_last(path: Path) -> None:
    """Change one bit of the last number, so that the file is as whole as before."""
    content = bytearray(path.read_bytes())
    content[-4] ^= 1
    path.write_bytes(content)


def made_by_the_former_version(folder: Path) -> None:
    """Give every table the columns and the version that the last release wrote."""
    for path in folder.glob("*/*.parquet"):
        table = pq.read_table(path)
        former = table.drop_columns([name for name in ("fold", "model_sha256") if name in table.column_names])
        pq.write_table(former.replace_schema_metadata({"schema_version": "1"}), path)


def damaged(folder: Path) -> list[str]:
    results = store.load(folder)
    return [str(damage) for damage in (*results.damaged, *damaged_models(results))]


def test_an_undamaged_study_has_nothing_to_name(study: Path) -> None:
    assert damaged(study) == []
    assert main([str(study)]) == 0


@pytest.mark.parametrize("table", ["runs", "metrics", "history", "curves", "gallery", "subjects"])
@pytest.mark.parametrize("kind", ["truncated", "flipped"])
def test_a_broken_file_of_any_table_is_named(study: Path, table: str, kind: str) -> None:
    path = study / table / "g1.parquet"
    content = bytearray(path.read_bytes())
    content[6] ^= 0xFF
    path.write_bytes(bytes(content) if kind == "flipped" else path.read_bytes()[: len(content) // 2])
    (sentence,) = damaged(study)
    assert sentence.startswith(f"{table}/g1.parquet: a table's file must be whole")
    assert set(getattr(store.load(study), table)["run_id"]) == {"g0-0", "g0-1"}


def test_the_lost_file_of_a_control_is_named(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.1, range(2)), Trial("x0", "control", 0.0, range(1), control="linear")]
    folder = build(tmp_path / "demo", trials)
    (folder / "runs" / "x0.parquet").unlink()
    (sentence,) = damaged(folder)
    assert sentence.startswith("runs/x0.parquet: every number must belong to a run")


MODEL = "models/g1-0: a finished run's model must be whole and its own"

FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "lost metrics": (lambda s: (s / "metrics/g1.parquet").unlink(), "metrics/g1.parquet: every run marked done"),
    "lost runs": (lambda s: (s / "runs/g1.parquet").unlink(), "runs/g1.parquet: every number must belong to a run"),
    "another study's file": (
        lambda s: store.write(s, "metrics", "g1", store.read(s, "metrics", "g1"), data_fingerprint="f" * 64),
        "metrics/g1.parquet: a study has one data set, here abc123, but this was measured on ffffffffffff",
    ),
    "a copy of a file": (
        lambda s: shutil.copy(s / "metrics/g1.parquet", s / "metrics/a (copy).parquet"),
        "metrics/a (copy).parquet: a run must stand in one file",
    ),
    "a number twice": (
        lambda s: rewrite(s, "metrics", lambda f: pd.concat([f, f.head(1)])),
        "metrics/g1.parquet: a table must hold each number once; 2 rows",
    ),
    "infinity": (
        lambda s: rewrite(s, "metrics", lambda f: with_first(f, "value", np.inf)),
        "metrics/g1.parquet: a metric must be missing or a number below 1e+100; 1 row",
    ),
    "an absurd number": (
        lambda s: rewrite(s, "metrics", lambda f: with_first(f, "value", -1e308)),
        "metrics/g1.parquet: a metric must be missing or a number below 1e+100; 1 row",
    ),
    "no run": (
        lambda s: rewrite(s, "history", lambda f: with_first(f, "run_id", None)),
        "history/g1.parquet: every row must say which run",
    ),
    "a pose of NaN": (
        lambda s: rewrite(s, "gallery", lambda f: with_first(f, "pose", [float("nan")] * 51)),
        "gallery/g1.parquet: a pose must be finite; 1 row",
    ),
    "no model": (lambda s: shutil.rmtree(s / "models/g1-0"), "models/g1-0: a finished run's model must be whole"),
    "half a model": (
        lambda s: (s / "models/g1-0/last.safetensors").write_bytes(b"\x80" * 100),
        f"{MODEL}, but last.safetensors is damaged",
    ),
    "another file of weights": (
        lambda s: (
            rewrite(s, "runs", lambda f: with_first(f, "model_sha256", digest(s / "models/g1-0/last.safetensors"))),
            shutil.copy(s / "models/g0-0/last.safetensors", s / "models/g1-0/last.safetensors"),
        ),
        f"{MODEL}, but last.safetensors is damaged, or not the file that the run wrote",
    ),
    "one weight changed": (
        lambda s: (
            rewrite(s, "runs", lambda f: with_first(f, "model_sha256", digest(s / "models/g1-0/last.safetensors"))),
            flip_last(s / "models/g1-0/last.safetensors"),
        ),
        f"{MODEL}, but last.safetensors is damaged, or not the file that the run wrote",
    ),
    "no config": (lambda s: (s / "models/g1-0/config.json").write_text("{"), "models/g1-0: "),
    "another run's model": (
        lambda s: shutil.copytree(s / "models/g0-0", s / "models/g1-0", dirs_exist_ok=True),
        f"{MODEL}, but it is the model of another run",
    ),
    "another study's model": (
        lambda s: edited(s / "models/g1-0/config.json", data_fingerprint="f" * 64),
        f"{MODEL}, but it is the model of another run or another",
    ),
    "a model led out": (
        lambda s: (
            shutil.move(s / "models/g1-0", s.parent / "away"),
            (s / "models/g1-0").symlink_to(s.parent / "away"),
        ),
        f"{MODEL}, but config.json is a link out of the study",
    ),
    "a table led out": (
        lambda s: (
            shutil.move(s / "metrics/g1.parquet", s.parent / "away"),
            (s / "metrics/g1.parquet").symlink_to(s.parent / "away"),
        ),
        "metrics/g1.parquet: a table's file must be a plain file in the study's folder",
    ),
    "a link to nothing": (
        lambda s: (s / "metrics/zz.parquet").symlink_to("nowhere"),
        "metrics/zz.parquet: a table's file must be",
    ),
    "a pipe": (
        lambda s: os.mkfifo(s / "metrics/zz.parquet"),
        "metrics/zz.parquet: a table's file must be a plain file",
    ),
    "an odd name": (
        lambda s: (s / "metrics" / "<b>\n\x1b[2J.parquet").write_bytes(b""),
        "metrics/<b>\n\x1b[2J.parquet: ",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_in_one_sentence(study: Path, fault: str) -> None:
    make, beginning = FAULTS[fault]
    make(study)
    (sentence,) = damaged(study)
    assert sentence.startswith(beginning)
    assert "left out" in sentence or "enters no comparison" in sentence
    assert "copy" in sentence


@pytest.mark.parametrize("column", ["latent_dim", "lam", "gamma", "seed", "status"])
def test_impossible_runs_are_left_out(study: Path, column: str) -> None:
    value = {"status": "wonderful", "lam": float("nan")}.get(column, -1)
    rewrite(study, "runs", lambda frame: with_first(frame, column, value))
    (sentence,) = damaged(study)
    assert sentence.startswith("runs/g1.parquet: a run must have a latent size")
    assert set(store.load(study).runs["run_id"]) == {"g0-0", "g0-1", "g1-1"}


def test_of_two_files_with_a_run_the_one_named_after_its_trial_counts(study: Path) -> None:
    rewrite(study, "metrics", lambda frame: frame.assign(value=1e6), name="a")
    metrics = store.load(study).metrics
    assert metrics["value"].max() < 1e6
    assert set(metrics["run_id"]) == {"g0-0", "g0-1", "g1-0", "g1-1"}


def test_every_fault_at_once_gives_a_page_that_names_them(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for fault in ("another study's file", "infinity", "no model", "a pipe", "an odd name"):
        if fault != "another study's file":
            FAULTS[fault][0](study)
    assert main([str(study)]) == 4
    out = capsys.readouterr()
    page = (study / "report" / "index.html").read_text(encoding="utf-8")
    assert "Traceback" not in out.err
    assert "\x1b" not in out.out
    assert "<b>" + "\n" not in page
    for name in ("metrics/g1.parquet", "models/g1-0", "metrics/zz.parquet", "metrics/&lt;b&gt;"):
        assert name in page


def test_a_model_whose_hash_is_the_runs_own_is_no_damage(study: Path) -> None:
    for trial in ("g0", "g1"):
        runs = store.read(study, "runs", trial)
        hashes = [digest(study / "models" / run_id / "last.safetensors") for run_id in runs["run_id"]]
        store.write(study, "runs", trial, runs.assign(model_sha256=hashes), **FINGERPRINT)
    assert damaged(study) == []


@pytest.mark.parametrize(("part", "found"), [("own.", 0), ("autoencoder.decoder", 1)])
def test_only_the_autoencoders_numbers_must_be_finite(study: Path, part: str, found: int) -> None:
    """The critic of a vanilla run looks on; where the learning rate is huge, its numbers overflow, and nothing else."""
    file = study / "models" / "g0-0" / "last.safetensors"
    weights = load_file(file)
    name = next(name for name in weights if name.startswith(part))
    save_file(weights | {name: np.full_like(weights[name], np.nan)}, file)
    assert len(damaged(study)) == found


def test_people_whose_file_is_damaged_leave_their_pairs(study: Path) -> None:
    """Verdicts rest on the table of people, so what it lacks stands in no verdict, and the page is written."""
    (study / "subjects" / "g1.parquet").write_bytes(b"PAR1 half")
    assert main([str(study)]) == 4
    page = (study / "report" / "index.html").read_text(encoding="utf-8")
    assert "subjects/g1.parquet" in page
    assert "no pair has this number" in page


def test_a_study_without_its_models_is_no_damage(study: Path) -> None:
    shutil.rmtree(study / "models")
    assert damaged(study) == []


@pytest.mark.parametrize(
    "content", ["{", "[1]", "[" * 100_000, '{"name": "npm package"}', '{"study": 3, "space": {}, "data": {}}']
)
def test_a_study_json_that_is_not_ours_is_one_sentence(
    study: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (study / "study.json").write_text(content, encoding="utf-8")
    assert main([str(study)]) == 2
    (error,) = complaints(capsys.readouterr().err)
    assert error.startswith("error: study.json must")


def nothing(folder: Path) -> Path:
    return folder / "nothing"


def a_file(folder: Path) -> Path:
    (folder / "file").write_text("", encoding="utf-8")
    return folder / "file"


def empty(folder: Path) -> Path:
    (folder / "empty").mkdir()
    return folder / "empty"


def tables_only(folder: Path) -> Path:
    (folder / "tables" / "runs").mkdir(parents=True)
    return folder / "tables"


def led_out(folder: Path) -> Path:
    (folder / "led").mkdir()
    (folder / "secret.json").write_text('{"study": "secret", "space": {}, "data": {}}', encoding="utf-8")
    (folder / "led" / "study.json").symlink_to(folder / "secret.json")
    return folder / "led"


@pytest.mark.parametrize("make", [nothing, a_file, empty, tables_only, led_out])
def test_a_folder_that_is_no_study_is_one_sentence(
    tmp_path: Path, make: Callable[[Path], Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = make(tmp_path)
    assert main([str(path)]) == 2
    (error,) = complaints(capsys.readouterr().err)
    assert error.startswith("error: ")
    assert str(path) in error


@pytest.fixture
def nobody() -> None:
    """Give up root's right to read everything, for one test."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    yield
    os.seteuid(0)


def test_a_folder_that_cannot_be_read_is_one_sentence(
    study: Path, nobody: None, request: pytest.FixtureRequest
) -> None:
    if os.geteuid() != 65534:
        study.chmod(0)
        request.addfinalizer(lambda: study.chmod(0o700))
    with pytest.raises(UserError, match=r"cannot be read \(Permission denied\)"):
        store.studies(study)


@pytest.mark.parametrize("link", ["report", "report/figures"])
def test_a_strangers_link_cannot_make_the_report_overwrite_other_files(
    study: Path, link: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (study.parent / "home").mkdir()
    (study / link).parent.mkdir(exist_ok=True)
    (study / link).symlink_to(study.parent / "home")
    assert main([str(study)]) == 2
    assert "leads out of it; remove that link" in capsys.readouterr().err
    assert list((study.parent / "home").iterdir()) == []


def test_of_several_studies_the_worst_code_counts_and_the_sound_one_is_analysed(study: Path) -> None:
    shutil.copytree(study, study.parent / "broken")
    (study.parent / "broken" / "metrics" / "g1.parquet").unlink()
    assert main([str(study.parent)]) == 4
    write_json(study.parent / "foreign" / "study.json", {})
    assert main([str(study.parent)]) == 2
    assert (study / "report" / "index.html").is_file()


def test_a_study_of_a_former_version_is_named_and_the_good_one_is_analysed(
    study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    former = Path(shutil.copytree(study, study.parent / "former"))
    made_by_the_former_version(former)
    assert main([str(study.parent)]) == 2
    (error,) = complaints(capsys.readouterr().err)
    assert error.startswith(f"error: this program reads version 2 of the tables, but {former} was made by version 1")
    assert "analyse it with acai-ray 0.1.0, or run the study again under another name" in error
    assert (study / "report" / "index.html").is_file()
    assert not (former / "report").exists()


def test_a_study_of_a_former_version_is_named_on_the_page_over_several(study: Path) -> None:
    former, other = (Path(shutil.copytree(study, study.parent / name)) for name in ("former", "other"))
    made_by_the_former_version(former)
    assert main([str(study.parent)]) == 2
    page = (study.parent / "index.html").read_text(encoding="utf-8")
    assert "former was left out: this program reads version 2 of the tables" in page
    assert "2 studies side by side" in page
    assert (other / "report" / "index.html").is_file()


def test_a_lost_table_of_people_is_named(tmp_path: Path) -> None:
    trials = [Trial("g0", "grid", 0.0, range(3)), Trial("g1", "grid", 0.1, range(3))]
    study = build(tmp_path / "study", trials)
    (study / "subjects" / "g1.parquet").unlink()
    (damage,) = store.load(study).damaged
    assert str(damage) == (
        "subjects/g1.parquet: every finished trial must have the numbers of each person, but the file is missing and "
        "its runs enter no verdict; copy it again from where it was made"
    )

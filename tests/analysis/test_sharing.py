"""`--share`: a small copy that has every number, says the same, and can be checked by whoever gets it."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.damage import damaged_models
from tests.helpers.model_factory import save_all
from tests.helpers.quick_reports import one_figure
from tests.helpers.study_factory import Trial, build

pytestmark = pytest.mark.usefixtures("one_figure")

SIZES = (8, 16)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    trials = [
        Trial(f"g{size}{number}", "grid", lam, range(2), latent_dim=size, pictures=True)
        for size in SIZES
        for number, lam in enumerate((0.0, 0.01, 0.1, 1.0))
    ]
    space = {"data": "/mocap/somebody/poses.npz", "grid": {"latent_dim": [8, 16]}, "seeds": 2}
    data = {"name": "some poses", "source": "poses.npz", "fingerprint": "abc123", "synthetic": False}
    folder = build(tmp_path_factory.mktemp("results") / "demo", trials, space=space, data=data)
    runs = [(f"{trial.trial_id}-{seed}", trial) for trial in trials for seed in trial.seeds]
    save_all(folder, {name: {"lam": trial.lam, "latent_dim": trial.latent_dim} for name, trial in runs})
    return folder


@pytest.fixture(scope="module")
def copy(study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared")
    with one_figure():
        assert main([str(study), "--share", str(folder)]) == 0
    return folder / "demo"


def test_every_number_is_there(study: Path, copy: Path) -> None:
    whole, shared = store.load(study), store.load(copy)
    assert shared.damaged == []
    for table in set(store.TABLES) - {"gallery"}:
        pd.testing.assert_frame_equal(getattr(whole, table), getattr(shared, table))


def test_it_has_the_pictures_of_each_trials_first_run(study: Path, copy: Path) -> None:
    pictured = store.load(copy).gallery["run_id"].unique()
    assert sorted(pictured) == [f"g{size}{number}-0" for size in sorted(map(str, SIZES)) for number in range(4)]


def test_it_has_the_middle_twins_of_each_size_and_misses_no_others(copy: Path) -> None:
    kept = sorted(path.name for path in (copy / "models").iterdir())
    assert kept == ["g160-0", "g162-0", "g80-0", "g82-0"]
    assert not list(copy.rglob("best.safetensors"))
    assert damaged_models(store.load(copy)) == []


def test_a_shared_model_that_is_missing_is_damage(copy: Path, tmp_path: Path) -> None:
    other = shutil.copytree(copy, tmp_path / "demo")
    (other / "models" / "g82-0" / "last.safetensors").unlink()
    (damage,) = damaged_models(store.load(other))
    assert damage.file == "models/g82-0"


def test_its_report_says_what_its_tables_say(copy: Path) -> None:
    assert main([str(copy), "--check"]) == 0
    page = (copy / "report" / "index.html").read_text(encoding="utf-8")
    assert "this copy of the study was made without it" in page
    assert '"pairs": []' not in page


def test_it_names_no_path(copy: Path) -> None:
    assert json.loads((copy / "study.json").read_text(encoding="utf-8"))["space"]["data"] == "poses.npz"
    assert not [path for path in copy.rglob("*") if path.is_file() and b"somebody" in path.read_bytes()]


def test_a_copy_is_never_written_over(study: Path, copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(study), "--share", str(copy.parent)]) == 2
    assert "a study is shared into a new folder" in capsys.readouterr().err


def test_a_damaged_study_is_not_shared(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = shutil.copytree(study, tmp_path / "demo")
    (other / "curves" / "g80.parquet").write_bytes(b"PAR1")
    assert main([str(other), "--share", str(tmp_path / "shared")]) == 2
    assert "a study is shared whole, but in" in capsys.readouterr().err
    assert not (tmp_path / "shared").exists()

"""What the analysis tells other programs: the same as its tables, in one object."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from acai_ray.analysis.__main__ import main
from tests.helpers.study_factory import Trial, build

pytestmark = pytest.mark.usefixtures("one_figure")

WORSE = {"reconstruction_mpjpe_mm": [5.0, 5.1, 4.9, 5.0]}


def told(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == code
    out, err = capsys.readouterr()
    assert "Report:" not in out + err
    found: dict[str, Any] = json.loads(out)
    assert found["exit_code"] == code
    return found


def compared(folder: Path) -> Path:
    vanilla = Trial("g00000", "grid", 0.0, range(4))
    acai = Trial("g00001", "grid", 0.1, range(4), differences=WORSE)
    return build(folder, [vanilla, acai])


def test_the_verdicts_are_those_of_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = compared(tmp_path / "demo")
    (found,) = told(capsys, str(study))["studies"]
    assert found["page"] == str(study / "report" / "index.html")
    assert found["runs"] == {"done": 8}
    verdicts = {row["metric"]: row for row in found["verdicts"]}
    worse = verdicts["test_reconstruction_mpjpe_mm"]
    assert (worse["verdict"], worse["family"], worse["split"], worse["arm"]) == ("worse", "grid", "test", "acai")
    assert verdicts["test_path_coverage"]["p_sign_flip"] is None  # NaN: one fold
    table = pd.read_csv(study / "report" / "tables" / "verdicts_grid.csv")
    assert table["difference"].tolist() == [row["difference"] for row in found["verdicts"]]
    assert set(table.columns) <= worse.keys()
    assert all(Path(path).is_file() for path in [*found["figures"], *found["tables"]])


def test_nothing_compared_has_the_numbers_of_the_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = told(capsys, str(build(tmp_path / "demo", [Trial("e00000", "single", 0.1, [0])])))["studies"]
    assert found["verdicts"] == []
    (row,) = found["measured"]
    assert (row["latent_dim"], row["lambda"], row["runs"]) == (16, 0.1, 1)


def test_several_studies_have_a_page_and_what_is_wrong_with_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    compared(tmp_path / "one")
    compared(tmp_path / "three")
    (compared(tmp_path / "two") / "study.json").write_text("{")
    found = told(capsys, str(tmp_path), code=2)
    assert found["page"] == str(tmp_path / "index.html")
    errors = {study["study"]: study["error"] for study in found["studies"]}
    assert "valid JSON" in errors.pop("two")
    assert errors == {"one": None, "three": None}


@pytest.mark.parametrize("other", [["--check"], ["--share", "copy"], ["--watch"]])
def test_what_prints_something_else_is_refused(
    other: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), *other, "--json"]) == 2
    assert "--json tells what one analysis found" in json.loads(capsys.readouterr().out)["error"]

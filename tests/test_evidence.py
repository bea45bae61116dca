"""The evidence in `analysis/`: reports that say what their tables say, few real poses, a notebook to repeat."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from nbclient import NotebookClient
from pages import ROOT

from acai_ray import store
from acai_ray.analysis.command import check

EVIDENCE = ROOT / "analysis"
STUDIES = sorted(path.parent for path in EVIDENCE.glob("*/study.json"))
MOST_REAL_POSES = 24
ACKNOWLEDGMENT = (
    "The data used in this project was obtained from mocap.cs.cmu.edu. "
    "The database was created with funding from NSF EIA-0196217."
)
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")

each_study = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)


def test_the_reference_study_is_here() -> None:
    assert "table1" in [study.name for study in STUDIES]


@each_study
def test_its_report_says_what_its_tables_say(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(study, []) == 0, capsys.readouterr()


@each_study
def test_it_is_whole(study: Path) -> None:
    results = store.load(study)
    assert results.study["status"] == "finished"
    assert not results.damaged
    assert set(results.runs["status"]) == {"done"}


@each_study
def test_few_of_its_poses_are_real_and_their_source_is_thanked(study: Path) -> None:
    results = store.load(study)
    real = results.gallery[results.gallery["kind"] == "real"]
    assert 0 < len({tuple(pose) for pose in real["pose"]}) <= MOST_REAL_POSES
    for page in (study / "report" / "index.html", EVIDENCE / "README.md"):
        assert ACKNOWLEDGMENT in " ".join(page.read_text(encoding="utf-8").split())


def test_the_notebook_prints_the_same_again(tmp_path: Path) -> None:
    folder = shutil.copytree(EVIDENCE, tmp_path / "analysis")
    notebook = nbformat.read(folder / "walkthrough.ipynb", as_version=4)
    before = list(printed(notebook))
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(folder)}}).execute()
    after = list(printed(notebook))
    assert [NUMBER.sub("#", text) for text in after] == [NUMBER.sub("#", text) for text in before]
    assert numbers(after) == pytest.approx(numbers(before), rel=0.01)
    assert (
        sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])) > 1
    )


@pytest.mark.parametrize(
    ("table", "cells", "kinds"),
    [("overview", 4, ("difference", "ci95_low", "ci95_high")), ("table_one_changes", 7, ("difference", "report"))],
)
def test_the_readme_shows_the_numbers_of_the_tables(table: str, cells: int, kinds: tuple[str, ...]) -> None:
    frame = pd.read_parquet(EVIDENCE / "table1" / "report" / "tables" / f"{table}.parquet")
    columns = [name for name in frame if name.endswith(kinds)]
    columns.sort(key=lambda name: kinds.index(next(kind for kind in kinds if name.endswith(kind))))
    columns = [name for place in range(cells) for name in columns[place::cells]]
    wanted = {(row["latent_dim"], row["lambda_m2"]): [row[name] for name in columns] for _, row in frame.iterrows()}
    text = (EVIDENCE / "README.md").read_text(encoding="utf-8").replace("−", "-")
    lines = [re.findall(NUMBER, line) for line in text.splitlines() if line.count("|") == cells + 3]
    shown = {(float(line[0]), float(line[1])): line[2:] for line in lines if line}
    assert shown.keys() == wanted.keys()
    for cell, texts in shown.items():
        for number, value in zip(texts, wanted[cell], strict=True):
            assert float(number) == pytest.approx(value, abs=0.501 * 10.0 ** -len(number.partition(".")[2]))


def printed(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """What its cells print, tables among it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield output.get("text") or output["data"]["text/plain"]


def numbers(texts: list[str]) -> list[float]:
    """All numbers in them."""
    return [float(found) for text in texts for found in NUMBER.findall(text)]

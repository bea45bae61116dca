"""The evidence in `analysis/`: reports that say what their tables say, few real poses, a notebook to repeat."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pandas as pd
import pyarrow.parquet as pq
import pytest
from nbclient import NotebookClient

from acai_ray import store
from acai_ray.analysis.command import check
from tests.helpers.last_digits import move
from tests.helpers.pages import ROOT

EVIDENCE = ROOT / "analysis"
STUDIES = sorted(path.parent for path in EVIDENCE.glob("*/study.json"))
MOST_REAL_POSES = 24
ACKNOWLEDGMENT = (
    "The data used in this project was obtained from mocap.cs.cmu.edu. "
    "The database was created with funding from NSF EIA-0196217."
)
ESTIMATE = ("difference", "ci95_low", "ci95_high")
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?")

FORMER = {pq.read_schema(path).metadata[b"schema_version"].decode() for path in EVIDENCE.glob("*/runs/*.parquet")}
readable = pytest.mark.skipif(
    {store.SCHEMA_VERSION} != FORMER,
    reason=f"the reference studies have tables of version {', '.join(FORMER)}; issue 25, the evidence, runs them again",
)
each_study = pytest.mark.parametrize("study", STUDIES, ids=lambda study: study.name)


def test_the_reference_studies_are_here() -> None:
    assert [study.name for study in STUDIES] == ["table1", "wide"]


@readable
@each_study
def test_its_report_says_what_its_tables_say(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(study, []) == 0, capsys.readouterr()


@readable
@pytest.mark.slow
@each_study
def test_its_report_holds_on_another_processor(study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tables' last digits are moved: neither a rounding, nor a hash, nor a tie of many may decide what is said."""
    copy = Path(shutil.copytree(study, tmp_path / study.name))
    assert move(copy) > 100_000
    assert check(copy, []) == 0, capsys.readouterr()


@readable
@each_study
def test_it_is_whole(study: Path) -> None:
    results = store.load(study)
    assert not results.damaged
    assert set(results.runs["status"]) == {"done"}
    searched = results.runs.loc[results.runs["phase"] == "search", "trial_id"].nunique()
    if results.study["status"] != "finished":  # its search ended with its time: README says so in these words
        said = f"**the search: {searched} of its {results.study['space']['trials']} trials**"
        assert said in (EVIDENCE / "README.md").read_text(encoding="utf-8")


@readable
@each_study
def test_few_of_its_poses_are_real_and_their_source_is_thanked(study: Path) -> None:
    results = store.load(study)
    real = results.gallery[results.gallery["kind"] == "real"]
    assert 0 < len({tuple(pose) for pose in real["pose"]}) <= MOST_REAL_POSES
    for page in (study / "report" / "index.html", EVIDENCE / "README.md"):
        assert ACKNOWLEDGMENT in " ".join(page.read_text(encoding="utf-8").split())


@readable
def test_the_notebook_prints_the_same_again(tmp_path: Path) -> None:
    folder = shutil.copytree(EVIDENCE, tmp_path / "analysis")
    notebook = nbformat.read(folder / "walkthrough.ipynb", as_version=4)
    before = list(printed(notebook))
    NotebookClient(
        notebook, timeout=1200, coalesce_streams=True, resources={"metadata": {"path": str(folder)}}
    ).execute()
    after = list(printed(notebook))
    assert [NUMBER.sub("#", text) for text in after] == [NUMBER.sub("#", text) for text in before]
    assert numbers(after) == pytest.approx(numbers(before), rel=0.01)
    assert (
        sum("image/png" in output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])) > 1
    )


@pytest.mark.parametrize(
    ("study", "table", "keys", "kinds"),
    [
        ("table1", "overview", ["latent_dim", "lambda_m2"], ESTIMATE),
        ("table1", "table_one_changes", ["latent_dim", "lambda_m2"], ("difference", "report")),
        ("wide", "overview", ["latent_dim", "lambda_m2", "gamma"], ESTIMATE),
    ],
)
def test_the_readme_shows_the_numbers_of_the_tables(
    study: str, table: str, keys: list[str], kinds: tuple[str, ...]
) -> None:
    frame = pd.read_parquet(EVIDENCE / study / "report" / "tables" / f"{table}.parquet")
    columns = [name for name in frame if name.endswith(kinds)]
    columns.sort(key=lambda name: kinds.index(next(kind for kind in kinds if name.endswith(kind))))
    cells = len(columns) // len(kinds)
    columns = [name for place in range(cells) for name in columns[place::cells]]
    text = (EVIDENCE / "README.md").read_text(encoding="utf-8").replace("−", "-")
    lines = [re.findall(NUMBER, line) for line in text.splitlines() if line.count("|") == len(keys) + cells + 1]
    shown = [line for line in lines if line]
    assert len(shown) == len(frame)
    for texts, (_, row) in zip(shown, frame.iterrows(), strict=True):
        for place, (number, name) in enumerate(zip(texts, [*keys, *columns], strict=True)):
            digits = 0.005 * row[name] if place < len(keys) else 0.501 * 10.0 ** -len(number.partition(".")[2])
            assert float(number) == pytest.approx(row[name], abs=digits), (name, texts)


def printed(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """What its cells print, tables among it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield output.get("text") or output["data"]["text/plain"]


def numbers(texts: list[str]) -> list[float]:
    """All numbers in them."""
    return [float(found) for text in texts for found in NUMBER.findall(text)]

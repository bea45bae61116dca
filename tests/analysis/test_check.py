"""`--check`: a report that says something else than its tables is told, and one drawn by other libraries is not."""

import io
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.check import differences
from acai_ray.analysis.compare import analyse
from acai_ray.analysis.report import contents
from acai_ray.protocol.primary import parse_margins
from tests.helpers.quick_reports import one_figure
from tests.helpers.study_factory import Trial, build

pytestmark = pytest.mark.usefixtures("one_figure")

Files = dict[str, bytes]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    trials = [Trial("g0", "grid", 0.0, range(3)), Trial("g1", "grid", 0.1, range(3))]
    return build(tmp_path_factory.mktemp("results") / "demo", trials)


@pytest.fixture(scope="module")
def made(study: Path) -> Files:
    with one_figure():
        return contents(analyse(store.load(study), parse_margins([])))


def parquet(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Callable[[bytes], bytes]:
    def changed(content: bytes) -> bytes:
        buffer = io.BytesIO()
        change(pd.read_parquet(io.BytesIO(content))).to_parquet(buffer, index=False)
        return buffer.getvalue()

    return changed


def test_the_same_files_agree(made: Files) -> None:
    assert list(differences(dict(made), made)) == []


def table(made: Files, kind: str) -> str:
    return next(name for name in made if name.startswith("tables/") and name.endswith(kind))


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("index.html", lambda text: text.replace(b"inconclusive", b"better", 1), "reads otherwise"),
        ("methods.md", lambda text: text.replace(b"0.05", b"0.06", 1), "has 0.06, but the tables give 0.05"),
        ("methods.md", lambda text: text + b"And more.\n", "lines, but the tables give"),
        (".csv", lambda text: text.replace(b"0", b"7", 1), "line"),
        (".parquet", parquet(lambda frame: frame.iloc[:-1]), "DataFrame"),
        (".parquet", lambda content: content[:50], "damaged"),
        (".svg", lambda text: text.replace(b"L 1", b"L 2", 1), "line"),
        (".png", lambda content: content[:-1], "another picture"),
    ],
)
def test_a_changed_file_is_named(kind: str, change: Callable[[bytes], bytes], told: str, made: Files) -> None:
    name = next(name for name in made if name.endswith(kind))
    written = {**made, name: change(made[name])}
    assert written[name] != made[name]
    (line,) = differences(written, made)
    assert line.startswith(f"{name}: ")
    assert told in line


def test_missing_and_foreign_files_are_named(made: Files) -> None:
    written = {**made, "figures/other.png": b""}
    del written["methods.md"]
    assert list(differences(written, made)) == [
        "methods.md is missing",
        "figures/other.png is not made from these tables",
    ]


def test_the_last_digits_of_other_machines_agree(made: Files) -> None:
    """Coordinates in the drawings, numbers of the tables; pixels of a picture whose drawing has other bytes."""
    name = next(name for name in made if name.endswith(".svg"))
    drawing = made[name].replace(b"</svg>", b"<!-- 1000.01 --></svg>")
    other = made[name].replace(b"</svg>", b"<!-- 1000.02 --></svg>")
    pixels = name.replace(".svg", ".png")
    parquet_name = table(made, ".parquet")
    nudged = parquet(lambda frame: frame.apply(lambda c: c * (1 + 1e-9) if c.dtype == float else c))
    written = {**made, name: other, pixels: b"other bytes", parquet_name: nudged(made[parquet_name])}
    assert list(differences(written, {**made, name: drawing})) == []


def test_the_command(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(study)]) == 0
    page = study / "report" / "index.html"
    before = page.stat().st_mtime_ns
    capsys.readouterr()
    assert main([str(study), "--check"]) == 0
    assert capsys.readouterr().out == "demo: the report says what the tables say\n"
    assert main([str(study), "--check", "--margin", "reconstruction=2"]) == 4
    said = capsys.readouterr().err
    assert "error: demo: index.html: line" in said
    assert f"write it again with: python -m acai_ray.analysis {study}" in said
    assert page.stat().st_mtime_ns == before


def test_a_study_without_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = build(tmp_path / "demo", [Trial("g0", "grid", 0.0, range(2)), Trial("g1", "grid", 0.1, range(2))])
    assert main([str(study), "--check"]) == 4
    said = capsys.readouterr().err
    assert "is missing" in said
    assert not (study / "report").exists()


def test_it_goes_with_nothing_that_writes(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(study), "--check", "--recompute"]) == 2
    assert "--check goes alone, but --recompute was given, too" in capsys.readouterr().err

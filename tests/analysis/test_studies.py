"""Several studies in one page: nothing is pooled, other data is never set side by side, each verdict is its study's."""

from contextlib import redirect_stdout
from functools import cache
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.compare import Analysis, analyse, studies
from acai_ray.analysis.compare.studies import Agreement
from acai_ray.analysis.figures.studies_figure import COLOURS, MARKERS, forest
from acai_ray.analysis.figures.style import laid_out
from acai_ray.analysis.report.studies_page import MARK, answer
from acai_ray.analysis.tables import studies_tables
from acai_ray.common.files import write_json
from acai_ray.protocol.primary import PRIMARY, parse_margins
from tests.helpers import quick_reports
from tests.helpers.study_factory import Trial, build

pytestmark = pytest.mark.usefixtures("one_figure")

EVIL = "<script>alert(1)</script>"


class Page(HTMLParser):
    """The tables of a page by caption, its links and its tags."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tables: list[list[list[str]]] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1] in ("td", "th", "a") and self.tables and self.tables[-1]:
            self.tables[-1][-1][-1:] = [text + data.strip() for text in self.tables[-1][-1][-1:]]


def one(folder: Path, name: str, data: str = "one", shift: float = 0.1, seeds: int = 8, lam: float = 0.1) -> Path:
    """A study with one cell whose coverage differs by `shift` in every pair; one seed leaves it undecided."""
    trials = [
        Trial("g0", "grid", 0.0, range(seeds)),
        Trial("g1", "grid", lam, range(seeds), differences={"path_coverage": [shift] * seeds}),
    ]
    about = {"name": data, "fingerprint": data * 8, "synthetic": False}
    return build(folder / name, trials, data=about, space={"evaluation": {"pairs": 100}})


def analysed(*folders: Path) -> list[Analysis]:
    return [analyse(store.load(folder), parse_margins([])) for folder in folders]


def test_only_the_same_data_evaluation_and_split_are_comparable(tmp_path: Path) -> None:
    folders = [one(tmp_path, "a"), one(tmp_path, "b"), one(tmp_path, "c", data="two"), one(tmp_path, "d")]
    content = store.read_study(folders[3])
    write_json(folders[3] / "study.json", content | {"space": {"evaluation": {"pairs": 200}}})
    assert studies.comparable(analysed(*folders)) == [1, 1, 3, 4]


def test_studies_of_unknown_data_are_comparable_with_none(tmp_path: Path) -> None:
    folders = [one(tmp_path, "a"), one(tmp_path, "b")]
    for folder in folders:
        write_json(folder / "study.json", store.read_study(folder) | {"data": {}})
    assert studies.comparable(analysed(*folders)) == [1, 2]


def test_verdicts_are_each_studys_own(tmp_path: Path) -> None:
    analyses = analysed(one(tmp_path, "a"), one(tmp_path, "b", shift=-0.1), one(tmp_path, "c", seeds=3))
    rows = studies.verdicts(analyses)
    for analysis in analyses:
        mine = rows[rows["study"] == studies.name_of(analysis)].reset_index(drop=True)
        columns = ["metric", "n", "mean", "low", "high", "verdict"]
        pd.testing.assert_frame_equal(mine[columns], analysis.answer.tests[columns])


def test_agreement_counts_cells(tmp_path: Path) -> None:
    better, worse = one(tmp_path, "a"), one(tmp_path, "b", shift=-0.1)
    again, few = one(tmp_path, "c", data="two"), one(tmp_path, "d", seeds=1)
    equal, small = one(tmp_path, "e", shift=0.0), one(tmp_path, "f", shift=0.002)

    @cache
    def analysis_of(folder: Path) -> Analysis:
        return analysed(folder)[0]

    def coverage(*folders: Path) -> dict[str, int]:
        rows = studies.shared(studies.verdicts([analysis_of(folder) for folder in folders]))
        return studies.agreement(rows).set_index("metric").loc["coverage"].to_dict()

    nothing = dict.fromkeys(map(str, Agreement), 0)
    assert coverage(better, again) == nothing | {"cells": 1, "better": 1}
    assert coverage(worse, one(tmp_path, "g", shift=-0.1)) == nothing | {"cells": 1, "worse": 1}
    assert coverage(equal, small) == nothing | {"cells": 1, "equivalent": 1}
    assert coverage(better, worse) == nothing | {"cells": 1, "opposite": 1}
    assert coverage(better, equal) == nothing | {"cells": 1, "opposite": 1}
    assert coverage(better, few) == nothing | {"cells": 1, "partly": 1}
    assert coverage(equal, few) == nothing | {"cells": 1, "partly": 1}
    assert coverage(few, one(tmp_path, "h", seeds=1)) == nothing | {"cells": 1, "undecided": 1}
    assert coverage(better, one(tmp_path, "i", lam=0.2)) == nothing | {"cells": 0}


def test_agreement_is_said_in_words(tmp_path: Path) -> None:
    analyses = analysed(one(tmp_path, "a"), one(tmp_path, "b", shift=0.0))
    sentences = answer(studies.agreement(studies.shared(studies.verdicts(analyses))), studies.overview(analyses))
    assert sentences == [
        "Reconstruction MPJPE, of 1 shared cell: equivalent in all in 1.",
        "Smoothness ratio, median, of 1 shared cell: equivalent in all in 1.",
        "Path bone excess, of 1 shared cell: equivalent in all in 1.",
        "Path coverage, of 1 shared cell: of different verdicts in 1.",
    ]


def test_the_difference_of_each_study_stands_beside_its_people(tmp_path: Path) -> None:
    rows = studies.verdicts(analysed(one(tmp_path, "a"), one(tmp_path, "b", shift=0.0, seeds=1)))
    table = studies_tables.differences(rows, ["a", "b"], PRIMARY[3])
    assert table.rows == [["16", "0.1", "0.05", "▲ +0.1 –, 3 people", "· 0 –, 3 people"]]
    assert "▲ better, ▼ worse, = equivalent, · undecided" in table.caption


def test_what_is_equivalent_is_hollow_in_the_forest(tmp_path: Path) -> None:
    rows = studies.verdicts(analysed(one(tmp_path, "a"), one(tmp_path, "b", shift=0.0), one(tmp_path, "c", seeds=1)))
    figure = laid_out(lambda: forest(rows, ["a", "b", "c"]))
    assert figure is not None
    faces = [line.get_markerfacecolor() for line in figure.axes[3].lines if line.get_marker() in MARKERS[:3]]
    assert faces == [COLOURS[0], "none", "none"]


def test_settings_that_differ_are_shown_and_no_other(tmp_path: Path) -> None:
    first, second = one(tmp_path, "a"), one(tmp_path, "b")
    for trial in ("g0", "g1"):
        store.write(second, "runs", trial, store.read(second, "runs", trial).assign(width=128))
    assert studies.differing_settings(analysed(first, second)).to_dict() == {"width": {"a": (256,), "b": (128,)}}


def test_the_forest_draws_the_intervals_of_each_study(tmp_path: Path) -> None:
    rows = studies.verdicts(analysed(one(tmp_path, "a"), one(tmp_path, "b", data="two")))
    figure = laid_out(lambda: forest(rows, ["a", "b"]))
    assert figure is not None
    for ax, metric in zip(figure.axes, PRIMARY, strict=True):
        drawn = {tuple(segment[:, 0]) for lines in ax.collections for segment in lines.get_segments()}
        expected = rows[rows["metric"] == metric.name][["low", "high"]]
        assert drawn == {tuple(row) for row in expected.to_numpy()}
    filled = [line.get_markerfacecolor() for line in figure.axes[3].lines if line.get_marker() in MARKERS[:2]]
    assert filled == list(COLOURS[:2])


@pytest.fixture
def results(tmp_path: Path) -> Path:
    one(tmp_path, "a", seeds=2)
    one(tmp_path, "b", seeds=2)
    return tmp_path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Three studies, one of them on other data, with their page, and what the command printed; for reading only."""
    folder, printed = tmp_path_factory.mktemp("written"), StringIO()
    for name, data in (("a", "one"), ("b", "one"), ("latent_dim", "two")):
        one(folder, name, data)
    with quick_reports.one_figure(), redirect_stdout(printed):
        assert main([str(folder)]) == 0
    return folder, printed.getvalue()


def test_the_page_needs_nothing_but_the_pages_beside_it(written: tuple[Path, str]) -> None:
    results, printed = written
    assert f"Report: {results / 'index.html'}" in printed
    page = Page(results / "index.html")
    links = [link for link in page.links if not link.startswith(("#", "data:image/png"))]
    assert links == [f"./{name}/report/index.html" for name in ("a", "b", "latent_dim")]
    assert all((results / link).is_file() for link in links)
    assert not {"script", "link", "iframe"} & set(page.tags)


def test_other_data_is_never_set_side_by_side_in_absolute_numbers(written: tuple[Path, str]) -> None:
    results, _ = written
    page = Page(results / "index.html")
    absolute = [table for table in page.tables if any("→" in text for row in table for text in row)]
    assert [table[0] for table in absolute] == [["d", "λ", "γ", "metric", "a", "b"]]
    assert "never set side by side" in (results / "index.html").read_text(encoding="utf-8")


def test_one_study_has_no_such_page_and_a_stale_one_goes(results: Path) -> None:
    assert main([str(results)]) == 0
    (results / "b").rename(results.parent / f"{results.name}-b")
    assert main([str(results)]) == 0
    assert not (results / "index.html").exists()


@pytest.mark.parametrize("several", [True, False])
def test_a_strangers_index_is_left_alone(results: Path, several: bool, capsys: pytest.CaptureFixture[str]) -> None:
    (results / "index.html").write_text("my own page", encoding="utf-8")
    assert main([str(results if several else results / "a")]) == (2 if several else 0)
    assert ("another program's file is there" in capsys.readouterr().err) is several
    assert (results / "index.html").read_text(encoding="utf-8") == "my own page"


def test_a_strangers_study_runs_no_code_in_it(results: Path) -> None:
    evil = results / "x<img src=x onerror=1>"
    (results / "b").rename(evil)
    content = store.read_study(evil)
    write_json(
        evil / "study.json", content | {"question": EVIL, "status": EVIL, "data": {"name": EVIL, "fingerprint": EVIL}}
    )
    assert main([str(results)]) == 0
    page = Page(results / "index.html")
    assert not {"script", "img"} & set(page.tags)
    assert str(MARK) in (results / "index.html").read_text(encoding="utf-8")[:1000]


def test_a_foreign_study_is_named_and_the_others_stand_side_by_side(results: Path) -> None:
    write_json(results / "foreign" / "study.json", {"name": "something else"})
    assert main([str(results)]) == 2
    text = (results / "index.html").read_text(encoding="utf-8")
    assert "foreign was left out" in text
    assert "2 studies side by side" in text

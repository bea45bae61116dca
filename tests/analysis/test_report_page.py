"""The page and the command: self-contained, safe, and there whatever the study lacks."""

import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest
from markupsafe import escape
from matplotlib.figure import Figure

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.compare import analyse
from acai_ray.analysis.figures import FIGURES, draw, style
from acai_ray.analysis.report import contents
from acai_ray.analysis.report.scripts import page_scripts
from acai_ray.common.drawing import LEFT, draw_pose
from acai_ray.protocol.primary import parse_margins
from tests.helpers.said import complaints
from tests.helpers.study_factory import STAND, Trial, build

DRAWN = [spec for spec in FIGURES if spec.name != "importances"]
"""What a study of two settings has; importances need many trials."""

EVIL = "<script>alert(1)</script>$\\frac{"


class Tags(HTMLParser):
    """Collects tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs


def trials() -> list[Trial]:
    vanilla = Trial("g0", "grid", 0.0, range(6), pictures=True, people={"Anna": 0.0, "Ben": 1.0})
    acai = Trial("g1", "grid", 0.1, range(6), pictures=True, differences={"path_coverage": [0.1] * 6})
    acai.people = {"Anna": 0.5, "Ben": 0.5}
    mean = Trial("x00000", "control", 0.0, [0], latent_dim=51, control="mean")
    people = {"Anna": 0.2, "Ben": 1.4}
    return [vanilla, acai, mean, Trial("x00001", "control", 1e-6, range(6), control="chaos", people=people)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study of two settings with controls; for reading only."""
    return build(tmp_path_factory.mktemp("whole") / "demo", trials())


@pytest.fixture
def study(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "demo"))


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A study of three λ with its report, and what the command printed; for reading only."""
    more = [Trial(f"g{number}", "grid", lam, range(6)) for number, lam in [(2, 0.3), (3, 1.0)]]
    folder = build(tmp_path_factory.mktemp("results") / "demo", [*trials(), *more])
    printed = StringIO()
    with redirect_stdout(printed):
        assert main([str(folder.parent)]) == 0
    return folder, printed.getvalue()


def page_of(folder: Path) -> str:
    return (folder / "report" / "index.html").read_text(encoding="utf-8")


def without_scripts(page: str) -> str:
    """The page without its own scripts, each of which stands in it once."""
    for script in page_scripts():
        before, after = page.split(f"<script>{script}</script>")
        page = before + after
    return page


def test_the_command_prints_verdicts_and_writes_page_and_figures(reported: tuple[Path, str]) -> None:
    study, out = reported
    assert "ACAI − vanilla" in out
    assert str(study / "report" / "index.html") in out
    assert "synthetic" in out
    names = {path.name for path in (study / "report" / "figures").iterdir()}
    assert names == {f"{spec.name}.{kind}" for spec in DRAWN for kind in ("svg", "png", "pdf")}


def test_the_page_needs_nothing_but_itself(reported: tuple[Path, str]) -> None:
    page = without_scripts(page_of(reported[0]))
    assert "http://" not in page
    assert "https://" not in page
    tags = Tags()
    tags.feed(page)
    assert not {"link", "iframe", "object"} & set(tags.tags)
    assert tags.tags.count("script") == 1
    assert ("type", "application/json") in tags.attributes
    outside = [
        v for k, v in tags.attributes if k in ("src", "href") and v and not v.startswith(("data:image/png", "#"))
    ]
    assert outside == []
    ids = [value for name, value in tags.attributes if name == "id"]
    assert len(ids) == len(set(ids))


def test_the_page_says_what_must_be_said(reported: tuple[Path, str]) -> None:
    page = page_of(reported[0])
    for sentence in (
        "The poses are synthetic",
        "ANCI is path length over chord",
        "never decide",
        "20,000 generated poses",
        "× 100/99",
        "L_rec of the mean pose is 0.05",
        "mean pose",
    ):
        assert sentence in page


@pytest.mark.usefixtures("only_vectors")
def test_a_strangers_study_runs_no_code(tmp_path: Path) -> None:
    evil = Trial("x<b>", "grid", 0.2, [0], settings={"norm": EVIL}, status={})
    twin = Trial("y", "grid", 0.0, [0], settings={"norm": EVIL})
    failed = Trial("z", "grid", 0.3, [0], status={0: ("failed", EVIL)})
    data = {"name": EVIL, "acknowledgment": EVIL, "counts": {EVIL: EVIL}, "subjects": {EVIL: [EVIL]}, "synthetic": EVIL}
    folder = build(
        tmp_path,
        [*trials(), evil, twin, failed],
        study=EVIL,
        question=EVIL,
        data=data,
        machine={EVIL: EVIL},
        space={EVIL: EVIL},
    )
    (folder / "metrics" / "<img src=x>.parquet").write_bytes(b"")
    assert main([str(folder)]) == 4
    page = without_scripts(page_of(folder))
    tags = Tags()
    tags.feed(page)
    assert tags.tags.count("script") == page.count("<script") == 1
    assert "<img src=x>" not in page
    assert not [name for name, _ in tags.attributes if name.startswith("on")]


@pytest.mark.usefixtures("one_figure")
def test_text_from_a_study_cannot_drive_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = build(tmp_path, trials())
    (folder / "study.json").write_text(
        '{"study": "\\u001b[2Jgone [red]\\ud800", "space": {}, "data": {}}', encoding="utf-8"
    )
    assert main([str(folder)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[red]" in out


@pytest.mark.usefixtures("one_figure")
def test_damaged_tables_are_named_and_the_rest_analysed(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study / "metrics" / "broken.parquet").write_bytes(b"PAR1 half")
    assert main([str(study)]) == 4
    assert "metrics/broken.parquet" in capsys.readouterr().out
    assert "metrics/broken.parquet" in page_of(study)


@pytest.mark.parametrize(
    ("missing", "code"), [("metrics", 4), ("history", 0), ("curves", 0), ("gallery", 0), ("subjects", 4), ("runs", 4)]
)
@pytest.mark.usefixtures("only_vectors")
def test_a_missing_table_costs_only_what_it_held(study: Path, missing: str, code: int) -> None:
    for path in (study / missing).iterdir():
        path.unlink()
    assert main([str(study)]) == code
    assert "The verdicts" in page_of(study) or missing == "runs"


def test_a_study_that_has_only_begun_is_reported(tmp_path: Path) -> None:
    build(tmp_path, [])
    assert main([str(tmp_path)]) == 0
    assert "nothing to compare yet" in page_of(tmp_path)


@pytest.mark.parametrize("arguments", [["nowhere"], ["--margin", "speed=1"]])
def test_a_mistake_is_one_sentence(arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), *arguments] if arguments[0] == "--margin" else [str(tmp_path / arguments[0])]) == 2
    (error,) = complaints(capsys.readouterr().err)
    assert error.startswith("error: ")


@pytest.mark.usefixtures("one_figure")
def test_one_bad_study_does_not_hide_another(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (study.parent / "bad").mkdir()
    (study.parent / "bad" / "study.json").write_text("{", encoding="utf-8")
    assert main([str(study.parent)]) == 2
    assert (study / "report" / "index.html").is_file()


@pytest.mark.slow
def test_the_same_study_gives_the_same_files(reported: tuple[Path, str]) -> None:
    folder = reported[0] / "report"
    written = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert contents(analyse(store.load(reported[0]), parse_margins([]))) == written


@pytest.mark.usefixtures("one_figure")
def test_nothing_of_an_earlier_report_stays(study: Path) -> None:
    assert main([str(study)]) == 0
    report = study / "report"
    first = {path.relative_to(report) for path in report.rglob("*.*")}
    former, mine = report / "figures" / "importances.svg", report / "tables" / "notes.txt"
    for path in (former, former.with_suffix(".pdf"), report / "tables" / "hypervolumes_of_before.tex", mine):
        path.touch()
    assert main([str(study)]) == 0
    assert {path.relative_to(report) for path in report.rglob("*.*")} == first | {mine.relative_to(report)}


@pytest.mark.slow
def test_neither_torch_nor_ray_is_imported(study: Path) -> None:
    code = "import sys; from acai_ray.analysis.__main__ import main; main(sys.argv[1:])"
    code += "; sys.exit('torch' in sys.modules or 'ray' in sys.modules)"
    subprocess.run([sys.executable, "-c", code, str(study)], check=True, capture_output=True)


def test_help_imports_no_library() -> None:
    code = "import sys, acai_ray.analysis.__main__ as m; m.parser().format_help(); sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_figure_has_a_name_of_its_own_and_a_place_in_the_page(reported: tuple[Path, str]) -> None:
    assert len({spec.name for spec in FIGURES}) == len(FIGURES)
    for spec in DRAWN:
        assert f"<b>{escape(spec.title)}.</b>" in page_of(reported[0])


def test_the_interval_drawn_is_the_interval_computed(study: Path) -> None:
    analysis = analyse(store.load(study), parse_margins([]))
    spec = next(spec for spec in FIGURES if spec.name == "paired_differences")
    figure = draw(spec, analysis)
    assert figure is not None
    assert analysis.answer is not None
    test = analysis.answer.tests.set_index("metric").loc["reconstruction"]
    drawn = {tuple(segment[:, 0]) for lines in figure.axes[0].collections for segment in lines.get_segments()}
    floor = test["chaos"]
    assert floor == pytest.approx(0.3)
    assert drawn == {(test["low"], test["high"]), (-floor, floor)}
    assert test["low"] < 0 < test["high"]


def test_up_is_up_and_left_is_blue() -> None:
    ax = Figure().subplots()
    draw_pose(ax, STAND)
    lines = ax.collections[0]
    segments, colours = lines.get_segments(), lines.get_colors()
    head = max(float(segment[:, 1].max()) for segment in segments)
    feet = min(float(segment[:, 1].min()) for segment in segments)
    assert (head, feet) == (pytest.approx(0.72), pytest.approx(-0.9))
    to_left_wrist = next(i for i, s in enumerate(segments) if s[:, 0].max() > 0.59)
    assert style.mpl.colors.same_color(colours[to_left_wrist], LEFT)


def test_inline_pictures_follow_the_pages_colours(study: Path) -> None:
    figure = draw(FIGURES[0], analyse(store.load(study), parse_margins([])))
    assert figure is not None
    vector = style.svg(figure)
    markup = style.inline("name", vector, vector * 2, "what it shows")
    assert "var(--ink)" in markup
    assert style.INK not in markup
    assert 'aria-label="what it shows"' in markup
    many = vector + b" " * style.LARGEST_VECTOR
    assert style.inline("name", many, style.png(figure), "many").startswith("<img")

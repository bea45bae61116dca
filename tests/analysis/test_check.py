"""`--check`: a report that says something else than its tables is told, and one of another processor is not."""

import base64
import io
import json
import re
import shutil
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from acai_ray import store
from acai_ray.analysis.__main__ import main
from acai_ray.analysis.check import differences
from acai_ray.analysis.compare import analyse
from acai_ray.analysis.figures import style
from acai_ray.analysis.report import contents
from acai_ray.protocol.primary import parse_margins
from tests.helpers.last_digits import move
from tests.helpers.model_factory import save_all
from tests.helpers.study_factory import Trial, build

Files = dict[str, bytes]
Change = Callable[[bytes], bytes]

BETTER = {"path_coverage": [0.05, 0.06, 0.04], "reconstruction_mpjpe_mm": [-1.2, -2.3, -0.9]}
GRID = {"pictures": True, "people": {"A": 0.0, "B": 1.5}, "settings": {"width": 32}}
TRIALS = (
    Trial("g0", "grid", 0.0, range(3), **GRID),
    Trial("g1", "grid", 0.1, range(3), differences=BETTER, **GRID),
    Trial("x0", "control", 1e-6, range(3), control="chaos", settings={"width": 32}),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A grid with pictures, people, a chaos control and models, so that its page has an explorer."""
    folder = build(tmp_path_factory.mktemp("results") / "demo", TRIALS)
    save_all(folder, {f"{t.trial_id}-{seed}": {"lam": t.lam, "width": 32} for t in TRIALS for seed in t.seeds})
    return folder


@pytest.fixture(scope="module")
def made(study: Path) -> Files:
    """All files of its report, with every figure."""
    return contents(analyse(store.load(study), parse_margins([])))


def said(made: Files, kind: str, change: Change) -> str:
    """What is told of a report in which one file, the first of its kind, was changed."""
    name = next(name for name in made if name.endswith(kind))
    written = {**made, name: change(made[name])}
    assert written[name] != made[name]
    lines = list(differences(written, made))
    assert len(lines) <= 1
    assert all(line.startswith(f"{name}: ") for line in lines)
    return lines[0].removeprefix(f"{name}: ") if lines else ""


def of_text(change: Callable[[str], str]) -> Change:
    return lambda content: change(content.decode()).encode()


def replaced(old: str, new: str) -> Change:
    """The first place where a pattern matches, written otherwise."""
    return of_text(lambda text: re.sub(old, new, text, count=1, flags=re.DOTALL))


def of_frame(change: Callable[[pd.DataFrame], pd.DataFrame]) -> Change:
    def changed(content: bytes) -> bytes:
        buffer = io.BytesIO()
        change(pd.read_parquet(io.BytesIO(content))).to_parquet(buffer, index=False)
        return buffer.getvalue()

    return changed


def of_data(change: Callable[[dict], None]) -> Change:
    """What the page's explorer reads, changed."""

    def changed(match: re.Match[str]) -> str:
        data = json.loads(match[0])
        change(data)
        return json.dumps(data)

    return of_text(lambda text: re.sub(r'(?<=id="page-data">).*?(?=</script>)', changed, text, flags=re.DOTALL))


def of_array(key: str, kind: str, change: Callable[[np.ndarray], np.ndarray]) -> Change:
    """An array of the first network that the page holds."""

    def changed(data: dict) -> None:
        network = data["networks"][0]
        owner = network["layers"][0] if key == "parameters" else network
        array = np.frombuffer(base64.b64decode(owner[key]), kind).copy()
        owner[key] = base64.b64encode(change(array).astype(kind).tobytes()).decode()

    return of_data(changed)


def of_picture(change: Callable[[Image.Image], None] | None = None, **options: int) -> Change:
    def changed(content: bytes) -> bytes:
        picture, buffer = Image.open(io.BytesIO(content)), io.BytesIO()
        if change:
            change(picture)
        picture.save(buffer, "png", **options)
        return buffer.getvalue()

    return changed


def of_streams(change: Change) -> Change:
    """The compressed streams of a PDF, changed and compressed otherwise."""

    def changed(content: bytes) -> bytes:
        parts = re.split(rb"(\bstream\n)(.*?)(\nendstream)", content, flags=re.DOTALL)
        parts[2::4] = [zlib.compress(change(zlib.decompress(part)), 1) for part in parts[2::4]]
        return b"".join(parts)

    return changed


def renamed(text: str) -> str:
    """Every id and what refers to it, as another processor's hashes name them."""
    names = r'(?<=\sid=")[^"]+|(?<=href="#)[^"]+|(?<=url\(#)[^)]+|(?<=aria-labelledby=")[^"]+'
    markup, *scripts = re.split(r"(?=<script )", text)
    return re.sub(names, lambda name: f"p{zlib.crc32(name[0].encode()):x}", markup) + "".join(scripts)


def first(data: dict, name: str) -> list:
    return next(trial[name] for trial in data["trials"] if trial["phase"] == "grid")


def a_line(picture: Image.Image) -> None:
    picture.paste((27, 31, 36, 255), (100, 100, 160, 102))


def test_the_same_files_agree(made: Files) -> None:
    assert list(differences(dict(made), made)) == []


def test_the_page_has_all_that_is_compared(made: Files) -> None:
    """Nothing below is proven of a page without it."""
    page = made["index.html"].decode()
    assert all(part in page for part in ("image/png;base64", "clip-path", '"codes"', '"float16"', "<caption>"))
    assert {name.rpartition(".")[2] for name in made} == {
        "html",
        "md",
        "tex",
        "bib",
        "csv",
        "parquet",
        "svg",
        "png",
        "pdf",
    }


@pytest.mark.parametrize(
    ("kind", "change", "told"),
    [
        ("index.html", replaced("undecided", "better"), "line .* reads “.*better.*”, but the tables give “.*undec"),
        ("index.html", replaced(r"(<td>)0\.1(</td>)", r"\g<1>0.2\2"), r"line \d+ has 0\.2, but the tables give 0\.1"),
        ("index.html", replaced(r"\+0\.05", "+0.06"), r"line \d+ has \+0\.06"),
        ("index.html", replaced(r"<td>3</td>", "<td>4</td>"), r"line \d+ has 4, but the tables give 3"),
        ("index.html", replaced(r"(<caption>[^<]+)", r"\1, or not"), r"line \d+ reads"),
        ("index.html", replaced(r"(<figcaption>.*?)</figcaption>", r"\1 Or not.</figcaption>"), r"line \d+ reads"),
        ("index.html", replaced(r"<tr[^>]*><td>.*?</tr>\n", ""), r"line \d+ (has|reads)"),
        ("index.html", replaced(r'class="undecided"', 'class="better"'), r"line \d+ reads “.*better"),
        ("index.html", replaced(r"(<td[^>]*>)·", r"\1▼"), r"line \d+ reads"),
        ("index.html", replaced(r'aria-label="', 'aria-label="Not '), r"line \d+ reads"),
        ("index.html", replaced(r"<h2>.*?</h2>", ""), r"line \d+"),
        ("index.html", replaced(r"</body>", "<p>Or not.</p></body>"), r"line \d+ reads"),
        ("index.html", replaced(r"</html>\s*", ""), r"line \d+"),
        ("index.html", replaced(r"<!doctype html>", "<!doctype html><!-- 1 -->"), r"line 1 "),
        ("index.html", replaced(r"<script>", "<script>alert(1);"), r"line \d+ has a script or style"),
        ("index.html", replaced(r"<script>.*?</script>", ""), r"line \d+ reads otherwise"),
        ("index.html", replaced(r"(<style>)", r"\1td { display: none }"), r"line \d+ has a script or style"),
        ("index.html", replaced(r"\nL (\d+)", r"\nL 1\1"), r"line \d+ has 1\d+"),
        ("index.html", of_text(lambda text: text[: len(text) // 2]), r"line \d+"),
        ("methods.md", replaced(r"0\.05", "0.06"), r"line \d+ has 0\.06, but the tables give 0\.05"),
        ("methods.md", of_text(lambda text: text + "And more.\n"), r"line \d+ reads “And"),
        ("methods.tex", replaced(r"\\cite", r"\\nocite"), r"line \d+ reads"),
        ("references.bib", replaced(r"20\d\d", "1999"), r"line \d+ reads “.*1999"),
        (".csv", replaced(r"0\.(\d)", r"0.9\1"), r"line 2 has 0\.9"),
        (".csv", replaced(r"\n[^\n]*\n$", "\n"), r"line \d+"),
        (".tex", replaced(r"&", "& &"), r"line \d+"),
        (".parquet", of_frame(lambda frame: frame.iloc[:-1]), r"\d rows, but the tables give \d"),
        (".parquet", of_frame(lambda frame: frame.assign(more=1)), "other columns"),
        (".parquet", of_frame(lambda frame: frame.assign(**{"lambda": frame["lambda"] * 1.001})), "row 1 has"),
        (".parquet", lambda content: content[:50], "damaged"),
        (".svg", replaced(r"L (\d+)", r"L 1\1"), r"line \d+ has 1\d+"),
        (".svg", replaced(r"stroke: #\w+", "stroke: #000000"), r"line \d+ reads “#000000"),
        (".svg", replaced(r"(<text[^>]*>)[^<]+", r"\1more"), r"line \d+"),
        (".svg", replaced(r"<use [^>]*/>", ""), r"line \d+"),
        (".svg", replaced(r"</svg>", '<rect width="9" height="9"/></svg>'), r"line \d+"),
        (".svg", replaced(r"url\(#\w+\)", "url(#another)"), r"line \d+ refers to \w+, which is another element"),
        (".png", of_picture(a_line), "another picture"),
        (".png", lambda content: content[:-200], "damaged"),
        (".png", lambda content: b"", "another picture, of another size or kind"),
        (".pdf", of_streams(lambda stream: stream.replace(b" l\n", b" m\n", 1)), "another picture"),
        (".pdf", of_streams(lambda stream: re.sub(rb"\n(\d+\.\d+ )", rb"\n9\1", stream, count=1)), "another picture"),
        (".pdf", lambda content: content[:3000], "damaged|another picture"),
    ],
)  # fmt: skip
def test_a_changed_file_is_named(kind: str, change: Change, told: str, made: Files) -> None:
    assert re.match(told, said(made, kind, change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (of_array("parameters", "<f2", lambda a: a * 1.01), r"layers, 0, parameters has \d+ of \d+ numbers"),
        (of_array("parameters", "<f2", lambda a: np.where(a == a[5], np.nan, a)), "that the tables do not give"),
        (of_array("codes", "<f4", lambda a: -a), "networks, 0, codes has"),
        (of_array("codes", "<f4", lambda a: a[:-1]), "networks, 0, codes has .* bytes"),
        (of_data(lambda data: data["networks"][0].update(codes="no base64")), "networks, 0, codes is damaged"),
        (of_data(lambda data: data["poses"][0].__setitem__(3, 9.0)), r"poses, 0, 3 is 9\.0, but the tables give"),
        (of_data(lambda data: first(data, "values").__setitem__(0, None)), "trials, 0, values, 0 is null"),
        (of_data(lambda data: first(data, "values").__setitem__(0, 40.1)), r"trials, 0, values, 0 is 40\.1"),
        (of_data(lambda data: data["trials"].reverse()), "trials, 0, name"),
        (of_data(lambda data: data["pairs"].pop()), "pairs has other entries"),
        (of_data(lambda data: data.update(split="valid")), 'split is "valid", but the tables give "test"'),
        (replaced(r'(id="page-data">)\{', r"\1"), "has damaged data"),
    ],
)  # fmt: skip
def test_other_data_of_the_explorer_is_named(change: Change, told: str, made: Files) -> None:
    line = said(made, "index.html", change)
    assert re.match(r"line \d+ has", line)
    assert re.search(told, line)


@pytest.mark.usefixtures("one_figure")
def test_another_picture_within_the_page_is_named(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(style, "LARGEST_VECTOR", 0)  # so that the page embeds pictures as it does for large studies
    made = contents(analyse(store.load(study), parse_margins([])))

    def swapped(page: str) -> str:
        content = base64.b64decode(re.search(r"(?<=image/png;base64,)[\w+/=]+", page)[0])
        other = base64.b64encode(of_picture(a_line)(content)).decode()
        return re.sub(r"(?<=image/png;base64,)[\w+/=]+", other, page, count=1)

    assert re.fullmatch(r"line \d+ another picture", said(made, "index.html", of_text(swapped)))


def test_missing_and_foreign_files_are_named(made: Files) -> None:
    written = {**made, "figures/other.png": b""}
    del written["methods.md"]
    assert list(differences(written, made)) == [
        "methods.md is missing",
        "figures/other.png is not made from these tables",
    ]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("index.html", of_text(renamed)),
        (".svg", of_text(renamed)),
        (".svg", replaced(r"L (\d+\.\d+)", r"L \g<1>4")),
        ("index.html", of_text(lambda page: page.replace("\n", "\r\n"))),
        ("index.html", of_array("codes", "<f4", lambda a: a * (1 + 1e-6))),
        ("index.html", of_array("parameters", "<f2", lambda a: np.nextafter(a, np.float16(9)))),
        ("index.html", of_data(lambda data: data["poses"][0].__setitem__(3, data["poses"][0][3] + 1e-4))),
        (".parquet", of_frame(lambda frame: frame.apply(lambda c: c * (1 + 1e-9) if c.dtype == float else c))),
        (".png", of_picture(compress_level=1)),
        (".pdf", of_streams(lambda stream: stream)),
    ],
)
def test_what_another_processor_writes_otherwise_is_no_difference(kind: str, change: Change, made: Files) -> None:
    assert said(made, kind, change) == ""


def test_tables_moved_in_their_last_digits_have_the_same_report(study: Path, made: Files, tmp_path: Path) -> None:
    there = Path(shutil.copytree(study, tmp_path / "demo"))
    assert move(there) > 100
    moved = contents(analyse(store.load(there), parse_margins([])))
    kinds = {name.rpartition(".")[2] for name in made if moved[name] != made[name]}
    assert {"html", "csv", "parquet", "svg"} <= kinds
    assert list(differences(made, moved)) == list(differences(moved, made)) == []


@pytest.mark.usefixtures("one_figure")
def test_the_command(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = study / "report" / "index.html"
    for name, content in contents(analyse(store.load(study), parse_margins([]))).items():
        (page.parent / name).parent.mkdir(parents=True, exist_ok=True)
        (page.parent / name).write_bytes(content)
    before = page.stat().st_mtime_ns
    assert main([str(study), "--check"]) == 0
    assert capsys.readouterr().out == "demo: the report says what the tables say\n"
    assert main([str(study), "--check", "--margin", "reconstruction=2"]) == 4
    told = capsys.readouterr().err
    assert "error: demo: index.html: line" in told
    assert f"write it again with: python -m acai_ray.analysis {study}" in told
    assert page.stat().st_mtime_ns == before


@pytest.mark.usefixtures("one_figure")
def test_a_study_without_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    study = build(tmp_path / "demo", [Trial("g0", "grid", 0.0, range(2)), Trial("g1", "grid", 0.1, range(2))])
    assert main([str(study), "--check"]) == 4
    told = capsys.readouterr().err
    assert "is missing" in told
    assert not (study / "report").exists()


def test_it_goes_with_nothing_that_writes(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(study), "--check", "--recompute"]) == 2
    assert "--check goes alone, but --recompute was given, too" in capsys.readouterr().err

"""The files for a paper go through LaTeX, all in one document as wide as two columns, and nothing sticks out of it."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from acai_ray import store
from acai_ray.analysis import report
from acai_ray.analysis.compare import analyse
from acai_ray.protocol.primary import PRIMARY, parse_margins
from tests.helpers.pages import ROOT, blocks
from tests.helpers.study_factory import Trial, build

pytestmark = pytest.mark.slow

NEEDED = ("pdflatex", "bibtex", "kpsewhich")
LAMBDAS = [0.0, *(10.0**-power for power in range(13))]
STRANGE = "=1+1 & 50 % \\input{x} 中, which no one has said of a run before"
STICKS_OUT_PT = 1.0


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a study with long tables, long texts, very small numbers and intervals of many digits."""
    noise = np.random.default_rng(0)
    trials = [
        Trial(
            f"g{size}{place}",
            "grid",
            lam,
            range(6),
            latent_dim=size,
            pictures=True,
            status={5: ("failed", STRANGE)},
            differences={metric.column: noise.normal(0.1, 0.4, 6) * (lam > 0) for metric in PRIMARY},
            people={person: noise.normal(0, 0.5) for person in map(str, range(12))},
        )
        for size in (8, 16)
        for place, lam in enumerate(LAMBDAS)
    ]
    folder = build(tmp_path_factory.mktemp("results") / "demo", trials)
    report.write(analyse(store.load(folder), parse_margins([])))
    return folder / "report"


@pytest.fixture(scope="module")
def document(written: Path) -> Path:
    """What docs/report.md puts into a paper, and all other tables and figures, as PDF."""
    absent = [name for name in NEEDED if not shutil.which(name)]
    if absent:
        pytest.skip(f"LaTeX is not installed: no {', '.join(absent)}")
    if not subprocess.run(["kpsewhich", "siunitx.sty"], capture_output=True, check=False).stdout:
        pytest.skip("LaTeX has no siunitx")
    page = blocks((ROOT / "docs" / "report.md").read_text(encoding="utf-8"))
    shown = next(block.text for block in page if block.language == "latex").splitlines()
    packages = [line for line in shown if line.startswith(r"\usepackage")]
    others = [rf"\input{{report/tables/{file.stem}}}" for file in sorted(written.glob("tables/*.tex"))]
    others += [rf"\includegraphics{{report/figures/{file.name}}}" for file in sorted(written.glob("figures/*.pdf"))]
    source = [
        r"\documentclass{article}",
        r"\usepackage[textwidth=7in,textheight=9.5in]{geometry}",
        *packages,
        r"\begin{document}",
        *(f"\\noindent{line}\n\\clearpage" for line in others if line not in shown),
        r"\bibliographystyle{plain}",
        *(line for line in shown if line not in packages),
        r"\end{document}",
    ]
    (written.parent / "paper.tex").write_text("\n".join(source), encoding="utf-8")
    for program in ("pdflatex", "bibtex", "pdflatex", "pdflatex"):
        options = ["-interaction=nonstopmode", "-halt-on-error"] if program == "pdflatex" else []
        done = subprocess.run(
            [program, *options, "paper"], cwd=written.parent, capture_output=True, timeout=600, check=False
        )
        assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    return written.parent / "paper.pdf"


def test_every_table_and_reference_is_found(document: Path) -> None:
    log = document.with_suffix(".log").read_text(encoding="latin-1")
    assert "undefined" not in log
    assert "multiply defined" not in log


def test_nothing_is_wider_than_the_page(document: Path) -> None:
    log = document.with_suffix(".log").read_text(encoding="latin-1")
    out = [float(found) for found in re.findall(r"Overfull \\hbox \((\S+?)pt too wide\)", log)]
    assert max(out, default=0) < STICKS_OUT_PT


def test_no_text_of_a_study_is_a_command(document: Path) -> None:
    text = " ".join(page.extract_text() for page in PdfReader(document).pages)
    assert "input" in text
    assert "50 %" in text

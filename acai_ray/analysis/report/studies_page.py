"""The page over several studies, written beside them as `index.html`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import pandas as pd
from markupsafe import Markup

from acai_ray.analysis.compare import Analysis, studies
from acai_ray.analysis.compare.studies import Agreement
from acai_ray.analysis.figures import style
from acai_ray.analysis.figures.studies_figure import MOST_CELLS, forest
from acai_ray.analysis.report.page import environment
from acai_ray.analysis.report.scripts import policy
from acai_ray.analysis.tables import studies_tables
from acai_ray.analysis.tables.table import Table
from acai_ray.analysis.wording import clean, counted
from acai_ray.common.errors import UserError
from acai_ray.common.files import replacing
from acai_ray.common.frames import rows_of
from acai_ray.protocol.primary import PRIMARY

MARK = Markup('<meta name="generator" content="acai-ray, several studies">')
"""Marks a page that this program wrote; any other file in its place is never overwritten or removed."""

CAPTION = (
    "Difference ACAI − vanilla and its 95 % interval, one colour and marker a study; filled where that study's own "
    f"verdict is better or worse, hollow where it is equivalent or undecided. Of more than {MOST_CELLS} cells, "
    f"{MOST_CELLS} are shown, evenly picked by their settings."
)

RULES = (
    "Every verdict is its own study's: nothing is pooled over studies, no test is made across them, and the Holm "
    "correction stays within each. Read a finding in a second study as a replication, not as more seeds.",
    "λ weighs against the loss of the data: across data sets compare it relative to L_rec of the mean pose.",
)


def update(folder: Path, analyses: Sequence[Analysis], left_out: Mapping[str, str]) -> Path | None:
    """Write the page where there are several studies, else remove the one written before.

    Args:
        folder: the folder of studies.
        analyses: those that could be read.
        left_out: why the others could not, by name.

    Returns:
        The page, None where there is none.

    Raises:
        UserError: a stranger's file stands in its place, or it cannot be written.
    """
    page = folder / "index.html"
    try:
        if len(analyses) < 2:
            if _is_ours(page):
                page.unlink()
            return None
        if page.exists() and not _is_ours(page):
            raise UserError(f"the page over several studies is {page}, but another program's file is there; move it")
        with replacing(page) as temporary:
            temporary.write_bytes(render(analyses, left_out).encode("utf-8", errors="replace"))
    except OSError as error:
        raise UserError(
            f"the page over several studies must be written as {page}, but it cannot be ({error.strerror}); mend that"
        ) from None
    return page


def render(analyses: Sequence[Analysis], left_out: Mapping[str, str]) -> str:
    """The page as HTML text; everything that comes from a study is escaped."""
    names = [studies.name_of(analysis) for analysis in analyses]
    frame, rows = studies.overview(analyses), studies.verdicts(analyses)
    common = studies.shared(rows)
    shown = rows if common.empty else common
    figure = style.laid_out(lambda: forest(shown, names))
    return (
        environment()
        .get_template("studies.html.j2")
        .render(
            mark=MARK,
            policy=policy([]),
            names=names,
            warnings=_warnings(frame, left_out),
            answer=answer(studies.agreement(common), frame),
            overview=studies_tables.overview(frame, studies.differing_settings(analyses)),
            links=[f"./{quote(name)}/report/index.html" for name in names],
            rules=[*RULES, *grouping(frame)],
            scope=_scope(rows, common),
            figure=style.inline("forest", style.svg(figure), style.png(figure), CAPTION) if figure else "",
            caption=CAPTION,
            differences=[studies_tables.differences(shown, names, metric) for metric in PRIMARY] if len(shown) else [],
            absolute=_absolute(rows, names),
        )
    )


def answer(agreement: pd.DataFrame, frame: pd.DataFrame) -> list[str]:
    """Whether findings hold in more than one study: one sentence for each primary metric.

    Args:
        agreement: what `studies.agreement` returned.
        frame: what `studies.overview` returned.
    """
    if not agreement["cells"].any():
        return [
            f"The {len(frame)} studies share no cell (latent size, λ and γ), so whether a finding holds in another "
            "study can only be read from cells that are near each other."
        ]
    words = {
        Agreement.BETTER: "better in all studies that have the cell",
        Agreement.WORSE: "worse in all",
        Agreement.EQUIVALENT: "equivalent in all",
        Agreement.PARTLY: "decided in some and undecided in others",
        Agreement.OPPOSITE: "of different verdicts",
        Agreement.UNDECIDED: "undecided in all",
    }
    labels = {metric.name: metric.label for metric in PRIMARY}
    sentences = []
    for row in rows_of(agreement):
        parts = [f"{text} in {row[kind]}" for kind, text in words.items() if row[kind]]
        cells = counted(row["cells"], "shared cell")
        sentences.append(f"{labels[row['metric']]}, of {cells}: {', '.join(parts)}.")
    return sentences


def grouping(frame: pd.DataFrame) -> list[str]:
    """Which studies may be read side by side in absolute numbers, and that the others may not."""
    groups = [list(map(clean, names)) for _, names in frame.groupby("comparable")["study"]]
    alike = [
        f"{', '.join(names)}: the same poses (fingerprint), evaluation settings and split; their absolute numbers "
        "stand side by side."
        for names in groups
        if len(names) > 1
    ]
    if len(groups) > 1:
        alike.append(
            "Studies of other poses or other evaluation settings are compared by their differences only: their "
            "absolute numbers measure other things and are never set side by side."
        )
    return alike


def _warnings(frame: pd.DataFrame, left_out: Mapping[str, str]) -> list[str]:
    notes = [f"{clean(name)} was left out: {clean(why)}." for name, why in left_out.items()]
    made = [clean(name) for name in frame.loc[frame["synthetic"], "study"]]
    if made:
        notes.append(f"Synthetic poses, no evidence about human poses: {', '.join(made)}.")
    running = [clean(name) for name in frame.loc[frame["status"] != "finished", "study"]]
    if running:
        notes.append(f"Not finished, verdicts may still change: {', '.join(running)}.")
    return notes


def _scope(rows: pd.DataFrame, common: pd.DataFrame) -> str:
    if rows.empty:
        return "No study has a pair to compare yet."
    if common.empty:
        return "No two studies share a cell; all cells are shown."
    return "Cells that at least two studies have; the others are on the studies' own pages."


def _absolute(rows: pd.DataFrame, names: Sequence[str]) -> list[Table]:
    alike = studies.shared(rows, ["comparable"])
    return [studies_tables.absolute(group, names) for _, group in alike.groupby("comparable")] if len(alike) else []


def _is_ours(page: Path) -> bool:
    return page.is_file() and str(MARK) in page.read_text(encoding="utf-8", errors="replace")[:1000]

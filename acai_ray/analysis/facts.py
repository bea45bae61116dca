"""What the analysis of a study found, as plain data for other programs."""

from collections.abc import Mapping
from typing import Any

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.answer import answer, field, warnings
from acai_ray.analysis.compare.picks import picks
from acai_ray.analysis.report import page_of
from acai_ray.analysis.tables import report_tables
from acai_ray.analysis.tables.alone_table import measured_alone
from acai_ray.analysis.wording import clean
from acai_ray.common.frames import Row, rows_of


def study_facts(analysis: Analysis) -> dict[str, Any]:
    """One study; `acai_ray.analysis --help` says what the keys mean."""
    study, folder = analysis.results.study, page_of(analysis.results.path).parent
    return {
        "study": clean(field(study, "study", default=analysis.results.path.name)),
        "folder": analysis.results.path,
        "status": clean(field(study, "status", default="unknown")),
        "runs": run_counts(analysis),
        "answer": answer(analysis),
        "warnings": warnings(analysis),
        "damaged": [clean(damage) for damage in analysis.results.damaged],
        "margins": analysis.margins,
        "verdicts": verdict_rows(analysis),
        "picks": rows_of(picks(analysis).rename(columns={"lam": "lambda"})),
        "measured": rows_of(measured_alone(analysis).frame),
        "page": page_of(analysis.results.path),
        "figures": sorted((folder / "figures").glob("[!.]*.svg")),
        "tables": sorted((folder / "tables").glob("[!.]*.csv")),
    }


def run_counts(analysis: Analysis) -> Mapping[str, int]:
    """How many runs there are of each status, controls included."""
    counts = analysis.results.runs["status"].value_counts()
    return {clean(status): int(count) for status, count in counts.items()}


def verdict_rows(analysis: Analysis) -> list[Row]:
    """Every verdict: the columns of the tables `verdicts_…`, and of which family, poses and arm it is."""
    rows = []
    for family in analysis.families:
        about = {"family": family.group.name, "split": family.split}
        tests = rows_of(report_tables.verdicts(family).frame.assign(arm=list(family.tests["arm"])))
        rows += [{**about, **test} for test in tests]
    return rows

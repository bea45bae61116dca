"""The verdict tables on a terminal, or as plain text elsewhere."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.answer import answer, field, reasons, warnings
from acai_ray.analysis.reasons import why_in_general
from acai_ray.analysis.tables import report_tables
from acai_ray.analysis.tables.alone_table import measured_alone
from acai_ray.analysis.tables.table import Table, filled
from acai_ray.analysis.wording import clean, describe_margins
from acai_ray.common.letters import shown
from acai_ray.protocol.verdicts import Word

MOST_ROWS = 60
"""Longer tables are cut on the terminal; the report has them whole."""

_COLOURS = {report_tables.SYMBOLS[Word.BETTER]: "green", report_tables.SYMBOLS[Word.WORSE]: "red"}


def show(out: Console, analysis: Analysis) -> None:
    """Print a study's answer and its deciding table; other families stay in the report."""
    study = analysis.results.study
    out.print(Text(clean(field(study, "study", default=analysis.results.path.name)), style="bold"))
    for line in warnings(analysis):
        out.print(Text(line, style="yellow"))
    for damage in analysis.results.damaged:
        out.print(Text(f"damaged: {clean(damage)}", style="red"))
    out.print(Text(answer(analysis)))
    if analysis.answer is None:
        for alone in filled(measured_alone(analysis)):
            out.print(_rich(alone, out.encoding))
        return
    table = report_tables.overview(analysis.answer)
    out.print(_rich(table, out.encoding))
    if len(table.rows) > MOST_ROWS:
        out.print(f"{len(table.rows) - MOST_ROWS} more cells are in the report.")
    for reason, count in reasons(analysis.answer):
        why = why_in_general(reason, analysis.answer.size)
        out.print(f"undecided, {count} of {len(analysis.answer.tests)}: {why}")
    out.print(f"Margins: {describe_margins(analysis.margins)}.")
    for family in analysis.families[1:]:
        out.print(f"{family.group.title}: {len(family.tests)} more tests, a family of their own, are in the report.")


def show_next(out: Console, pages: Sequence[Path]) -> None:
    """Say where the reports are and what to do next."""
    for page in pages:
        out.print(Text(f"Report: {clean(page)}"), soft_wrap=True)
    if pages:
        out.print("Open it in a browser, or copy that one file to anyone.")
        out.print(
            "For a paper, beside it: figures/ (SVG, PNG, PDF), tables/ (CSV, Parquet, LaTeX), methods.md and .tex."
        )


def _rich(table: Table, encoding: str) -> RichTable:
    caption = Text(shown(clean(table.caption), encoding))
    rich = RichTable(title=caption, title_justify="left", show_edge=False, pad_edge=False)
    for name in table.header:
        rich.add_column(Text(shown(clean(name), encoding)), overflow="fold")
    for row in table.rows[:MOST_ROWS]:
        rich.add_row(*(Text(shown(text, encoding), style=_COLOURS.get(text[:1], "")) for text in row))
    return rich

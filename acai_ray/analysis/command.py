"""What the command does: load, compare, print and write every study asked for."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from acai_ray import store
from acai_ray.analysis import report, terminal
from acai_ray.analysis.check import disagreements
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.damage import damaged_models, refuse_foreign
from acai_ray.analysis.facts import study_facts
from acai_ray.analysis.report import studies_page
from acai_ray.analysis.report.live import Live
from acai_ray.analysis.sharing import share
from acai_ray.analysis.wording import clean
from acai_ray.common import json_output
from acai_ray.common.command_line import doing
from acai_ray.common.errors import UserError
from acai_ray.common.terminal import console
from acai_ray.protocol.primary import parse_margins

OK, MISTAKE, DAMAGED = 0, 2, 4

MOST_TOLD = 10
"""So many disagreements of a report are printed; of more, only their number."""


@dataclass(frozen=True)
class Outcome:
    """What became of one study: its analysis, or why there is none."""

    study: Path
    analysis: Analysis | None = None
    why: str = ""

    @property
    def code(self) -> int:
        """The exit code it asks for."""
        if self.analysis is None:
            return MISTAKE
        return DAMAGED if self.analysis.results.damaged else OK


def run(path: Path, margin_options: Sequence[str], as_json: bool = False) -> int:
    """Analyse the study at `path`, or every study in that folder; prints the outcomes as text, or as one JSON object.

    Raises:
        UserError: there is no study, or a margin is wrong.

    Returns:
        The exit code; of several studies the worst, a user's mistake (2) before damaged tables (4).
    """
    margins = parse_margins(margin_options)
    outcomes = []
    for study in store.studies(path):
        doing(clean(f"comparing the runs of {study.name}, drawing the figures and writing the page"))
        outcomes.append(analysed(study, margins))
    return conclude_as_json(path, outcomes) if as_json else conclude(path, outcomes)


def analysed(study: Path, margins: Mapping[str, float], live: Live | None = None) -> Outcome:
    """Compare a study and write its page; a mistake that the user can mend is told in the outcome."""
    outcome = _compared(study, margins)
    if outcome.analysis is None:
        return outcome
    try:
        report.write(outcome.analysis, live)
    except UserError as error:
        return Outcome(study, why=str(error))
    return outcome


def _compared(study: Path, margins: Mapping[str, float]) -> Outcome:
    try:
        results = store.load(study)
        refuse_foreign(results)
        results = replace(results, damaged=[*results.damaged, *damaged_models(results)])
        return Outcome(study, analyse(results, margins))
    except UserError as error:
        return Outcome(study, why=str(error))


def check(path: Path, margin_options: Sequence[str]) -> int:
    """Whether the reports at `path` say what their tables say; writes nothing, returns the exit code."""
    margins, codes = parse_margins(margin_options), []
    for study in store.studies(path):
        doing(clean(f"making the report of {study.name} again, to compare it"))
        outcome = _compared(study, margins)
        problems = [outcome.why] if outcome.analysis is None else disagreements(outcome.analysis)
        for line in problems[:MOST_TOLD]:
            print(clean(f"error: {study.name}: {line}"), file=sys.stderr)
        if len(problems) > MOST_TOLD:
            print(f"error: {study.name}: and {len(problems) - MOST_TOLD} more", file=sys.stderr)
        if problems:
            print(f"write it again with: python -m acai_ray.analysis {shlex.quote(str(study))}", file=sys.stderr)
        else:
            print(clean(f"{study.name}: the report says what the tables say"))
        codes.append(DAMAGED if problems and outcome.code == OK else outcome.code)
    return MISTAKE if MISTAKE in codes else max(codes)


def share_at(path: Path, margin_options: Sequence[str], folder: Path) -> int:
    """Write copies of the studies at `path` into a folder, to go with a paper; returns the exit code."""
    margins, out = parse_margins(margin_options), console()
    for study in store.studies(path):
        doing(clean(f"reading and comparing the runs of {study.name}"))
        outcome = _compared(study, margins)
        if outcome.analysis is None:
            raise UserError(f"{study.name}: {outcome.why}")
        copy = share(outcome.analysis, folder)
        size = sum(file.stat().st_size for file in copy.rglob("*") if file.is_file())
        out.print(clean(f"{study.name}: shared as {copy}, {size / 1e6:.1f} MB"), soft_wrap=True)
        out.print(clean(f"Anyone checks its report with: python -m acai_ray.analysis {copy} --check"), soft_wrap=True)
    return OK


def conclude(path: Path, outcomes: Sequence[Outcome]) -> int:
    """Print every outcome, write the page over several studies; returns the exit code."""
    out = console()
    for outcome in outcomes:
        _tell(out, outcome)
    pages = [report.page_of(outcome.study) for outcome in outcomes if outcome.analysis]
    codes = [outcome.code for outcome in outcomes]
    try:
        over = beside(path, outcomes)
        pages += [over] if over else []
    except UserError as error:
        _tell(out, Outcome(path, why=str(error)))
        codes.append(MISTAKE)
    terminal.show_next(out, pages)
    return MISTAKE if MISTAKE in codes else max(codes)


def conclude_as_json(path: Path, outcomes: Sequence[Outcome]) -> int:
    """As `conclude`, but what was found is one JSON object."""
    told, codes = [], [outcome.code for outcome in outcomes]
    for outcome in outcomes:
        facts = {"study": outcome.study.name, "folder": outcome.study, "error": clean(outcome.why) or None}
        told.append(facts if outcome.analysis is None else {**facts, **study_facts(outcome.analysis)})
        if outcome.analysis is None:
            _tell(console(), outcome)
    page, why = None, ""
    try:
        page = beside(path, outcomes)
    except UserError as error:
        why = clean(error)
        codes.append(MISTAKE)
    code = MISTAKE if MISTAKE in codes else max(codes)
    json_output.show({"exit_code": code, "error": why or None, "page": page, "studies": told})
    return code


def beside(path: Path, outcomes: Sequence[Outcome]) -> Path | None:
    """The page over several studies, where `path` is their folder; raises as `studies_page.update`."""
    if [outcome.study for outcome in outcomes] == [path]:
        return None
    analyses = [outcome.analysis for outcome in outcomes if outcome.analysis]
    return studies_page.update(path, analyses, {outcome.study.name: outcome.why for outcome in outcomes if outcome.why})


def _tell(out: Console, outcome: Outcome) -> None:
    if outcome.analysis is None:
        print(clean(f"error: {outcome.why}"), file=sys.stderr)
        return
    terminal.show(out, outcome.analysis)
    out.print()

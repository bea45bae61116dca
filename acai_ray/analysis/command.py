"""What the command does: load, compare, print and write every study asked for."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from acai_ray import store
from acai_ray.analysis import report, terminal
from acai_ray.analysis.compare import analyse
from acai_ray.analysis.damage import damaged_models, refuse_foreign
from acai_ray.analysis.primary import parse_margins
from acai_ray.analysis.wording import clean
from acai_ray.errors import UserError

OK, MISTAKE, DAMAGED = 0, 2, 4


def run(path: Path, margin_options: Sequence[str]) -> int:
    """Analyse the study at `path`, or every study in that folder.

    Raises:
        UserError: there is no study, or a margin is wrong.

    Returns:
        The exit code; of several studies the worst, a user's mistake (2) before damaged tables (4).
    """
    out = terminal.console()
    margins = parse_margins(margin_options)
    found = store.studies(path)
    codes, pages = [], []
    for study in found:
        try:
            page, damaged = _one(out, study, margins)
        except UserError as error:
            print(clean(f"error: {error}"), file=sys.stderr)
            codes.append(MISTAKE)
            continue
        pages.append(page)
        codes.append(DAMAGED if damaged else OK)
    terminal.show_next(out, pages)
    return MISTAKE if MISTAKE in codes else max(codes)


def _one(out: Console, study: Path, margins: dict[str, float]) -> tuple[Path, bool]:
    results = store.load(study)
    refuse_foreign(results)
    results.damaged.extend(damaged_models(results))
    analysis = analyse(results, margins)
    terminal.show(out, analysis)
    try:
        page = report.write(analysis)
    except OSError as error:
        raise UserError(
            f"the report must be written into the study, but {study / 'report'} cannot be ({error.strerror}); "
            "mend that and repeat"
        ) from None
    out.print()
    return page, bool(analysis.results.damaged)

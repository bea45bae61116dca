"""`python -m acai_ray.analysis`: compare ACAI with vanilla in finished or running studies, write their reports."""

import argparse
import sys
from pathlib import Path

from acai_ray.common.command_line import exit_code, same_command
from acai_ray.common.help_text import HelpFormatter
from acai_ray.common.option_types import parsed, path

DESCRIPTION = """\
Compare the ACAI runs of a study with their vanilla twins and write a report.

For every study it prints the verdicts (better, worse, equivalent or undecided) and writes
  STUDY/report/index.html    the report, one file that opens offline
  STUDY/report/figures/      its figures as SVG, PNG and PDF
  STUDY/report/tables/       its tables as CSV, Parquet (unrounded) and LaTeX
  STUDY/report/methods.*     a methods section with its citations, as Markdown and LaTeX; references.bib
It needs neither a GPU nor Ray, changes no result, and may be run while the sweep is still running. Of two or
more studies in a folder it writes FOLDER/index.html besides, which puts their verdicts side by side."""

EXAMPLES = """\
examples:
  python -m acai_ray.analysis                        every study in results/
  python -m acai_ray.analysis results/wide           one study
  python -m acai_ray.analysis results/wide --watch   keep its page fresh while a sweep runs
  python -m acai_ray.analysis results/wide --recompute    first measure its models again, from their saved weights
  python -m acai_ray.analysis results/wide --check    does its report say what its tables say?
  python -m acai_ray.analysis results/wide --share supplement/    a small copy to go with a paper
  python -m acai_ray.analysis results/wide --margin reconstruction=2
  python -m acai_ray.analysis results/wide --json | jq '.studies[0].verdicts[] | [.metric, .verdict]'

margins (a difference must exceed its margin to be called better or worse):
  reconstruction   reconstruction MPJPE, default 1 mm
  smoothness       median smoothness ratio, default 0.1
  bones            path bone excess, default 0.5 mm
  coverage         path coverage, default 0.01

--json prints one object with the keys (null where a number is not known):
  exit_code, error, page   the exit code, a mistake or null, the page over several studies or null
  studies                  [{study, folder, error, status, runs, answer, warnings, damaged, margins, verdicts,
                           picks, measured, page, figures, tables}]; where error is not null, only the first three
  verdicts                 [{family, split, arm, latent_dim, lambda, gamma, metric, verdict, reason, why, difference,
                           ci95_low, ci95_high, ...}], the columns of tables/verdicts_*.csv
  picks                    [{arm, latent_dim, lambda, gamma, pick, trial, cost_mm, gain_mm}]
  measured                 where nothing is compared: [{arm, latent_dim, lambda, gamma, runs, ...}]
  runs                     {status: number of runs}; figures, tables: paths of the SVG and CSV files
where nothing could be analysed: {"error": sentence, "exit_code": code}

exit codes: 0 ok, 1 unexpected, 2 your mistake, 4 damaged files (named, the rest is analysed),
  or with --check a report that says something else than its tables, 130 interrupted"""


EVERY_S = 30.0
"""Seconds between two analyses of a study that is watched."""


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 1 <= value <= 86400:
        raise argparse.ArgumentTypeError(
            f"seconds are a number from 1 to 86400, but got {text!r}; give the study first"
        )
    return value


def parser() -> argparse.ArgumentParser:
    """The command line."""
    made = argparse.ArgumentParser(
        prog="python -m acai_ray.analysis",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=HelpFormatter,
    )
    made.add_argument(
        "path",
        nargs="?",
        type=path,
        default=Path("results"),
        help="a study, or the folder of studies (default: results)",
    )
    made.add_argument(
        "--margin", action="append", default=[], metavar="NAME=VALUE", help="replace a margin; may be given again"
    )
    made.add_argument(
        "--watch",
        nargs="?",
        const=EVERY_S,
        type=_seconds,
        metavar="SECONDS",
        help="keep the pages fresh while a sweep runs, at most every SECONDS "
        f"(default: {EVERY_S:g}), and end when it is finished",
    )
    made.add_argument(
        "--recompute", action="store_true", help="first measure every saved model again and replace its numbers"
    )
    made.add_argument(
        "--data", metavar="PATH", help="with --recompute: where the poses are now, if not where they were"
    )
    made.add_argument(
        "--check", action="store_true", help="write nothing; say whether the reports say what the tables say"
    )
    made.add_argument(
        "--share",
        type=path,
        metavar="DIR",
        help="write a small copy into DIR, to go with a paper: all tables, few pictures and models, the report",
    )
    made.add_argument("--json", action="store_true", help="print what was found as one JSON object, and nothing else")
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parsed(parser(), arguments)

    def analyse() -> int:
        from acai_ray.analysis.command import DAMAGED, OK, check, run, share_at
        from acai_ray.analysis.watching import watch

        _refuse_together(options)
        if options.check:
            return check(options.path, options.margin)
        if options.share:
            return share_at(options.path, options.margin, options.share)
        problems = _recompute(options.path, options.data) if options.recompute else []
        every_s = options.watch
        if every_s:
            code = watch(options.path, options.margin, every_s)
        else:
            code = run(options.path, options.margin, options.json)
        return DAMAGED if problems and code == OK else code

    return exit_code(analyse, resume=same_command("acai_ray.analysis", arguments), as_json=options.json)


def _refuse_together(options: argparse.Namespace) -> None:
    from acai_ray.common.errors import UserError

    given = [name for name in ("--check", "--share", "--watch", "--recompute") if getattr(options, name[2:])]
    if len(given) > 1 and given[0] in ("--check", "--share"):
        raise UserError(f"{given[0]} goes alone, but {given[1]} was given, too; give one of them")
    if options.json and given and given[0] != "--recompute":
        raise UserError(f"--json tells what one analysis found, but {given[0]} was given, too; give one of them")


def _recompute(path: Path, data: str | None) -> list[str]:
    """Measure the studies at `path` again; prints and returns what could not be measured, one sentence each."""
    from acai_ray.store import studies
    from acai_ray.trials.recompute import recompute

    problems = [problem for study in studies(path) for problem in recompute(study, data)]
    for problem in problems:
        print(f"error: {problem}", file=sys.stderr)
    return problems


if __name__ == "__main__":
    sys.exit(main())

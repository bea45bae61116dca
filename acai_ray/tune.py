"""The command `python -m acai_ray.tune`: run a study, or go on with it."""

import argparse
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from acai_ray.common.command_line import FAILED_RUNS, INTERRUPTED, doing, exit_code, same_command
from acai_ray.common.help_text import HelpFormatter
from acai_ray.common.option_types import duration, name_after, needed, parsed, path, study_name
from acai_ray.poses import command_options

if TYPE_CHECKING:  # Ray and torch are loaded only when a study runs, so that --help is quick
    from acai_ray.sweep.ray_cluster import Options
    from acai_ray.sweep.study import Outcome

DESCRIPTION = """\
Train autoencoders with and without the ACAI regularizer over a search space, and write a study.

The same command again goes on where it was stopped. Ctrl-C stops; nothing that finished is lost.
"""

EXAMPLES = """\
examples:
  python -m acai_ray.tune --space smoke                      two minutes on the built-in data
  python -m acai_ray.tune --space table1 --data h36m.npz --epochs 15 --seeds 6
  python -m acai_ray.tune --space my.yaml --time-budget 2h --dry-run

then: python -m acai_ray.analysis results/

--json prints one object with the keys (null where a number is not known):
  study, folder              the study's name and where it lies
  exit_code, meaning         the exit code, and what it means in words
  trials                     {begun, done, failed, stopped, not_finished}: a trial with a seed that failed or
                             diverged counts as failed
  failed_runs                seeds that failed or diverged
  out_of_time, tried_all     whether the time budget, or the end of all settings, ended the search
  picked_after               trials of a search that is over because its picks were made; else null
  unconfirmed, uncompiled    whether nothing was good enough to confirm; trials that could not be compiled
  sentences                  what is printed without --json
  verdicts                   as python -m acai_ray.analysis --json has them; none before there are twins
where the study could not be run: {"error": sentence, "exit_code": code}

exit codes: 0 ok, 1 unexpected, 2 your mistake, or damaged tables of a study that would go on, 3 finished with failed or
diverged runs, 130 interrupted, or not finished when the time budget was used up
"""


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        "python -m acai_ray.tune",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=HelpFormatter,
    )
    made.add_argument(
        "--space", type=needed, required=True, metavar="NAME|FILE", help="wide, table1, smoke or a YAML file"
    )
    study = made.add_argument_group("the study (part of its identity, trials apart)")
    study.add_argument(
        "--data", metavar="NAME|PATH", help="poses: a file, a folder or synthetic (default: the space's)"
    )
    study.add_argument("--study", type=study_name, metavar="NAME", help="name of the study (default: the space's)")
    study.add_argument(
        "--results", type=path, default=Path("results"), metavar="DIR", help="folder of the studies (default: results)"
    )
    study.add_argument(
        "--trials", type=int, metavar="N", help="trials of the search; may grow until it has made its picks"
    )
    study.add_argument("--seeds", type=int, metavar="N", help="seeds of each trial, trained together")
    study.add_argument(
        "--folds",
        type=_folds,
        metavar="K",
        help="test all people, in K groups, by models that never saw them; auto is 12 or as many as there are bodies",
    )
    study.add_argument("--epochs", type=int, metavar="N", help="epochs of each trial")
    how = made.add_argument_group("how it runs (may differ when it goes on)")
    how.add_argument(
        "--cpus-per-trial", type=float, default=1.0, metavar="X", help="CPUs, and so threads, of a trial (default: 1)"
    )
    how.add_argument(
        "--gpus-per-trial",
        type=float,
        metavar="X",
        help="share of a GPU, e.g. 0.25 (default: 0.25 where there are GPUs)",
    )
    how.add_argument("--max-concurrent", type=int, metavar="N", help="the most trials at once (default: all that fit)")
    how.add_argument(
        "--time-budget",
        type=duration,
        metavar="2h",
        help="start nothing that would end after this time, the confirmation included",
    )
    how.add_argument(
        "--storage",
        metavar="URI",
        default=os.environ.get("ACAI_STORAGE") or None,
        help="where checkpoints go; all nodes must reach it (default: ACAI_STORAGE, else the study's folder)",
    )
    how.add_argument(
        "--address",
        default=os.environ.get("RAY_ADDRESS") or None,
        help="Ray cluster (default: RAY_ADDRESS, else a private local Ray)",
    )
    how.add_argument(
        "--compile",
        choices=("auto", "on", "off"),
        default="auto",
        help="compile training steps: 20 s once, then twice as fast, with other rounding (default: auto, long trials)",
    )
    how.add_argument(
        "--log",
        action="append",
        default=[],
        choices=("tensorboard", "mlflow", "wandb"),
        help="tell an experiment tracker of each run, one a seed; may be given again",
    )
    how.add_argument("--dry-run", action="store_true", help="print the resolved study with a time estimate and stop")
    how.add_argument("--json", action="store_true", help="print how it ended as one JSON object, and nothing else")
    command_options.add_to(made)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parsed(parser(), arguments)
    return exit_code(lambda: _run(options), resume=same_command("acai_ray.tune", arguments), as_json=options.json)


def _run(given: argparse.Namespace) -> int:
    doing(f"reading the search space {given.space}")
    from acai_ray.common.errors import UserError
    from acai_ray.poses.reading import read_poses
    from acai_ray.sweep.space import load_space
    from acai_ray.sweep.space_files import find_space
    from acai_ray.sweep.storage import refuse_unusable
    from acai_ray.sweep.trackers.opening import refuse_missing

    if given.json and given.dry_run:
        raise UserError("--json tells how a study ended, but --dry-run runs none; give one of them")
    space = load_space(
        given.space,
        data=given.data,
        data_options=command_options.given(given) or None,
        trials=given.trials,
        seeds=given.seeds,
        folds=given.folds,
        epochs=given.epochs,
    )
    study_dir = given.results / (given.study or name_after(find_space(given.space)))
    options = _options(given, study_dir)
    refuse_missing(options.trackers)
    if options.storage and not given.dry_run:
        doing(f"trying the storage {options.storage}")
        refuse_unusable(options.storage)
    poses = read_poses(space.data, space.data_options)
    if given.dry_run:
        from acai_ray.sweep.estimate import describe

        print(describe(space, poses, options))
        return 0
    from acai_ray.sweep.reach import notes
    from acai_ray.sweep.study import run
    from acai_ray.training import compiled

    if given.compile != "off" and (reason := compiled.obstacle()) is not None:
        print(f"note: long trials will train several times slower than they could, because {reason}", file=sys.stderr)
    for note in notes(space, poses):
        print(f"note: {note}", file=sys.stderr)
    outcome = run(space, poses, options)
    code = INTERRUPTED if outcome.unfinished else FAILED_RUNS if outcome.bad_runs else 0
    if given.json:
        _show_as_json(outcome, study_dir, code)
    else:
        print("\n".join(_sentences(outcome, study_dir)))
    return code


def _show_as_json(outcome: "Outcome", study_dir: Path, code: int) -> None:
    """Print how the session ended, and the verdicts that the tables have so far."""
    from acai_ray.analysis.compare import analyse
    from acai_ray.analysis.facts import verdict_rows
    from acai_ray.common import json_output
    from acai_ray.protocol.primary import parse_margins
    from acai_ray.store import load
    from acai_ray.sweep.ended import ended

    results = load(study_dir)
    verdicts = verdict_rows(analyse(results, parse_margins([])))
    sentences = list(_sentences(outcome, study_dir))
    json_output.show({**ended(outcome, results, code), "sentences": sentences, "verdicts": verdicts})


def _folds(text: str) -> int | str:
    """The option's value; the space says what is possible."""
    return int(text) if text.isdecimal() else text


def _sentences(outcome: "Outcome", study_dir: Path) -> Iterator[str]:
    """What the user is told of a session that ended."""
    from acai_ray.protocol.confirmation import RECONSTRUCTION_ALLOWANCE

    unfinished = f", {outcome.unfinished} not finished: the same command goes on" if outcome.unfinished else ""
    yield f"{outcome.trials} trials in {study_dir}{unfinished}"
    if outcome.tried_all:
        yield "the search ended early: it has tried all its settings, and none is trained twice with the same seeds"
    if outcome.picked_after is not None:
        yield (
            f"the search is over after {outcome.picked_after} trials, since its picks were made then and stand; to "
            "search on, begin a study of its own with another --study"
        )
    elif outcome.out_of_time:
        yield "the time budget ended the search; the same command goes on with it"
    if outcome.unconfirmed:
        yield (
            "nothing was confirmed: at no latent size did an ACAI setting qualify for a pick, which needs a "
            f"reconstruction error within the margin or {RECONSTRUCTION_ALLOWANCE:g} × of its vanilla twin's"
        )
    if outcome.uncompiled:
        yield (
            f"{outcome.uncompiled} trials trained several times slower than they could, because their steps could "
            "not be compiled; install a C++ compiler (g++) and Python's headers, or say --compile off"
        )
    if outcome.stopped:
        yield f"{outcome.stopped} trials were stopped at a rung, since others were ahead; the report lists them"
    if outcome.bad_runs:
        yield f"{outcome.bad_runs} runs failed or diverged; the report lists them with the reason"
    yield f"next: python -m acai_ray.analysis {study_dir}"


def _options(given: argparse.Namespace, study_dir: Path) -> "Options":
    from acai_ray.common.errors import UserError
    from acai_ray.sweep.ray_cluster import Options
    from acai_ray.sweep.storage import resolved

    for name in ("cpus_per_trial", "max_concurrent"):
        value = getattr(given, name)
        if value is not None and not 0 < value < math.inf:
            raise UserError(f"--{name.replace('_', '-')} must be above 0 and finite, but got {value:g}")
    if given.gpus_per_trial is not None and not 0 <= given.gpus_per_trial < math.inf:
        raise UserError(f"--gpus-per-trial must be at least 0 and finite, but got {given.gpus_per_trial:g}")
    return Options(
        study_dir=study_dir,
        cpus_per_trial=given.cpus_per_trial,
        gpus_per_trial=given.gpus_per_trial,
        max_concurrent=given.max_concurrent,
        time_budget_s=given.time_budget,
        storage=resolved(given.storage) if given.storage else None,
        address=given.address,
        compiling=given.compile,
        trackers=tuple(given.log),
    )


if __name__ == "__main__":
    sys.exit(main())

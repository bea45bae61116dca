"""The command `python -m acai_ray.lines`: does ACAI interpolate lines better, as in its paper, when trained here?"""

import argparse
import os
import sys
from pathlib import Path

from acai_ray.common.command_line import exit_code, same_command
from acai_ray.common.help_text import HelpFormatter
from acai_ray.common.option_types import parsed, path

DESCRIPTION = """\
Test the method on the task of its paper (Berthelot et al. 2018, section 3.1): images of one line at a random angle.
In a good latent space the line turns on the way from one image to another; blended pixels only fade in and out.

A plain autoencoder and its ACAI twin are trained for each seed by the trainer of poses, with the same initial weights
and batches. The test is passed if, over the pairs of twins, Mean Distance (to the nearest true line, by cosine) is at
least 3 times lower in the median, Smoothness (how far the largest step of the angle exceeds an even one) is lower in
every pair, the lines are reconstructed, and no training diverged. Both numbers are needed: a path that jumps from one
line to the other has a Mean Distance of 0.

With --arms the other regularizers are trained too, each with a weight for lines: denoising, AAE, constant speed, and
VAE with its own plain twin, whose codes are flat. Their scores are told, and not judged.
"""

EXAMPLES = """\
examples:
  python -m acai_ray.lines
  python -m acai_ray.lines --seeds 5 --first-seed 100
  python -m acai_ray.lines --arms --seeds 2

exit codes: 0 passed, 1 unexpected, 2 your mistake, 3 not passed, 130 interrupted
"""

FAILED = 3


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        "python -m acai_ray.lines",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=HelpFormatter,
    )
    made.add_argument(
        "--seeds", type=int, default=3, metavar="N", help="number of seeds, each a pair of twins (default: 3)"
    )
    made.add_argument("--first-seed", type=int, default=0, metavar="N", help="the first of those seeds (default: 0)")
    made.add_argument(
        "--arms", action="store_true", help="train the other regularizers too, which takes about four times as long"
    )
    made.add_argument(
        "--results", type=path, default=Path("results"), metavar="DIR", help="writes DIR/lines (default: results)"
    )
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parsed(parser(), arguments)
    return exit_code(lambda: _run(options), resume=same_command("acai_ray.lines", arguments), keeps=False)


def _run(given: argparse.Namespace) -> int:
    from acai_ray.common.errors import UserError
    from acai_ray.common.files import writing

    if given.seeds < 1 or given.first_seed < 0:
        raise UserError(
            f"--seeds is at least 1 and --first-seed at least 0, but got {given.seeds} and {given.first_seed}"
        )
    folder = given.results / "lines"
    if (folder / "study.json").exists():
        raise UserError(f"the self-test writes {folder}, but that is a study; give another folder to --results")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    # There is one process for each core; without this torch would start as many threads in every one of them.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from acai_ray.common.terminal import console
    from acai_ray.lines import comparison, scores, training, verdict
    from acai_ray.lines.arms import ARMS, TWINS
    from acai_ray.lines.processes import train_all

    seeds = range(given.first_seed, given.first_seed + given.seeds)
    others = [arm for arm in ARMS if arm not in TWINS] if given.arms else []
    trained = train_all(seeds, training.CONFIG, [*TWINS, *others])
    twins, rest = verdict.pairs(trained), [one for one in trained if one.arm not in TWINS]
    blending = training.blended()
    out = console()
    out.print(verdict.table(twins, scores.score(blending)))
    for holds, sentence in (judged := verdict.rules(twins)):
        out.print(f"{'yes' if holds else 'NO '}  {sentence}")
    passed = all(holds for holds, _ in judged)
    out.print(f"for comparison: {verdict.PAPER}")
    out.print(
        "passed: on lines, ACAI interpolates better, as in its paper"
        if passed
        else "not passed: on lines, ACAI does not interpolate better here, although it does in its paper"
    )
    if rest:
        out.print(comparison.table(trained))
        out.print(comparison.soundness(rest))
    verdict.write(folder, twins, blending[0], rest)
    out.print(f"paths: {folder / 'paths.png'}, scores: {folder / 'scores.parquet'}", soft_wrap=True)
    out.print("next, on poses: python -m acai_ray.tune --space smoke")
    return 0 if passed else FAILED


if __name__ == "__main__":
    sys.exit(main())

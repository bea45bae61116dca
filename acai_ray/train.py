"""The command `python -m acai_ray.train`: one experiment from a YAML file, without Ray."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from acai_ray.common.command_line import FAILED_RUNS, doing, exit_code, same_command
from acai_ray.common.help_text import HelpFormatter
from acai_ray.common.option_types import name_after, needed_path, parsed, path, study_name
from acai_ray.poses import command_options

if TYPE_CHECKING:  # torch is loaded only when an experiment runs, so that --help is quick
    from acai_ray.poses import PoseSet
    from acai_ray.trials.experiment import Experiment
    from acai_ray.trials.trial import Trial

DESCRIPTION = """\
Train one setting (its seeds together) from an experiment file, measure it, and write the same tables and models as a
study.

The same command again goes on where it was stopped. Ctrl-C stops; the last epoch's checkpoint is kept.
"""

EXAMPLES = """\
examples:
  python -m acai_ray.train --config search_spaces/experiments/vanilla16.yaml
  python -m acai_ray.train --config search_spaces/experiments/acai16.yaml --seeds 3

then: python -m acai_ray.analysis results/

in Python: model = acai_ray.load_model("results/acai16/models/e00000-0")

exit codes: 0 ok, 1 unexpected, 2 your mistake, 3 finished with diverged seeds, 130 interrupted
"""


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        "python -m acai_ray.train",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=HelpFormatter,
    )
    made.add_argument("--config", type=needed_path, required=True, metavar="FILE", help="the experiment file (YAML)")
    made.add_argument("--data", metavar="NAME|PATH", help="poses: a file, a folder or synthetic (default: the file's)")
    made.add_argument("--seeds", type=int, metavar="N", help="seeds, trained together (default: the file's)")
    made.add_argument("--epochs", type=int, metavar="N", help="epochs (default: the file's)")
    made.add_argument(
        "--start", metavar="PATH", help="a saved model or a checkpoint folder to begin with (default: the file's)"
    )
    made.add_argument("--study", type=study_name, metavar="NAME", help="name of the study (default: the file's)")
    made.add_argument(
        "--results", type=path, default=Path("results"), metavar="DIR", help="folder of the studies (default: results)"
    )
    made.add_argument("--threads", type=int, metavar="N", help="CPU threads of a new run (default: 1)", default=1)
    made.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where to train (default: cpu)")
    made.add_argument(
        "--compile",
        choices=("auto", "on", "off"),
        default="auto",
        help="compile the training steps of a new run: 20 s once, then twice as fast (default: auto, long runs)",
    )
    command_options.add_to(made)
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parsed(parser(), arguments)
    return exit_code(lambda: _run(options), resume=same_command("acai_ray.train", arguments))


def _run(given: argparse.Namespace) -> int:
    doing(f"reading the experiment {given.config}")
    from acai_ray.common.errors import UserError
    from acai_ray.poses.reading import read_poses
    from acai_ray.protocol.statuses import RunStatus
    from acai_ray.trials.experiment import load_experiment

    if given.device == "cuda":
        import torch

        if not torch.cuda.is_available():
            raise UserError("--device cuda needs a GPU that torch sees, but there is none; leave it out")
    if given.threads < 1:
        raise UserError(f"--threads must be at least 1, but got {given.threads}")
    experiment = load_experiment(
        given.config,
        data=given.data,
        data_options=command_options.given(given) or None,
        seeds=given.seeds,
        epochs=given.epochs,
        start=given.start,
    )
    study_dir = given.results / (given.study or name_after(given.config))
    poses = read_poses(experiment.data, experiment.data_options)
    statuses = _trained(experiment, poses, study_dir, given)
    bad = sum(status != RunStatus.DONE for status in statuses)
    print("\n".join(_sentences(experiment.as_trial, study_dir, bad)))
    return FAILED_RUNS if bad else 0


def _trained(experiment: "Experiment", poses: "PoseSet", study_dir: Path, given: argparse.Namespace) -> list[str]:
    """Run the experiment, in view; returns how each seed ended."""
    from acai_ray.common.status_line import StatusLine, showing
    from acai_ray.trials.experiment import run
    from acai_ray.trials.experiment_progress import ExperimentProgress, experiment_line
    from acai_ray.trials.run_trial import EpochEnd
    from acai_ray.trials.view import View

    status, progress = StatusLine(), ExperimentProgress(experiment.as_trial)

    def count(epoch_end: EpochEnd) -> None:
        if epoch_end.note:
            status.tell(epoch_end.note)
        progress.count(epoch_end)

    doing(f"training {experiment.seeds} seeds together, {experiment.trial.epochs} epochs")
    with showing(status, lambda: experiment_line(progress.standing()), lambda: lambda: View(progress.standing())):
        return run(
            experiment,
            poses,
            study_dir,
            threads=given.threads,
            device=given.device,
            compiling=given.compile,
            on_epoch=count,
        )


def _sentences(trial: "Trial", study_dir: Path, bad: int) -> Iterator[str]:
    """What the user is told at the end: the numbers, and what can be done with them."""
    from acai_ray.common.twin_advice import twin_advice
    from acai_ray.store import load
    from acai_ray.store.results import SMALL
    from acai_ray.trials.numbers import primary_lines

    config = trial.config
    yield f"finished: {study_dir}" + (f", {bad} of {len(trial.seeds)} seeds diverged or failed" if bad else "")
    yield from primary_lines(load(study_dir, SMALL))
    yield f'model: acai_ray.load_model("{study_dir}/models/{trial.run_id(0)}")'
    advice = twin_advice(config.latent_dim, config.lam, config.gamma, config.regularizer)
    yield f"to compare it with {'vanilla' if config.lam > 0 else 'a regularizer'}: {advice}"
    yield "next, a page of its curves, samples, paths and latent space:"
    yield f"  python -m acai_ray.analysis {study_dir}"


if __name__ == "__main__":
    sys.exit(main())

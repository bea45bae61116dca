"""The command `python -m acai_ray.train`: one experiment from a YAML file, without Ray."""

import argparse
import sys
from pathlib import Path

from acai_ray.common.command_line import FAILED_RUNS, doing, exit_code, same_command
from acai_ray.common.help_text import HelpFormatter
from acai_ray.common.option_types import name_after, needed_path, parsed, path, study_name
from acai_ray.poses import command_options

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
    from acai_ray.common.status_line import StatusLine
    from acai_ray.poses.reading import read_poses
    from acai_ray.protocol.statuses import RunStatus
    from acai_ray.trials.experiment import load_experiment, run
    from acai_ray.trials.run_trial import EpochEnd, EpochLine
    from acai_ray.trials.trial import Trial

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
    status, line = StatusLine(), EpochLine()

    def show(trial: Trial, epoch_end: EpochEnd) -> None:
        if epoch_end.note:
            status.tell(epoch_end.note)
        status.show(lambda: line.text(trial, epoch_end))

    doing(f"training {experiment.seeds} seeds together, {experiment.trial.epochs} epochs")
    try:
        statuses = run(
            experiment,
            poses,
            study_dir,
            threads=given.threads,
            device=given.device,
            compiling=given.compile,
            on_epoch=show,
        )
    finally:
        status.close()
    bad = sum(status != RunStatus.DONE for status in statuses)
    print(f"finished: {study_dir}" + (f", {bad} of {len(statuses)} seeds diverged or failed" if bad else ""))
    print(f'model: acai_ray.load_model("{study_dir}/models/e00000-0")')
    print(f"next: python -m acai_ray.analysis {study_dir}")
    return FAILED_RUNS if bad else 0


if __name__ == "__main__":
    sys.exit(main())

"""The command `python -m acai_ray.data`: look at pose data, convert it, see it, write the synthetic people."""

import argparse
import sys
from pathlib import Path

from acai_ray.common.command_line import exit_code, same_command
from acai_ray.common.help_text import HelpFormatter
from acai_ray.common.option_types import needed, needed_path, parsed, path
from acai_ray.poses import command_options

PICTURES, ANIMATION = Path("preview"), Path("animation.gif")

DESCRIPTION = "Look at pose data before a study: what it holds, whether it is accepted, and what it looks like."

EXAMPLES = """\
examples:
  python -m acai_ray.data inspect my_poses.npz            what it is, and what is wrong with it
  python -m acai_ray.data preview my_poses.npz            pictures: random poses and one sequence in motion
  python -m acai_ray.data convert h36m/ mine.parquet      one file that reads fast, for a cluster
  python -m acai_ray.data synthetic people.npz            the built-in people, as an example of the form
  python -m acai_ray.data animate results/quick/models/e00000-0     a model's path between two poses, in motion

each has its own --help. PATH is a file or a folder in any form that is read, or `synthetic`.

then: python -m acai_ray.tune --space smoke --data mine.parquet

exit codes: 0 ok, 1 unexpected, 2 your mistake or data that is refused, 130 interrupted, 141 nobody
reads the output (as after `| head`)
"""

INSPECT = """\
Print what pose data is, and what is wrong with it.

Everything that a study would refuse is listed, not only the first (of files that cannot be read, at most 100), and then
what would be accepted but looks wrong: bones that change their length, poses that are in two parts, jumps, missing
frames, options without effect and the like.
"""

INSPECT_MORE = """\
examples:
  python -m acai_ray.data inspect synthetic
  python -m acai_ray.data inspect my_poses.npz --unit mm --frame world --up z
  python -m acai_ray.data inspect h36m/ --json | jq .refusals

--json prints one object with the keys (lengths in mm, null where it is not known):
  accepted                      whether a study would take the data
  name, form                    what it is called, and what its reader reads
  refusals                      sentences: what a study refuses
  synthetic, acknowledgment     whether its people are computed; what must be printed beside results
  notes                         sentences: what the reader left out or assumed
  recordings                    files, or their parts
  stored, sound, taken          poses: in the data, finite and of people's size, taken by a study
  fingerprint                   of the poses taken
  stored_rates, taken_rate      frames per second
  units, axes                   as stored
  cameras, camera_names         where they come from, and which
  bodies                        how many bodies its people have
  shared_bodies                 [[subject, …]]: those who have one body, recorded onto one skeleton
  body_gap_mm                   by how much the two bodies most alike differ in a limb
  mean_pose_mpjpe_mm            MPJPE of the mean pose
  splits                        [{split, subjects, stored, taken}]
  people                        [{subject, split, stored, taken, sequences, actions, cameras, first_frame,
                                last_frame, height_mm, limb_spread}]
  bones                         [{bone, mean_mm, between_mm, within_mm, asymmetry_mm}]
  warnings                      sentences: what looks wrong, but is accepted

exit codes: 0 accepted, 2 refused (the first sentence is what a study says), 1 unexpected
"""

CONVERT = """\
Read pose data of any form and write it as one Parquet file.

The file holds the poses as they were taken (metres, camera axes, every camera), with subjects, actions, sequences,
cameras, frames and the split, so that it needs no options and gives the same study: same fingerprint.
"""

CONVERT_MORE = """\
examples:
  python -m acai_ray.data convert data_3d_h36m.npz h36m.parquet
  python -m acai_ray.data convert my_poses.npz mine.parquet --unit mm --force

exit codes: 0 ok, 2 your mistake or data that is refused, 1 unexpected
"""

PREVIEW = """\
Draw pose data: poses.png, random poses with subject and action, and sequence.gif, one sequence in motion.

Left and right limbs have different colours; each pose is seen by its camera and from the side, so that an exchanged or
mirrored axis shows.
"""

PREVIEW_MORE = """\
examples:
  python -m acai_ray.data preview synthetic
  python -m acai_ray.data preview my_poses.npz --poses 48 --out pictures
  python -m acai_ray.data preview h36m.parquet --sequence "S9 Walking 1"

exit codes: 0 ok, 2 your mistake or data that is refused, 1 unexpected
"""

SYNTHETIC = """\
Write the built-in synthetic people to a file: Parquet, or an .npz of plain arrays as an example of the form.

Eight computed people at 17 activities, seen by four cameras. They are no evidence about human poses.
"""

SYNTHETIC_MORE = """\
examples:
  python -m acai_ray.data synthetic people.parquet
  python -m acai_ray.data synthetic people.npz --people-seed 1

exit codes: 0 ok, 2 your mistake, 1 unexpected
"""

ANIMATE = """\
Show in motion what saved models make: the path between two poses, or new poses.

Several models stand beside each other. Each decodes the codes on the way from the one pose to the other; the two real
poses are drawn faintly behind the path. They are test poses, counted from 0.
"""

ANIMATE_MORE = """\
examples:
  python -m acai_ray.data animate results/quick/models/e00000-0
  python -m acai_ray.data animate results/wide/models/b00002-0 results/wide/models/s00024-0 --data mine.parquet
  python -m acai_ray.data animate results/quick/models/e00000-0 --samples 20 --out new.gif

exit codes: 0 ok, 2 your mistake or data that is refused, 1 unexpected
"""


def parser() -> argparse.ArgumentParser:
    """The command's parser, with one parser for each subcommand."""
    made = _formatted(argparse.ArgumentParser("python -m acai_ray.data"), DESCRIPTION, EXAMPLES)
    commands = made.add_subparsers(dest="command", required=True, metavar="{inspect,convert,preview,synthetic,animate}")

    def command(name: str, description: str, more: str) -> argparse.ArgumentParser:
        summary = description.split(".\n", 1)[0]  # its first sentence
        return _formatted(commands.add_parser(name, help=summary), description, more)

    _inspect_options(command("inspect", INSPECT, INSPECT_MORE))
    _convert_options(command("convert", CONVERT, CONVERT_MORE))
    _preview_options(command("preview", PREVIEW, PREVIEW_MORE))
    _synthetic_options(command("synthetic", SYNTHETIC, SYNTHETIC_MORE))
    _animate_options(command("animate", ANIMATE, ANIMATE_MORE))
    return made


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    options = parsed(parser(), arguments)
    resume, as_json = same_command("acai_ray.data", arguments), bool(getattr(options, "json", False))
    return exit_code(lambda: _run(options), resume=resume, keeps=False, as_json=as_json)


def _run(given: argparse.Namespace) -> int:
    from acai_ray.data import commands  # imported here, so that --help need not wait for numpy and pandas

    if given.command == "synthetic":
        return commands.synthetic(given.out, given.people_seed, given.force)
    options = command_options.given(given)
    if given.command == "animate":
        from acai_ray.data import animate  # imported here, because the other commands need no torch

        wanted = animate.Scene(given.first, given.last, given.steps, given.samples, given.seed)
        return animate.animate(given.models, given.data, options, wanted, given.out)
    if given.command == "inspect":
        return commands.inspect(given.path, options, given.json)
    if given.command == "convert":
        return commands.convert(given.path, options, given.out, given.force)
    choice = commands.Choice(given.poses, given.seed, given.camera, given.sequence)
    return commands.preview(given.path, options, given.out or PICTURES, choice)


def _inspect_options(made: argparse.ArgumentParser) -> None:
    _add_path(made)
    made.add_argument("--json", action="store_true", help="print the facts as JSON")
    command_options.add_to(made)


def _convert_options(made: argparse.ArgumentParser) -> None:
    _add_path(made)
    made.add_argument("out", metavar="OUT.parquet", type=needed_path, help="the file to write")
    _add_force(made)
    command_options.add_to(made)


def _preview_options(made: argparse.ArgumentParser) -> None:
    _add_path(made)
    made.add_argument(
        "--out", type=path, default=PICTURES, metavar="DIR", help=f"folder of the pictures (default: {PICTURES})"
    )
    made.add_argument("--poses", type=int, default=24, metavar="N", help="random poses (default: 24)")
    made.add_argument(
        "--sequence", metavar="NAME", help="a sequence, or a subject and a sequence (default: the longest)"
    )
    made.add_argument("--camera", metavar="NAME", help="whose view is shown (default: each person's first)")
    made.add_argument("--seed", type=int, default=0, metavar="N", help="seed of the choice of poses (default: 0)")
    command_options.add_to(made)


def _synthetic_options(made: argparse.ArgumentParser) -> None:
    made.add_argument("out", metavar="OUT", type=needed_path, help="the file to write, .parquet or .npz")
    made.add_argument("--people-seed", type=int, default=0, metavar="N", help="other people (default: 0)")
    _add_force(made)


def _animate_options(made: argparse.ArgumentParser) -> None:
    made.add_argument("models", metavar="MODEL", type=path, nargs="+", help="folder of a saved model")
    made.add_argument("--data", default="synthetic", metavar="PATH", help="poses (default: synthetic)")
    made.add_argument(
        "--from", dest="first", type=int, metavar="N", help="test pose at the start (default: far from --to)"
    )
    made.add_argument(
        "--to", dest="last", type=int, metavar="N", help="test pose at the end (default: far from --from)"
    )
    made.add_argument("--steps", type=int, default=30, metavar="N", help="steps of the path (default: 30)")
    made.add_argument("--samples", type=int, metavar="N", help="show so many new poses instead of a path")
    made.add_argument("--seed", type=int, default=0, metavar="N", help="seed of what is drawn at random (default: 0)")
    made.add_argument(
        "--out", type=path, default=ANIMATION, metavar="FILE", help=f".gif or .mp4 (default: {ANIMATION})"
    )
    command_options.add_to(made)


def _add_path(made: argparse.ArgumentParser) -> None:
    made.add_argument("path", metavar="PATH", type=needed, help="a file, a folder or synthetic")


def _add_force(made: argparse.ArgumentParser) -> None:
    made.add_argument("--force", action="store_true", help="replace the file where it exists")


def _formatted(made: argparse.ArgumentParser, description: str, more: str) -> argparse.ArgumentParser:
    made.description, made.epilog = description, more
    made.formatter_class = HelpFormatter
    return made


if __name__ == "__main__":
    sys.exit(main())

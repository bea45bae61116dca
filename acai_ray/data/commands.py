"""What the subcommands of `acai_ray.data` do; each prints its result and what to do next, and returns the exit code."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from acai_ray.common import json_output
from acai_ray.common.command_line import MISTAKE, same_command
from acai_ray.common.errors import UserError
from acai_ray.common.settings import parse
from acai_ray.data import inspection
from acai_ray.data.inspection import text
from acai_ray.data.printable import printable
from acai_ray.poses import LoadOptions, PoseSet, command_options
from acai_ray.poses.loading import Opened, open_data
from acai_ray.poses.rates import taken_rate
from acai_ray.poses.readers.synthetic import NAME
from acai_ray.poses.reading import progress_of, read_poses, show_notes
from acai_ray.poses.writing import refuse_target, write_npz, write_parquet, written

MOST_POSES = 240
"""Most random poses that a preview draws."""


@dataclass(frozen=True)
class Choice:
    """What a preview shows: how many random poses, by which seed, whose view, and which sequence in motion."""

    poses: int
    seed: int
    camera: str | None
    sequence: str | None


def inspect(source: str, given: Mapping[str, Any], as_json: bool) -> int:
    """Print what is known about pose data; the exit code is 2 where `load` refuses it."""
    with progress_of(source) as progress:
        inspected = inspection.inspect(source, _options(given), progress)
    if as_json:
        json_output.show(inspected.as_dict())
        return 0 if inspected.accepted else MISTAKE
    _show(inspected)
    after = _same("preview", source, given) if inspected.accepted else "mend what is refused, and inspect again"
    print(f"\nnext: {after}")
    return 0 if inspected.accepted else MISTAKE


def convert(source: str, given: Mapping[str, Any], out: Path, force: bool) -> int:
    """Write pose data as one Parquet file.

    Raises:
        UserError: `load` refuses the data, or the file must not or cannot be written.
    """
    refuse_target(out, (".parquet",), force)
    _, poses = _read(source, given)
    write_parquet(poses, out)
    _say_written(out, poses)
    return 0


def synthetic(out: Path, seed: int, force: bool) -> int:
    """Write the synthetic people.

    Raises:
        UserError: the file must not or cannot be written, or the seed is negative.
    """
    refuse_target(out, (".parquet", ".npz"), force)
    poses = read_poses(NAME, {"seed": seed})
    (write_npz if out.suffix == ".npz" else write_parquet)(poses, out)
    _say_written(out, poses)
    return 0


def preview(source: str, given: Mapping[str, Any], out: Path, choice: Choice) -> int:
    """Draw random poses and one sequence, and write the pictures into a folder.

    Raises:
        UserError: `load` refuses the data, a camera or sequence is unknown, or a picture cannot be written.
    """
    from acai_ray.data import preview as pictures  # imported here, because the other commands need no matplotlib

    if not 1 <= choice.poses <= MOST_POSES:
        raise UserError(f"--poses must be 1 to {MOST_POSES}, but got {choice.poses}")
    if choice.seed < 0:
        raise UserError(f"--seed must be at least 0, but got {choice.seed}")
    opened, poses = _read(source, given)
    seen = pictures.seen_by(poses, choice.camera)
    rows = pictures.sequence(poses, seen, choice.sequence)
    shown = pictures.motion(poses, rows, taken_rate(opened.source, poses.index.iloc[rows]))
    grid = pictures.grid(poses, pictures.at_random(seen, choice.poses, choice.seed))
    speed = "at its right speed" if shown.timed else f"at {shown.rate:g} poses a second, as its rate is unknown"
    length = f"{shown.seconds:.1f} s" + (f", its first {len(shown.poses)} pictures," if shown.cut else "")
    _write(out / "poses.png", pictures.png(grid), f"{min(choice.poses, len(seen))} random poses")
    _write(out / "sequence.gif", pictures.gif(shown), f"{shown.title}, {length} {speed}")
    print(f"next: {_same('inspect', source, given)}")
    return 0


def _show(inspected: inspection.Inspection) -> None:
    """Print the tables: in colours on a terminal, elsewhere as plain text without spaces at the ends of lines."""
    out = Console(highlight=False, markup=False, emoji=False)
    if out.is_terminal:
        text.show(out, inspected)
        return
    with out.capture() as captured:
        text.show(out, inspected)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def _options(given: Mapping[str, Any]) -> LoadOptions:
    return parse(LoadOptions, dict(given), "options of the data")


def _read(source: str, given: Mapping[str, Any]) -> tuple[Opened, PoseSet]:
    with progress_of(source) as progress:
        opened = open_data(source, _options(given), progress)
    poses = opened.whole()
    show_notes(poses)
    return opened, poses


def _write(path: Path, content: bytes, told: str) -> None:
    with written(path) as temporary:
        temporary.write_bytes(content)
    print(f"wrote {path}: {printable(told)}")


def _say_written(path: Path, poses: PoseSet) -> None:
    size = f"{path.stat().st_size / 1e6:.1f} MB"
    people = len(poses.subjects())
    print(f"wrote {path}: {len(poses):,} poses of {people} people, {size}, fingerprint {poses.fingerprint[:16]}")
    if "valid" in poses.splits:
        print(f"next: {same_command('acai_ray.tune', ['--space', 'smoke', '--data', str(path)])}")
        return
    print("a search needs validation people, and there are none; --space table1 does without")
    print(f"next: {_same('inspect', str(path), {})}")


def _same(kind: str, source: str, given: Mapping[str, Any]) -> str:
    """The command line of another subcommand on the same data, with the same options of reading it."""
    return same_command("acai_ray.data", [kind, source, *command_options.flags(given)])

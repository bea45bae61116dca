"""What the words of a command line mean: paths, durations, names; an empty word is as if it were not there."""

import argparse
import re
from pathlib import Path

from acai_ray.common import letters
from acai_ray.common.errors import UserError

SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
STUDY_NAME = re.compile(r"\w[\w.-]*")
LONGEST_NAME = 200
"""Bytes of a study's name: file systems allow 255, and other names are made of it."""

PAGE = "index.html"
"""No study's name: in the folder of studies this is the page over all of them."""


def parsed(parser: argparse.ArgumentParser, arguments: list[str] | None) -> argparse.Namespace:
    """The options of a command line; an empty value, as of a variable that is not set, is no value.

    As every command begins here, this also sees to it that the terminal can show all that it says.
    """
    letters.use_those_of_the_terminal()
    given = vars(parser.parse_args(arguments))
    return argparse.Namespace(
        **{name: parser.get_default(name) if value == "" else value for name, value in given.items()}
    )


def path(text: str) -> Path | str:
    """A path, or nothing."""
    return Path(text) if text else ""


def needed(text: str) -> str:
    """A text that is not empty."""
    if not text:
        raise argparse.ArgumentTypeError("a value is needed, but it is empty; is a variable not set?")
    return text


def needed_path(text: str) -> Path:
    """A path, which must be given."""
    return Path(needed(text))


def duration(text: str) -> float:
    """Seconds from `90`, `90s`, `30m`, `2h`, `1h30m` or `1d`: each unit once, the larger one first."""
    units = "".join(rf"(?:([0-9]+(?:\.[0-9]+)?){unit})?" for unit in SECONDS)
    parts = re.fullmatch(units, f"{text}s" if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text) else text)
    if not text or parts is None:
        raise argparse.ArgumentTypeError(f"a duration is like 90s, 30m or 1h30m, but got {text!r}")
    return sum(float(number or 0) * seconds for number, seconds in zip(parts.groups(), SECONDS.values(), strict=True))


def study_name(text: str) -> str:
    """A study's name, which is also that of its folder, or nothing."""
    if text and (not STUDY_NAME.fullmatch(text) or text == PAGE):
        raise argparse.ArgumentTypeError(
            f"a study's name is letters, digits, dots, dashes and underscores, and not {PAGE}, but got {text!r}"
        )
    if len(text.encode()) > LONGEST_NAME:
        raise argparse.ArgumentTypeError(
            f"a study's name has at most {LONGEST_NAME} bytes, because a folder bears it, but got {len(text.encode())}"
        )
    return text


def name_after(file: Path) -> str:
    """The name of a study that is named after its file.

    Raises:
        UserError: the file's name is no study's name.
    """
    try:
        return study_name(file.stem)
    except argparse.ArgumentTypeError as error:
        raise UserError(f"{error}, from {file}; give another with --study") from None

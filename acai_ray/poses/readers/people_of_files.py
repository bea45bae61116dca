"""Whose motion a file holds, as far as its path tells."""

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from acai_ray.common.errors import UserError

TOKENS = {
    "the numbers before the `_` in the file names": re.compile(r"^()(\d{1,3})_\d{1,3}$"),
    "the subjects in the file names": re.compile(r"(?<![A-Za-z0-9])(subject)[ _-]?(\d+)(?![A-Za-z0-9])", re.IGNORECASE),
    "the S and a number in the file names": re.compile(r"(?<![A-Za-z0-9])(s)(\d+)(?![A-Za-z0-9])", re.IGNORECASE),
}
"""What names a person in the name of a file: `07` in CMU's `07_01`, `subject1` in `walk_subject1`, `S2` in `run_s2`."""
SHOWN = 12
"""Most people that a note names."""


def subjects_of_files(below: Sequence[str], path: Path, pattern: str | None) -> tuple[list[str], str]:
    """The subject of each file, and a note on how they were found.

    The first of these that applies names the subjects: what the first group of `pattern` matches in the path; one kind
    of `TOKENS`, where the name of every file holds exactly one of that kind; the outermost folders that differ, where
    every file lies in such a folder. Otherwise all files count as one person's, who is called like `path`, because a
    guess could put the same person into training and test.

    Args:
        below: the paths of the files below `path`.
        path: the folder that was given, or the file.
        pattern: the user's regular expression; with it the note is empty.

    Raises:
        UserError: the pattern is not a regular expression with a group, or does not match the path of a file.
    """
    if pattern is not None:
        return [_matched(pattern, name) for name in below], ""
    name = path.name or path.resolve().name
    for what, token in TOKENS.items():
        named = [_people_in(token, PurePosixPath(file).stem) for file in below]
        if all(len(people) == 1 for people in named):
            return _with_note([people.pop() for people in named], what)
    folders = [PurePosixPath(file).parent.parts for file in below]
    depth = next((depth for depth in range(2) if len({parts[depth : depth + 1] for parts in folders}) > 1), None)
    if depth is not None and all(len(parts) > depth for parts in folders):
        return _with_note([parts[depth] for parts in folders], f"the folders of {name}")
    return [Path(name).stem if path.is_file() else name] * len(below), _unknown(len(below))


def without(stem: str, subject: str) -> str:
    """The name of a file without what says whose it is."""
    *_, subjects, short = TOKENS.values()
    return short.sub("", subjects.sub("", stem)).removeprefix(subject)


def _people_in(token: re.Pattern[str], stem: str) -> set[str]:
    """The people that the name of a file holds, each in one spelling."""
    matches = [(word.lower(), number) for word, number in token.findall(stem)]
    return {("S" if word == "s" else word) + number for word, number in matches}


def _with_note(subjects: list[str], what: str) -> tuple[list[str], str]:
    people = list(dict.fromkeys(subjects))
    rest = f" and {len(people) - SHOWN} more" if len(people) > SHOWN else ""
    return subjects, f"people are {what}: {', '.join(people[:SHOWN])}{rest}; if they are not, give --subject-pattern"


def _unknown(count: int) -> str:
    remedy = r"give --subject-pattern with a regular expression whose first group is the person, such as '(subject\d+)'"
    if count == 1:
        return f"whose file this is is not known, so it is taken as one person's; {remedy}"
    return f"whose files these are is not known, so all {count} are taken as one person's; {remedy}"


def _matched(pattern: str, name: str) -> str:
    try:
        compiled = re.compile(pattern)
    except re.error as error:
        raise UserError(f"subject_pattern must be a regular expression, but {pattern!r} is none ({error})") from None
    if compiled.groups == 0:
        raise UserError(f"subject_pattern must have a group for the subject, but {pattern!r} has none; add (…)")
    match = compiled.search(name)
    if match is None or not match[1]:
        raise UserError(f"{name}: subject_pattern must match every file's path, but {pattern!r} does not; widen it")
    return match[1]

"""Writes docs/commands.md from the commands' own parsers: `python docs/mkdocs/commands.py`."""

import argparse
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

COMMANDS = ("tune", "analysis", "train", "data", "lines")
MODULES = {
    name: f"acai_ray.{name}" + (".__main__" if name in ("analysis", "data", "lines") else "") for name in COMMANDS
}
PAGE = Path(__file__).parent.parent / "commands.md"

HEAD = """\
# Commands

Written by `docs/mkdocs/commands.py` from what `--help` says.

Each is also a command of the script `acai-ray`, or of `python -m acai_ray`, as in `acai-ray tune --space smoke`;
`acai-ray --version` says which version is installed, and `source <(acai-ray --print-completion bash)` lets the Tab key
complete commands and options in bash (zsh and tcsh alike).

Each command prints what to do next; messages go to standard error. After an interruption `tune` and
`train` go on when the same command is given again; the others begin again.

## Exit codes

| code | meaning | commands |
|---|---|---|
| 0 | ok | all |
| 1 | something unexpected, or a file that could not be written, as on a full disk | all |
| 2 | a mistake of yours, or data that is refused, told in one sentence | all |
| 3 | finished with failed or diverged runs; for `lines`: not passed | `tune`, `train`, `lines` |
| 4 | damaged tables or models (named, the rest is analysed), or a report that `--check` finds wrong | `analysis` |
| 130 | interrupted (`tune`: or the time budget left trials); the command to go on or begin again is printed | all |
| 141 | nobody reads the output any more, as after `head` | all |

With `--json`, `tune`, `analysis` and `data inspect` print one JSON object on standard output and nothing else there;
progress goes to standard error, and the exit codes are the same. Where a command cannot do its work, the object is
`{"error": sentence, "exit_code": code}`, with the sentence that standard error has, too. Options that a command does
not know are told on standard error alone, with code 2.

With `ACAI_DEBUG=1` in the environment, an unexpected error is shown with its whole traceback.
"""

TITLES = {"positional arguments": "arguments"}
UNLISTED = (argparse._HelpAction, argparse._SubParsersAction)
READING = "how the poses are read"
"""The group of options that several commands share; it is shown once."""


def page() -> str:
    """The whole page."""
    parsers = [import_module(MODULES[name]).parser() for name in COMMANDS]
    shared = next(group for group in parsers[0]._action_groups if group.title == READING)
    commands = [line for parser in parsers for line in _command(parser, 2)]
    return "\n".join([HEAD, *commands, f"## {READING.capitalize()}\n", *_table("options", shared._group_actions)])


def _command(parser: argparse.ArgumentParser, level: int) -> Iterator[str]:
    """A command's heading, purpose, options and examples, then those of its subcommands."""
    yield f"{'#' * level} {parser.prog.removeprefix('python -m ')}\n"
    yield _described(parser.description or "")
    for group in parser._action_groups:
        rows = [action for action in group._group_actions if not isinstance(action, UNLISTED)]
        if group.title == READING:
            yield f"And [{READING}](#{READING.replace(' ', '-')}).\n"
        elif rows:
            yield from _table(group.title or "", rows)
    yield f"```text\n{(parser.epilog or '').strip()}\n```\n"
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _command(one, level + 1)


def _described(text: str) -> str:
    """Paragraphs; lines that are indented stay as they are."""
    return re.sub(r"((?:^ {2}.*\n?)+)", r"\n```text\n\1```\n\n", text.strip() + "\n", flags=re.MULTILINE).strip() + "\n"


def _table(title: str, actions: list[argparse.Action]) -> Iterator[str]:
    called = TITLES.get(title, title)
    yield f"{called[0].upper()}{called[1:]}:\n\n| | |\n|---|---|"
    for action in actions:
        required = "; required" if action.required and action.option_strings else ""
        yield f"| {_called(action)} | {(action.help or '').replace('%%', '%').replace('|', '&#124;')}{required} |"
    yield ""


def _called(action: argparse.Action) -> str:
    """An argument as it is typed, in code that may hold a bar within a table."""
    value = action.metavar or ("|".join(action.choices) if action.choices else action.dest.upper())
    if action.option_strings:
        value = "" if action.nargs == 0 else f" [{value}]" if action.nargs == "?" else f" {value}"
    return f"<code>{''.join(action.option_strings[:1])}{value}</code>".replace("|", "&#124;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

"""The help of every command fits the terminal, and keeps its lists."""

import argparse
from importlib import import_module

import pytest

from acai_ray import __main__ as command
from acai_ray.common.help_text import HelpFormatter

TEXT = """\
One paragraph, written in
two lines.

examples:
  run it                a comment that is longer than fits here
  run it with --all its --options and then --some more
"""


@pytest.mark.parametrize("columns", ["40", "60", "80"])
def test_paragraphs_fill_the_width_and_lists_keep_their_lines(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    parser = argparse.ArgumentParser("it", description=TEXT, formatter_class=HelpFormatter)
    said = parser.format_help()
    assert max(map(len, said.splitlines())) <= int(columns)
    words = ["usage:", "it", "[-h]", *TEXT.split()]
    assert [word for word in said.split() if word in words][: len(words)] == words
    assert "One paragraph, written in two" in said
    assert "\n  run it with" in said


def parsers() -> list[argparse.ArgumentParser]:
    """Those of all commands and of what is below them."""
    found = [command.parser(), *(import_module(module).parser() for module, _ in command.COMMANDS.values())]
    for parser in found:
        for action in parser._actions:
            if isinstance(action, argparse._SubParsersAction) and parser.prog != "acai-ray":
                found += list(action.choices.values())
    return found


@pytest.mark.parametrize("parser", parsers(), ids=lambda parser: parser.prog)
def test_no_line_of_any_help_is_longer_than_80_columns(
    parser: argparse.ArgumentParser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert not [line for line in parser.format_help().splitlines() if len(line) > 80]

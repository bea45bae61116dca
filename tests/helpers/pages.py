"""The pages of the manual, taken apart: their blocks, and whether what they show is what was printed."""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
"""The checkout."""

NUMBER = re.compile(r"[+−-]?\d[\d,.:]*(?:e[−-]?\d+)?")
HERE_DOCUMENT = re.compile(r"<<'(\w+)'\n.*?^\1$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block: its language, its title (a file's name, or empty) and its lines."""

    language: str
    title: str
    text: str


def blocks(page: str) -> list[Block]:
    """The fenced blocks of a page, in order; those within a list without their indentation."""
    found = re.findall(r'^( *)```(\w+)(?: title="(.+?)")?\n(.*?)^ *```$', page, re.MULTILINE | re.DOTALL)
    return [
        Block(language, title, re.sub(f"^{indent}", "", text, flags=re.M)) for indent, language, title, text in found
    ]


def commands(page: str) -> list[str]:
    """The commands of a page's `bash` blocks, each in one line, without the documents they read."""
    texts = [HERE_DOCUMENT.sub("<<", re.sub(r"\\\n\s*", "", b.text)) for b in blocks(page) if b.language == "bash"]
    return [line for text in texts for line in text.splitlines() if line]


def not_printed(shown: str, printed: str, *, masked: bool = True) -> list[str]:
    """The lines of a block that a program did not print, up to blanks and, where masked, numbers and verdicts.

    What is shown ends at `…`; a line of `…` alone stands for any lines.
    """
    whole = _shape(printed, masked)
    pieces = [piece for line in shown.splitlines() for piece in line.split("…")]
    return [piece for piece in pieces if _shape(piece, masked) not in whole]


def _shape(text: str, masked: bool) -> str:
    text = re.sub(r"(fingerprint\s+)[0-9a-f]+", r"\1", text)
    if masked:
        text = NUMBER.sub("#", re.sub("[▲▼·]", "·", text))
    return " ".join(text.split())


def run(
    *arguments: str, cwd: Path = ROOT, package: Path = ROOT, timeout: float = 600
) -> subprocess.CompletedProcess[str]:
    """A command in a fresh process that finds the package of this checkout, or of the given folder."""
    path = os.pathsep.join([str(package), *filter(None, [os.environ.get("PYTHONPATH")])])
    environment = {name: value for name, value in os.environ.items() if name != "RAY_ADDRESS"} | {"PYTHONPATH": path}
    return subprocess.run(
        arguments, cwd=cwd, env=environment, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL
    )

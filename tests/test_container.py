"""The Dockerfile, as far as it can be checked without building it."""

import re
import shlex
from fnmatch import fnmatch
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tests.helpers.pages import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
LINES = [line for line in DOCKERFILE.splitlines() if line and not line.startswith("#")]
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()


def of(instruction: str) -> list[str]:
    """What stands after an instruction, wherever it is used."""
    return [line.partition(" ")[2] for line in LINES if line.split()[0] == instruction]


def copied() -> list[str]:
    return [source for line in of("COPY") for source in shlex.split(line)[:-1]]


def test_what_it_copies_is_there_and_goes_to_the_builder() -> None:
    admitted = {line[1:] for line in IGNORED if line.startswith("!")}
    assert IGNORED[1] == "*"
    assert set(copied()) == admitted
    assert all((ROOT / source).exists() for source in copied())


def test_it_copies_what_the_cluster_files_ship() -> None:
    text = (ROOT / "cluster.yaml").read_text(encoding="utf-8")
    shipped = set(re.findall(r"^  ~/acai-ray/(\S+): ", text, re.MULTILINE))
    assert set(copied()) == shipped


@pytest.mark.parametrize(
    "secret", ["results/wide/study.json", ".git/config", "auth_token", "acai_ray/__pycache__/x.pyc"]
)
def test_what_is_of_no_use_stays_out(secret: str) -> None:
    admitted = [line[1:] for line in IGNORED if line.startswith("!")]
    if Path(secret).parts[0] in admitted:
        assert any(fnmatch(Path(secret).parts[1], line.removeprefix("**/")) for line in IGNORED if "**" in line)
    else:
        assert secret not in admitted


def test_its_python_is_supported_and_every_install_is_pinned() -> None:
    (base,) = of("FROM")
    (version,) = re.findall(r"^python:(\d\.\d+)-", base)
    (requires,) = re.findall(r'requires-python = "(.+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert version in SpecifierSet(requires)
    installs = [line for line in of("RUN") if "pip install" in line]
    assert len(installs) == 2
    assert all("-c constraints.txt" in line for line in installs)


def test_it_does_not_run_as_root_and_starts_our_command() -> None:
    assert of("USER") == ["ray"]
    assert of("ENTRYPOINT") == ['["acai-ray"]']
    assert not re.search(r"auth_token|password|secret", DOCKERFILE)
    assert LINES.index("USER ray") > max(LINES.index(line) for line in LINES if line.startswith("RUN "))

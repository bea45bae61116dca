"""What is given away as a package is whole."""

import tarfile
from pathlib import Path

import pytest
from hatchling.build import build_sdist

from tests.helpers.pages import ROOT


def test_the_source_distribution_has_every_file_of_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    with tarfile.open(tmp_path / build_sdist(str(tmp_path))) as archive:
        inside = {name.split("/", 1)[1] for name in archive.getnames()}
    files = (path.relative_to(ROOT) for path in (ROOT / "acai_ray").rglob("*.*"))
    assert {path.as_posix() for path in files if "__pycache__" not in path.parts} <= inside
    assert {"README.md", "constraints.txt", "search_spaces/wide.yaml"} <= inside

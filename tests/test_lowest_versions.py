"""The lowest versions that `pyproject.toml` declares: everything imports, the smoke study runs and is analysed.

Only torch is taken as `constraints.txt` pins it: an older one comes with several GB of CUDA's libraries. What the
extras need is not installed at all.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from acai_ray.metrics.realism import FEWEST
from tests.helpers.pages import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8")
PYTHON = PROJECT["requires-python"].removeprefix(">=")
HERE = "{}.{}".format(*sys.version_info)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(HERE != PYTHON, reason=f"the lowest versions go with Python {PYTHON}, but this is {HERE}"),
]

IMPORT_ALL = """
import importlib, pkgutil, acai_ray
for module in pkgutil.walk_packages(acai_ray.__path__, "acai_ray."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def lowest(requirement: str) -> str:
    """The constraint of a dependency's lowest version."""
    name, specifiers = Requirement(requirement).name, list(Requirement(requirement).specifier)
    if name == "torch":
        pinned = re.search(r"^torch==\S+$", PINS, re.MULTILINE)
        assert pinned
        return pinned[0]
    assert [one.operator for one in specifiers] == [">="], f"{requirement} must have a lower bound and no other"
    return f"{name}=={specifiers[0].version}"


def ran(folder: Path, *words: str) -> str:
    """What a command prints, with nothing but the installed packages to import from."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "RAY_ADDRESS")}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=3600)
    assert done.returncode == 0, f"{' '.join(words)} ends with {done.returncode}: {done.stdout}{done.stderr}"[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Python of an environment with the package and the lowest versions of what it needs."""
    folder = tmp_path_factory.mktemp("lowest")
    (folder / "lowest.txt").write_text("\n".join(map(lowest, PROJECT["dependencies"])), encoding="utf-8")
    ran(folder, sys.executable, "-m", "venv", "venv")
    python = str(folder / "venv" / "bin" / "python")
    ran(folder, python, "-m", "pip", "install", "-q", "--no-compile", "-c", "lowest.txt", str(ROOT))
    return python


def test_everything_imports(python: str, tmp_path: Path) -> None:
    ran(tmp_path, python, "-c", IMPORT_ALL)


def test_the_smoke_study_runs_and_two_studies_are_analysed(python: str, tmp_path: Path) -> None:
    """With one latent size and the smallest evaluation that measures everything."""
    smoke = yaml.safe_load((ROOT / "search_spaces" / "smoke.yaml").read_text(encoding="utf-8"))
    smoke["search"]["latent_dim"]["choice"] = [4]
    smoke["evaluation"] |= {"pairs": 20, "distance_pairs": 10, "generated": 100, "targets": FEWEST, "critic_draws": 50}
    (tmp_path / "smoke.yaml").write_text(yaml.safe_dump(smoke), encoding="utf-8")
    ran(tmp_path, python, "-m", "acai_ray.tune", "--space", "smoke.yaml", "--trials", "2", "--epochs", "1")
    shutil.copytree(tmp_path / "results" / "smoke", tmp_path / "results" / "again")
    printed = ran(tmp_path, python, "-m", "acai_ray.analysis", "results/")
    assert "Report: results/index.html" in printed
    assert "2 studies side by side" in (tmp_path / "results" / "index.html").read_text(encoding="utf-8")

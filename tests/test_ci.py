"""What is checked before a change is merged: `.ci/run`, on every Python that the package declares."""

import re
import subprocess
import tomllib

import yaml

from tests.helpers.pages import ROOT

WORKFLOW = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
(JOB,) = WORKFLOW["jobs"].values()
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_pythons_are_those_of_the_classifiers() -> None:
    prefix = "Programming Language :: Python :: 3."
    declared = [line.split()[-1] for line in PYPROJECT["project"]["classifiers"] if line.startswith(prefix)]
    assert JOB["strategy"]["matrix"]["python"] == declared
    assert f">={declared[0]}" == PYPROJECT["project"]["requires-python"]


def test_one_python_that_fails_does_not_hide_the_others() -> None:
    assert JOB["strategy"]["fail-fast"] is False


def test_it_runs_what_a_contributor_runs() -> None:
    assert [step["run"] for step in JOB["steps"] if "run" in step] == [".ci/run"]
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111, ".ci/run must be executable"
    python = next(step for step in JOB["steps"] if step.get("uses", "").startswith("actions/setup-python@"))
    assert python["with"]["python-version"] == "${{ matrix.python }}"


def test_actions_have_a_major_version() -> None:
    for step in JOB["steps"]:
        assert re.fullmatch(r"actions/[a-z-]+@v\d+", step.get("uses", "actions/none@v0")), step


def test_bash_accepts_the_script() -> None:
    done = subprocess.run(["bash", "-n", ROOT / ".ci" / "run"], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_ten_slowest_tests_and_the_reason_of_every_skip_are_printed() -> None:
    options = PYPROJECT["tool"]["pytest"]["ini_options"]["addopts"].split()
    assert {"-ra", "--durations=10"} <= set(options)

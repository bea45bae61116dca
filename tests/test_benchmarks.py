"""The benchmarks start, and the one that times the parts of an evaluation still finds them."""

import json
import sys

import pytest

from tests.helpers.pages import ROOT, run

SMALL = "--epochs 1 --pairs 20 --transitions 5 --generated 1500 --targets 50 --sample 5"


@pytest.mark.slow
def test_every_benchmark_can_be_imported() -> None:
    modules = sorted(f"benchmarks.{path.stem}" for path in (ROOT / "benchmarks").glob("*.py"))
    assert len(modules) > 5
    done = run(sys.executable, "-c", f"import {', '.join(modules)}")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_parts_of_an_evaluation_are_timed() -> None:
    done = run(sys.executable, "-m", "benchmarks.evaluate", *SMALL.split(), timeout=600)
    assert done.returncode == 0, done.stderr
    numbers = json.loads(done.stdout.splitlines()[-1])
    assert min(numbers["plain"], numbers["ours"], numbers["task_plain"], numbers["task_ours"]) > 0
    parts = {line.rsplit(maxsplit=2)[0] for line in done.stdout.splitlines() if line[:1].isalpha()}
    assert {"generation", "reconstruction", "paths", "recall", "precision", "diversity", "regularizer"} <= parts

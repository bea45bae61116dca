"""The benchmarks start, and the one that times the parts of an evaluation still finds them."""

import json
import sys
from importlib.util import find_spec

import pytest

from tests.helpers.pages import ROOT, run

SMALL = "--epochs 1 --pairs 20 --transitions 5 --generated 1500 --targets 50 --sample 5"
BRIEF = "--mode eager --members 1 --steps 5 --rounds 1"


@pytest.mark.slow
def test_every_benchmark_can_be_imported() -> None:
    extra = set() if find_spec("jax") else {"jax_scan"}
    modules = sorted(f"benchmarks.{path.stem}" for path in (ROOT / "benchmarks").glob("*.py") if path.stem not in extra)
    assert len(modules) > 5
    done = run(sys.executable, "-c", f"import {', '.join(modules)}")
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_the_parts_of_an_evaluation_are_timed() -> None:
    done = run(sys.executable, "-m", "benchmarks.evaluate", *SMALL.split(), timeout=1800)
    assert done.returncode == 0, done.stderr
    numbers = json.loads(done.stdout.splitlines()[-1])
    assert min(numbers["plain"], numbers["ours"], numbers["task_plain"], numbers["task_ours"]) > 0
    parts = {line.rsplit(maxsplit=2)[0] for line in done.stdout.splitlines() if line[:1].isalpha()}
    assert {"generation", "reconstruction", "paths", "recall", "precision", "diversity", "regularizer"} <= parts


@pytest.mark.slow
def test_training_is_timed_beside_other_programs() -> None:
    done = run(sys.executable, "-m", "benchmarks.train", *BRIEF.split())
    assert done.returncode == 0, done.stderr
    numbers = json.loads(done.stdout.splitlines()[-1])
    assert {"plain", "floor", "limit"} <= numbers["ours_beside"].keys()
    assert min(numbers["a_second"].values()) > 0
    assert ("jax" in numbers["a_second"]) or "jax is left out" in done.stdout


@pytest.mark.slow
def test_the_checks_of_a_gpu_are_rehearsed() -> None:
    """All but `compiled`, whose program would be compiled for the CPU here."""
    parts = ("losses", "nearest", "metrics", "resume", "memory", "out_of_memory", "speed", "evaluation")
    done = run(sys.executable, "-m", "benchmarks.gpu", "--rehearse", "--here", *parts, timeout=900)
    assert done.returncode == 0, done.stdout + done.stderr
    *lines, last = done.stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == [f"ok {name}" for name in (*parts, "wide")]
    numbers = json.loads(last)
    assert numbers["rehearsed"]
    assert numbers["wide"]["wide_hours"] > 0
    assert set(numbers["speed"]["model_steps_per_s"]) == {"1", "1_steps_alone", "3", "3_steps_alone"}


@pytest.mark.slow
def test_a_check_of_a_gpu_that_takes_too_long_does_not_stop_the_others() -> None:
    done = run(sys.executable, "-m", "benchmarks.gpu", "--rehearse", "--limit", "0.01")
    assert done.returncode == 1
    *lines, last = done.stdout.splitlines()
    assert len(lines) == len(json.loads(last)) - 3
    assert all(line.startswith("FAILED ") for line in lines)
    assert lines[0] == 'FAILED losses: {"error": "it takes more than 0.01 s"}'


@pytest.mark.slow
def test_without_a_gpu_the_rehearsal_is_named() -> None:
    done = run("env", "CUDA_VISIBLE_DEVICES=", sys.executable, "-m", "benchmarks.gpu")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: this needs a GPU that torch sees, but there is none; give --rehearse\n"

"""Several Ray nodes, and shares of GPUs: each study runs in a process of its own, on a cluster of its own."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acai_ray import store
from acai_ray.common.files import WriteError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.private_ray import fewer_cpus
from acai_ray.sweep.reports import Report, take
from acai_ray.sweep.trainable import PoseTrial, device_of
from acai_ray.trials.run_trial import EpochEnd
from acai_ray.trials.trial import Trial
from tests.helpers.pages import ROOT
from tests.helpers.small_studies import assert_same_tables

pytestmark = pytest.mark.slow


def on_nodes(case: str, folder: Path) -> dict[str, Any]:
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.helpers.run_on_nodes", case, str(folder)],
        capture_output=True,
        text=True,
        timeout=3600,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def test_a_sweep_uses_all_nodes_and_survives_one_that_leaves(tmp_path: Path) -> None:
    left = on_nodes("node-leaves", tmp_path / "left")
    assert "this cluster has 3 nodes and no --storage" in left["refused"]
    assert left["begun"] == [], "what is refused must be refused before any work"
    assert left["error"] == ""
    assert (left["nodes"], left["most"]) == (3, 3)
    assert left["left"] == 2
    assert on_nodes("left-alone", tmp_path / "whole")["error"] == ""
    one, other = (store.load(tmp_path / name / "study") for name in ("whole", "left"))
    assert set(other.runs["status"]) == {"done"}
    assert_same_tables(one, other)


def test_four_trials_share_a_gpu_and_no_more(tmp_path: Path) -> None:
    """And one that asks for more GPUs than there are is refused at once."""
    shared = on_nodes("quarter-gpus", tmp_path / "shared")
    assert "the largest node has 4 and 1" in shared["refused"]
    assert shared["begun"] == []
    assert shared["error"] == ""
    assert shared["most"] == 4


@pytest.mark.parametrize(("gpus", "share"), [(0.25, 0.25), (1, 1.0), (2, 1.0)])
def test_a_trial_may_take_its_share_of_the_gpus_memory(
    gpus: float, share: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a stand-in for CUDA: PyTorch itself holds a process to the share."""
    limits: list[float] = []
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    monkeypatch.setattr("torch.cuda.set_per_process_memory_fraction", limits.append)
    assert device_of(gpus) == "cuda"
    assert limits == [share]


def test_a_trial_without_gpu_leaves_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: True)
    assert device_of(0) == "cpu"


@pytest.mark.parametrize(("mine", "count"), [({0}, 1), ({0, 3}, 2), (set(range(8)), None)])
def test_a_part_of_a_machine_is_all_ray_may_use(
    mine: set[int], count: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    monkeypatch.setattr("os.sched_getaffinity", lambda process: mine)
    assert fewer_cpus() == count


def step_that_raises(error: Exception) -> Report:
    def epochs() -> Iterator[EpochEnd]:
        raise error
        yield

    actor = PoseTrial.__new__(PoseTrial)
    actor._setup_error, actor._epochs = "", epochs()
    actor._trial = Trial("g00000", Phase.GRID, TrialConfig(), (0, 1))
    return take(actor.step())


def test_a_cuda_error_ends_the_process_and_other_errors_only_the_trial() -> None:
    with pytest.raises(RuntimeError, match="device-side assert"):
        step_that_raises(RuntimeError("CUDA error: device-side assert triggered"))
    for error in (RuntimeError("CUDA out of memory"), ValueError("no number")):
        end = step_that_raises(error).end
        assert end is not None
        assert [member.status for member in end.members] == ["failed", "failed"]
        assert str(error) in end.members[0].reason


def test_what_would_befall_every_trial_stops_the_session() -> None:
    written = WriteError(Path("x"), OSError(28, "No space left on device"))
    assert step_that_raises(written).stop == str(written)
    assert step_that_raises(OSError("no such bucket")).stop.startswith("a checkpoint is out of reach (OSError: no such")

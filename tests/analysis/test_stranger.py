"""A study folder from a stranger: whatever is in it, analysing it runs nothing of it."""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from acai_ray import store
from tests.helpers.model_factory import save_all
from tests.helpers.study_factory import Trial, build

WATCHED = """
import os, sys

def told(event, arguments):
    if event in ("pickle.find_class", "os.system", "os.exec"):
        os.write(2, f"RAN {event} {arguments}\\n".encode())

sys.addaudithook(told)
from acai_ray.analysis.__main__ import main
sys.exit(main(sys.argv[1:]))
"""
"""The analysis, with every unpickling and every command told; what Python itself tells cannot be switched off."""


class Payload:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Callable[[str], int], tuple[str]]:
        return os.system, (f"touch {self.canary}",)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    return tmp_path / "canary"


@pytest.fixture
def study(tmp_path: Path) -> Path:
    trials = [Trial(f"g{number}", "grid", lam, range(2), pictures=True) for number, lam in enumerate((0.0, 0.1))]
    folder = build(tmp_path / "demo", trials)
    save_all(folder, {f"{trial.trial_id}-{seed}": {"lam": trial.lam} for trial in trials for seed in range(2)})
    return folder


def analyse(study: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WATCHED, str(study), *options], capture_output=True, text=True, timeout=600, check=False
    )


def poison(study: Path, canary: Path) -> None:
    """Payloads wherever somebody might unpickle: in place of files, as files beside them, and within Parquet."""
    plain = pickle.dumps(Payload(canary))
    for name in ("optuna.db", "models/g0-0/last.safetensors", "models/g0-0/config.json", "runs/z.parquet"):
        (study / name).write_bytes(plain)
    for folder in (study, *(path for path in study.iterdir() if path.is_dir())):
        (folder / "payload.pkl").write_bytes(plain)
        torch.save(Payload(canary), folder / "last.pt")
    (study / "models" / "g1-1" / "best.safetensors").write_bytes((study / "last.pt").read_bytes())
    within_parquet(study, plain)


def within_parquet(study: Path, plain: bytes) -> None:
    """An extension type whose metadata is a pickle, which old versions of Arrow loaded (CVE-2023-47248)."""
    table = pq.read_table(study / "metrics" / "g1.parquet")
    marked = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": plain}
    fields = [field.with_metadata(marked) for field in table.schema]
    schema = pa.schema(fields, {**(table.schema.metadata or {}), b"pandas": plain})
    pq.write_table(pa.Table.from_arrays(table.columns, schema=schema), study / "metrics" / "g1.parquet")


def test_the_watch_would_see_it(canary: Path) -> None:
    loaded = WATCHED.replace("from acai_ray.analysis.__main__ import main", "import pickle")
    loaded = loaded.replace("sys.exit(main(sys.argv[1:]))", f"pickle.loads({pickle.dumps(Payload(canary))!r})")
    done = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True, timeout=600, check=True)
    assert "RAN pickle.find_class" in done.stderr
    assert "RAN os.system" in done.stderr
    assert canary.exists()


@pytest.mark.slow
@pytest.mark.parametrize("options", [(), ("--recompute",)], ids=" ".join)
def test_nothing_of_a_strangers_study_runs(study: Path, canary: Path, options: tuple[str, ...]) -> None:
    poison(study, canary)
    done = analyse(study, *options)
    assert "RAN" not in done.stderr, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode in (2, 4)
    assert not canary.exists()


def test_loading_its_tables_and_models_runs_nothing(study: Path, canary: Path) -> None:
    poison(study, canary)
    assert store.load(study).damaged
    assert not canary.exists()

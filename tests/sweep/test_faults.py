"""Faults done to real sweeps: afterwards the tables are those of the sweep that was left alone, bit for bit."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import optuna
import psutil
import pytest
import yaml

from acai_ray import store
from acai_ray.common.files import WriteError, write_json
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.pose_model import save_model
from acai_ray.poses import PoseSet
from acai_ray.sweep.optuna_db import write_history
from acai_ray.training.state import TrainState
from acai_ray.trials.experiment import TRIAL_ID, Experiment
from acai_ray.trials.experiment import run as run_experiment
from tests.helpers import kills
from tests.helpers.processes import name_of, that_train
from tests.helpers.said import complaints

# Wide, so that a checkpoint takes some time to write; several epochs, so that there is time for a fault.
LONGER = {"trial": {**kills.TRIAL, "epochs": 4, "steps_per_epoch": 10, "width": 384}, "controls": False}
SPACES: dict[str, dict[str, Any]] = {
    "grid": {**kills.COMMON, **LONGER, "points": [{"latent_dim": 4, "lambda": 0.1}], "folds": 5},
    "search": {**kills.SPACES["search"], **LONGER, "trials": 3},
}
HEARS_INTERRUPTIONS = ("env", "--default-signal=INT")
"""As from a terminal, even where the tests themselves run in the background."""
PATIENCE_S = 1800.0
"""Longer than anything takes, even on a busy machine."""


class Session:
    """The command a user types, in a process group of its own as from a terminal."""

    def __init__(self, space: Path, folder: Path, *more: str) -> None:
        words = [*HEARS_INTERRUPTIONS, *kills.command(space, folder), *more]
        self.folder, self.study = folder, folder / "study"
        self.before = len(self.ended())
        self.driver = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
        )
        self.children: list[psutil.Process] = []

    def until(self, there: Callable[[], Any], every_s: float = 0.02) -> None:
        """Wait for something to happen while the driver lives, looking for it every so many seconds."""
        deadline = time.monotonic() + PATIENCE_S
        while not there():
            assert self.driver.poll() is None, self.driver.communicate()
            assert time.monotonic() < deadline
            time.sleep(every_s)

    def trains(self, trial: str) -> bool:
        """Whether a trial, by its name's beginning, has a checkpoint."""
        return any(name.startswith(trial) for name in self.checkpoints())

    def trains_next(self, epochs: int = 1) -> bool:
        """Whether one more trial than at its beginning has ended, and the next one has so many checkpoints."""
        counts, ended = self.checkpoints(), self.ended()
        return len(ended) > self.before and any(count >= epochs for name, count in counts.items() if name not in ended)

    def strike(self, there: Callable[[], Any], send: Callable[[], None]) -> None:
        """Send a signal while something is the case; all stands still meanwhile, so that it is so when this arrives."""
        struck = False
        while not struck:
            self.until(there)
            with self.suspended():
                if there():
                    self.children = psutil.Process(self.driver.pid).children(recursive=True)
                    send()
                    struck = True

    def ended(self) -> set[str]:
        """The trials that have ended."""
        return {path.stem for path in kills.measured(self.folder)}

    def until_reported(self) -> None:
        """Wait for `trains_next`, wherever the checkpoints are: until the driver has written the next trial's epoch."""
        self.until(lambda: len(self.ended()) > self.before and self.begun() - self.ended())

    def begun(self) -> set[str]:
        """The trials with an epoch written down; a file that is being written has another name."""
        return {path.stem for path in (self.study / "history").glob("*.parquet")}

    def checkpoints(self) -> Counter[str]:
        """How many whole checkpoints each trial has."""
        return Counter(path.parts[-3] for path in self.study.glob("checkpoints/*/*/state.json"))

    def workers(self) -> list[psutil.Process]:
        """The processes that train."""
        return that_train(psutil.Process(self.driver.pid))

    def kill_workers(self) -> None:
        """Kill the processes that train; usually there is one."""
        for worker in self.workers():
            with suppress(psutil.NoSuchProcess):
                worker.kill()

    def worker(self) -> psutil.Process:
        """The process that trains, once there is exactly one: between two trials there may be none or two."""
        self.until(lambda: len(self.workers()) == 1)
        found = self.workers()
        return found[0] if len(found) == 1 else self.worker()

    def signal(self, sent: signal.Signals) -> None:
        """Send a signal, SIGINT to the whole group as a terminal does."""
        if sent == signal.SIGINT:
            os.killpg(self.driver.pid, sent)
        else:
            self.driver.send_signal(sent)

    @contextmanager
    def suspended(self) -> Iterator[None]:
        """Nothing of it goes on during the block."""
        processes = [psutil.Process(self.driver.pid), *self.workers()]
        for process in processes:
            with suppress(psutil.NoSuchProcess):  # a trial that has just ended
                process.suspend()
        try:
            yield
        finally:
            for process in processes:
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def kill(self, there: Callable[[], Any]) -> str:
        """Kill the driver while something is the case, and wait until nothing of its Ray writes any more.

        Returns:
            What it had said on standard error.
        """
        self.strike(there, self.driver.kill)
        _, said = self.driver.communicate()
        self.wait_for_children()
        return said

    def wait_for_children(self) -> None:
        """Ray's two agents, which touch no study, take a minute to find out."""
        children = [process for process in self.children if "Agent" not in name_of(process)]
        _, alive = psutil.wait_procs(children, timeout=PATIENCE_S)
        assert not alive

    def end(self) -> tuple[int, str]:
        """Wait for the end; the exit code and what was said on standard error."""
        _, said = self.driver.communicate(timeout=PATIENCE_S)
        assert "Traceback" not in said
        return self.driver.returncode, said

    def close(self) -> None:
        """End what is left of it."""
        if self.driver.poll() is None:
            self.driver.kill()
            self.driver.communicate()


Begin = Callable[..., Session]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begins a session of the space of a kind, or goes on with it, in a folder of the test's own."""
    sessions = []

    def start(kind: str, *more: str, folder: Path = tmp_path) -> Session:
        space = tmp_path / f"{kind}.yaml"
        space.write_text(yaml.safe_dump(SPACES[kind]))
        sessions.append(Session(space, folder, *more))
        return sessions[-1]

    yield start
    for session in sessions:
        session.close()


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a kind's sweep that was left alone."""
    made: dict[str, Path] = {}

    def of(kind: str) -> Path:
        if kind not in made:
            folder = tmp_path_factory.mktemp(kind)
            space = folder / "space.yaml"
            space.write_text(yaml.safe_dump(SPACES[kind]))
            kills.to_its_end(space, folder)
            made[kind] = folder
        return made[kind]

    return of


def assert_ends_as(whole: Path, session: Session) -> str:
    """The session ends well and its study is that of the one left alone, with nothing beside it; what was said."""
    code, said = session.end()
    assert (code, kills.differences(whole, session.folder)) == (0, []), said
    assert not list(session.study.glob("checkpoints/*"))
    assert not list(session.study.rglob(".*.tmp*"))
    return said


@pytest.mark.slow
def test_a_grid_that_suffers_one_fault_after_the_other(begin: Begin, whole: Callable[[str], Path]) -> None:
    """A process killed in the midst of a checkpoint, a second driver, signals, a killed driver, damaged checkpoints."""
    session = begin("grid")
    session.until(partial(session.trains, "g"))
    a_second_driver_is_refused(session, begin)
    passed_over = kill_a_worker_in_the_midst_of_a_checkpoint(session)
    session.until(session.trains_next)
    kept = kills.Kept.of(session.folder)
    assert passed_over in interrupted(session, session.trains_next, signal.SIGTERM)
    assert store.read_study(session.study)["status"] == "interrupted"

    session = begin("grid")
    interrupted(session, partial(session.trains_next, 2), signal.SIGINT, again=True)
    kept = kept_as_it_was(kept, session)
    passed_over = damage_newest(session, cut, 1)

    session = begin("grid")
    assert passed_over in session.kill(partial(session.trains_next, 2))
    kept = kept_as_it_was(kept, session)
    passed_over = damage_newest(session, flip, 2)
    (session.study / "history" / ".g00000.parquet.1.tmp").touch()  # as a kill in the midst of a write leaves it

    session = begin("grid")
    assert passed_over in interrupted(session, session.trains_next, signal.SIGINT)
    assert store.read_study(session.study)["status"] == "interrupted"
    kept_as_it_was(kept, session)
    assert_ends_as(whole("grid"), begin("grid"))


def kept_as_it_was(before: kills.Kept, session: Session) -> kills.Kept:
    """What is kept now; what had ended or begun before is still the same."""
    now = kills.Kept.of(session.folder)
    assert before.lost(now) == []
    return now


def one_sentence(said: str) -> bool:
    """Whether one line tells what is wrong; others say what the command does, and on a slow machine how far it is."""
    lines = [line for line in complaints(said) if " trials done" not in line]
    return [line.startswith("error: ") for line in lines] == [True]


def a_second_driver_is_refused(first: Session, begin: Begin) -> None:
    with first.suspended():  # on a slow machine it would end while the second one starts
        code, said = begin("grid").end()
    assert code == 2
    assert "one process at a time may write a study, but another holds" in said
    assert one_sentence(said)


def kill_a_worker_in_the_midst_of_a_checkpoint(session: Session) -> str:
    """What must be told of the half-written one."""
    caught = None
    while caught is None:
        worker = session.worker()
        session.until(partial(half_written_or_gone, session, worker), every_s=0.001)
        with suppress(psutil.NoSuchProcess):  # it had no more trials, and the next ones have another
            worker.suspend()  # so that what is seen now is what the kill leaves
            caught = half_written(session) if session.workers() == [worker] else None
            if caught is None:
                worker.resume()
    worker.kill()
    worker.wait()
    assert not (caught / "state.json").exists()
    trial, epoch = caught.parent.name, int(caught.name)
    goes_on = f"goes on from epoch {epoch - 1}" if epoch > 1 else "begins anew"
    return f"{trial} {goes_on}: no whole checkpoint of epoch {epoch}\n"


def half_written(session: Session) -> Path | None:
    """The newest checkpoint of a trial in training, if it is not whole; one that is being deleted is an older one."""
    for trial in session.study.glob("checkpoints/*"):
        newest = max(trial.glob("*"), default=trial)
        if (newest / "tensors.safetensors").exists() and not (newest / "state.json").exists():
            return newest if trial.name not in session.ended() else None
    return None


def half_written_or_gone(session: Session, worker: psutil.Process) -> bool:
    return half_written(session) is not None or not worker.is_running()


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    """One bit of the last weight."""
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        (byte,) = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([byte ^ 1]))


def damage_newest(session: Session, damage: Callable[[Path], None], count: int) -> str:
    """Damage the newest checkpoints of the trial in training; what must be told of them."""
    epochs = sorted(path.parent for path in session.study.glob("checkpoints/*/*/state.json"))
    for folder in epochs[-count:]:
        damage(folder / "tensors.safetensors")
    (trial,) = {folder.parent.name for folder in epochs}
    left = [int(folder.name) for folder in epochs[:-count]]
    return f"{trial} {f'goes on from epoch {left[-1]}' if left else 'begins anew'}: no whole"


def interrupted(session: Session, there: Callable[[], Any], sent: signal.Signals, *, again: bool = False) -> str:
    """Interrupt a driver while something is the case, as a terminal and `kill` do, and see it stop in order.

    Args:
        session: of the driver.
        there: what is the case.
        sent: the signal.
        again: whether it is sent until the driver has ended; two in a row may arrive as one.

    Returns:
        What was said.
    """
    session.strike(there, partial(session.signal, sent))
    deadline = time.monotonic() + PATIENCE_S
    while again and session.driver.poll() is None:
        assert time.monotonic() < deadline
        time.sleep(0.2)
        session.signal(sent)
    code, said = session.end()
    assert code == 130
    assert f"Go on with: python -m acai_ray.tune --space {session.folder}/grid.yaml" in said
    session.wait_for_children()
    return said


@pytest.mark.slow
def test_a_search_whose_driver_and_worker_are_killed(begin: Begin, whole: Callable[[str], Path]) -> None:
    """The driver in the search and in the confirmation, a worker in the confirmation; nothing is lost or repeated."""
    session = begin("search")
    session.kill(partial(session.trains, "s00001"))
    kept = kills.Kept.of(session.folder)
    session = begin("search")
    session.strike(partial(session.trains, "c00000"), session.kill_workers)
    session.kill(partial(session.trains, "c00001"))
    kept_as_it_was(kept, session)
    assert_ends_as(whole("search"), begin("search"))
    runs = store.load(session.study).runs
    assert (runs["phase"] == "confirm").sum() == 4  # one pick and its twin, two fresh seeds each


@pytest.mark.slow
def test_a_truncated_table_is_refused_and_the_remedy_helps(
    begin: Begin, whole: Callable[[str], Path], tmp_path: Path
) -> None:
    """Where the search history cannot be replaced either, that is named once the remedy was followed."""
    study = tmp_path / "study"
    shutil.copytree(whole("search") / "study", study, ignore=shutil.ignore_patterns("optuna.db"))
    cut(study / "runs" / "s00001.parquet")
    code, said = begin("search").end()
    assert code == 2
    assert "runs/s00001.parquet: a table's file must be whole" in said
    assert "delete the files of that trial from all tables to run it again" in said
    assert one_sentence(said)
    for path in study.glob("*/s00001.parquet"):
        path.unlink()
    (study / "optuna.db").mkdir()
    code, said = begin("search").end()
    assert code == 1
    assert "study/optuna.db" in said
    assert "could not be written (" in said
    assert one_sentence(said)
    (study / "optuna.db").rmdir()
    assert_ends_as(whole("search"), begin("search"))
    assert (study / "optuna.db").is_file()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of its own, of 300 MB in memory."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300m", "tmpfs", str(folder)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"no small disk can be mounted here, which takes root: {made.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all room there is on a disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)) == 4096:
                pass
        except OSError:
            pass
    return ballast


@pytest.mark.slow
def test_a_full_disk(begin: Begin, whole: Callable[[str], Path], small_disk: Path, tmp_path: Path) -> None:
    """First the driver's, with checkpoints on another that has room, then that of both."""
    for options in (["--storage", str(tmp_path)], []):
        session = begin("grid", *options, folder=small_disk)
        session.until_reported()
        with session.suspended():
            ballast = fill(small_disk)
            known = kills.finished_files(small_disk)
        assert {path.stem for path in known} & session.ended()
        code, said = session.end()
        assert code == 1
        assert one_sentence(said)
        sentence = r"/study/(\w+)/\S+ could not be written \(No space left on device; 0\.0 MB are free in"
        refused = re.search(sentence, said)
        assert refused, said
        assert refused[1] in ("checkpoints", "models", *store.TABLES)  # whichever comes first
        assert not options or refused[1] != "checkpoints"
        assert "free some space there" in said
        assert "Go on with: python -m acai_ray.tune" in said
        assert kills.finished_files(small_disk) == known
        assert store.load(session.study).damaged == []
        assert not list(session.study.rglob(".*.tmp*"))
        ballast.unlink()
    assert_ends_as(whole("grid"), begin("grid", folder=small_disk))


def test_what_a_full_disk_does_not_take(small_disk: Path) -> None:
    """Models and the search history have writers of their own, which tell a full disk in their own ways."""
    study_dir = small_disk / "study"
    write_json(study_dir / "study.json", {})
    (study_dir / "models" / "g00000-0").mkdir(parents=True)
    study = optuna.create_study()
    study.add_trial(optuna.trial.create_trial(value=1.0))
    write_history(study, store.load(study_dir), ["path_coverage"])
    history = (study_dir / "optuna.db").read_bytes()
    fill(small_disk)
    config = TrialConfig(latent_dim=4, lam=0.1, gamma=0.2, width=256)
    weights = {name: value[0] for name, value in TrainState.start(config, (0,)).networks.state_dict().items()}
    with pytest.raises(WriteError, match=r"last\.safetensors could not be written \(No space left on device; 0\.0 MB"):
        save_model(study_dir / "models" / "g00000-0", config, {"last": weights})
    with pytest.raises(WriteError, match=r"optuna\.db could not be written .*; 0\.0 MB are free in"):
        write_history(study, store.load(study_dir), ["path_coverage"])
    assert (study_dir / "optuna.db").read_bytes() == history
    assert not list(small_disk.rglob(".*.tmp*"))


def test_an_experiment_whose_checkpoints_are_damaged_begins_with_its_start_again(
    pose_set: PoseSet, tmp_path: Path
) -> None:
    settings = {"latent_dim": 4, "lambda": 0.1, "gamma": 0.2, **kills.TRIAL}
    plain = {"seeds": 1, "trial": settings, "evaluation": kills.EVALUATION}

    def trained(name: str, start: Path | None) -> store.Results:
        given = Experiment(**plain, start=str(start) if start else None)
        run_experiment(given, pose_set, tmp_path / name, threads=1, device="cpu", compiling="off")
        return store.load(tmp_path / name)

    trained("first", None)
    start = tmp_path / "first" / "models" / f"{TRIAL_ID}-0"
    expected = trained("whole", start)
    trained("damaged", start)
    for path in (tmp_path / "damaged" / "checkpoints").rglob("tensors.safetensors"):
        cut(path)
    for path in (tmp_path / "damaged").glob("*/*.parquet"):  # as if it had been stopped before its end
        path.unlink()
    assert kills.differing_tables(expected, trained("damaged", start)) == []


INTERRUPTED_TWICE = """
import signal, sys, time
from acai_ray.common.command_line import exit_code

def slow_to_stop():
    try:
        signal.raise_signal(signal.{first})
    finally:
        signal.raise_signal(signal.{second})
        print("went on")

sys.exit(exit_code(slow_to_stop, "the same"))
"""


@pytest.mark.parametrize("first", ["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("second", ["SIGINT", "SIGTERM"])
def test_a_second_signal_ends_at_once(first: str, second: str) -> None:
    program = INTERRUPTED_TWICE.format(first=first, second=second)
    words = [*HEARS_INTERRUPTIONS, sys.executable, "-c", program]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "\ninterrupted; nothing that finished is lost. Go on with: the same\n"


def test_a_job_in_the_background_hears_no_interruption() -> None:
    program = INTERRUPTED_TWICE.format(first="SIGINT", second="SIGINT")
    ignored = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN)"
    done = subprocess.run([sys.executable, "-c", ignored + program], capture_output=True, text=True, check=False)
    assert done.stdout == "went on\n"

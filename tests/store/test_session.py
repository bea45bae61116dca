"""A session of a study: one process at a time, begun once, and a note of how it ended whatever happens."""

import multiprocessing
import os
from pathlib import Path
from typing import Any

import pytest

from acai_ray import store
from acai_ray.common.errors import UserError
from acai_ray.protocol.statuses import StudyStatus
from acai_ray.store import Session
from tests.helpers.small_studies import counted_reads
from tests.helpers.table_rows import metric, run_row

SETTINGS: dict[str, Any] = {"question": "why?", "seeds": 2, "trials": 4}
DATA = {"name": "people", "fingerprint": "abc123"}


def status_of(study: Path) -> str:
    return str(store.read_study(study)["status"])


def begin_and_end(study: Path, **changes: Any) -> None:
    with Session.open(study) as session, session.begin({**SETTINGS, **changes}, DATA):
        assert status_of(study) == "running"


def test_a_block_that_ends_well_finishes_the_study(tmp_path: Path) -> None:
    begin_and_end(tmp_path)
    content = store.read_study(tmp_path)
    assert (content["status"], content["question"], content["space"]) == ("finished", "why?", SETTINGS)
    assert content["end"] >= content["start"]


def test_a_block_may_leave_the_study_unfinished(tmp_path: Path) -> None:
    with Session.open(tmp_path) as session, session.begin(SETTINGS, DATA):
        session.status = StudyStatus.INTERRUPTED
    assert status_of(tmp_path) == "interrupted"


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, UserError])
def test_whatever_ends_the_block_is_noted_and_passes(error: type[BaseException], tmp_path: Path) -> None:
    with pytest.raises(error), Session.open(tmp_path) as session, session.begin(SETTINGS, DATA):
        raise error("it")
    assert status_of(tmp_path) == "interrupted"
    with store.lock(tmp_path):
        pass  # it was released


def test_the_first_error_is_raised_even_if_the_note_cannot_be_written(tmp_path: Path) -> None:
    def block() -> None:
        with Session.open(tmp_path) as session, session.begin(SETTINGS, DATA):
            (tmp_path / "study.json").unlink()
            (tmp_path / "study.json").mkdir()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        block()


def test_what_is_refused_before_the_beginning_leaves_no_trace(tmp_path: Path) -> None:
    with pytest.raises(UserError), Session.open(tmp_path):
        raise UserError("it cannot run here")
    assert not (tmp_path / "study.json").exists()


def test_a_study_keeps_its_id_and_its_start_and_reads_each_table_once(tmp_path: Path) -> None:
    begin_and_end(tmp_path)
    before = store.read_study(tmp_path)
    store.write(tmp_path, "runs", "a", [run_row("a-0")])
    store.write(tmp_path, "metrics", "a", [metric("a-0")])
    with counted_reads() as tables, Session.open(tmp_path) as session, session.begin(SETTINGS, DATA) as results:
        assert results.runs["run_id"].tolist() == ["a-0"]
        assert (results.study["id"], results.study["start"]) == (before["id"], before["start"])
    assert sorted(tables) == sorted(store.TABLES)


def test_more_trials_or_another_wording_of_the_question_are_the_same_study(tmp_path: Path) -> None:
    begin_and_end(tmp_path)
    begin_and_end(tmp_path, trials=8, question="why not?")
    with pytest.raises(UserError, match=r"seeds was 2 and is 3; take them back or give this run another --study"):
        begin_and_end(tmp_path, seeds=3)
    assert status_of(tmp_path) == "finished"


def test_damaged_tables_are_refused_with_the_remedy(tmp_path: Path) -> None:
    begin_and_end(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "s00001.parquet").write_bytes(b"half")
    with pytest.raises(UserError, match=r"runs/s00001\.parquet: .* or delete the files of that trial from all tables"):
        begin_and_end(tmp_path)


def test_tables_without_their_study_json_are_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    with pytest.raises(UserError, match=r"belong to its study\.json"):
        begin_and_end(tmp_path)


def _hold(folder: Path, held: "multiprocessing.synchronize.Event") -> None:
    with store.lock(folder):
        held.set()
        os.kill(os.getpid(), 19)  # SIGSTOP: stays alive, holding the lock, until it is killed


def test_one_process_at_a_time_holds_a_study_and_its_death_frees_it(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    held = context.Event()
    holder = context.Process(target=_hold, args=(tmp_path, held))
    holder.start()
    assert held.wait(600)
    with pytest.raises(UserError, match="one process at a time"), store.lock(tmp_path):
        pass
    holder.kill()
    holder.join()
    with store.lock(tmp_path):
        assert (tmp_path / ".lock").exists()

"""The callback writes what trials report, and an error of a write ends the session where Tune lets it through."""

from types import SimpleNamespace
from typing import Any

import pytest

from acai_ray.common.settings import parse
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.planner import Planner
from acai_ray.sweep.reports import Report, pack
from acai_ray.sweep.space import Space
from acai_ray.sweep.writing_callback import WritingCallback
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import MemberEnd, TrialEnd

TRIAL = Trial("g00000", Phase.GRID, TrialConfig(latent_dim=4, lam=0.1), (0,))
ROWS = [{"epoch": 1}]
END = TrialEnd([MemberEnd(RunStatus.DONE, "", 1)])


class Writer:
    """Stands in for a `TrialWriter`: keeps what is written, or fails."""

    def __init__(self, error: Exception | None = None) -> None:
        self.written: list[tuple[str, Any]] = []
        self._error = error

    def write_history(self, trial: Trial, history: Any) -> None:
        if self._error is not None:
            raise self._error
        self.written.append((trial.trial_id, history))

    def write_end(self, trial: Trial, end: TrialEnd) -> None:
        self.written.append((trial.trial_id, end))


def callback(writer: Writer) -> WritingCallback:
    space = parse(Space, {"points": [{"latent_dim": 4, "lambda": 0.1}], "controls": False}, "space")
    return WritingCallback(writer, Planner(Plan(space), {}, lambda trial: None, None))


def tell(one: WritingCallback, report: Report) -> None:
    one.on_trial_result(0, [], SimpleNamespace(config=TRIAL.as_config()), pack(report))


def test_the_history_comes_before_the_end() -> None:
    writer = Writer()
    one = callback(writer)
    tell(one, Report(epoch=1, history=ROWS, end=END, all_done=True))
    one.on_step_end(0, [])
    assert writer.written == [("g00000", ROWS), ("g00000", END)]


def test_the_first_error_of_a_write_is_raised_at_the_end_of_the_step() -> None:
    first = OSError("the disk is full")
    one = callback(Writer(first))
    tell(one, Report(epoch=1, history=ROWS))
    tell(one, Report(stop="a checkpoint is out of reach"))
    with pytest.raises(OSError, match="the disk is full"):
        one.on_step_end(0, [])


def test_what_no_trial_can_go_on_from_ends_the_session() -> None:
    writer = Writer()
    one = callback(writer)
    tell(one, Report(stop="a checkpoint is out of reach"))
    with pytest.raises(OSError, match="a checkpoint is out of reach"):
        one.check()
    assert writer.written == []


def test_a_note_stays_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    tell(callback(Writer()), Report(epoch=1, history=ROWS, note="g00000 begins anew: no whole checkpoint of epoch 1"))
    assert "g00000 begins anew" in capsys.readouterr().err

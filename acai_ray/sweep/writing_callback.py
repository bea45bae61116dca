"""The Tune callback that writes each trial's tables as it goes."""

import time
from textwrap import shorten
from typing import Any

from ray.tune import Callback

from acai_ray.common.errors import one_line
from acai_ray.common.status_line import Picture, StatusLine
from acai_ray.sweep.live_history import LiveHistory
from acai_ray.sweep.planner import Planner
from acai_ray.sweep.progress import Progress
from acai_ray.sweep.reports import Report, take
from acai_ray.sweep.trackers.tracking import Tracking
from acai_ray.trials.standing import line
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import TrialEnd
from acai_ray.trials.trial_writer import TrialWriter
from acai_ray.trials.view import View

QUOTED = 240
"""Characters of what Ray says of a lost process, which is a page."""


class WritingCallback(Callback):  # type: ignore[misc]
    """Writes `history` after each epoch and everything else when a trial ends; only the driver writes tables.

    What cannot be written ends the session. The exception is kept until `on_step_end`, which is the only place where
    Tune lets an exception pass unchanged.
    """

    def __init__(self, writer: TrialWriter, planner: Planner) -> None:
        """Args: where to write, and who knows the trials."""
        self.status = StatusLine()
        self._rungs = planner.rungs
        self._progress = Progress(planner)
        self._writer = writer
        self._error: Exception | None = None
        self._live: LiveHistory | None = None
        self._tracking: Tracking | None = None

    def track(self, tracking: Tracking) -> None:
        """Tell trackers of the runs from now on."""
        self._tracking = tracking

    def follow(self, live: LiveHistory) -> None:
        """Keep the history of the search up to date from now on."""
        self._live = live

    def close(self) -> None:
        """Take the live view off the terminal, and let go of the history and the trackers."""
        self.status.close()
        if self._live is not None:
            self._live.close()
        if self._tracking is not None:
            self._tracking.close()

    def __getstate__(self) -> dict[str, Any]:
        """Nothing for Tune's own snapshots, which are never restored."""
        return {}

    def check(self) -> None:
        """Raise the first exception of a write, if there was one."""
        if self._error is not None:
            raise self._error

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: dict[str, Any], **_: Any) -> None:
        """Take the report out of the result and write it."""
        report, planned = take(result), Trial.of_config(trial.config)
        if report.note:
            self.status.tell(report.note)
        try:
            self._write(planned, report)
        except Exception as error:
            self._error = self._error or error
        if report.history and self._live is not None:
            self._live.add_epochs(planned.trial_id, report.history)
        if report.epoch:
            self._progress.count(planned, report.epoch, report.history)

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **_: Any) -> None:
        """Write down that a trial failed whose process was lost too often; a report of its own it cannot make."""
        planned = Trial.of_config(trial.config)
        try:
            self._write_end(planned, TrialEnd.failed(planned, _why_lost(trial)))
        except Exception as error:
            self._error = self._error or error

    def _write(self, trial: Trial, report: Report) -> None:
        if report.stop:
            raise OSError(report.stop)
        if report.history:
            history = self._rungs.with_shares(trial, report.history)
            self._writer.write_history(trial, history)
            if self._tracking is not None:
                self._tracking.add_epochs(trial, history)
        if report.end is not None:
            self._write_end(trial, self._rungs.whole_end(trial, report.end))
        elif report.if_stopped is not None and trial.trial_id in self._rungs.stopped:
            self._write_end(trial, self._rungs.stopped_end(trial, report.if_stopped))

    def _write_end(self, trial: Trial, end: TrialEnd) -> None:
        self._writer.write_end(trial, end)
        if self._tracking is not None:
            self._tracking.end(trial, end)

    def on_step_end(self, iteration: int, trials: list[Any], **_: Any) -> None:
        """Stop if something could not be written, else show how far the study is."""
        self.check()
        if self._live is not None:
            self._live.catch_up()
        self.status.show(lambda: line(self._progress.standing()), self._picture)

    def _picture(self) -> Picture:
        """What a terminal shows until the next time: the standing of now, whose clocks go on."""
        standing, made = self._progress.standing(), time.monotonic()
        return lambda: View(standing.later(time.monotonic() - made))


def _why_lost(trial: Any) -> str:
    """Why one of Tune's trials was given up."""
    last = one_line(trial.get_error() or ValueError("no reason given")).rpartition("Failure # ")[2]
    return (
        f"its process was lost {trial.num_failures} times, at last with “{shorten(last, QUOTED, placeholder=' ...')}”; "
        "where memory is short, run fewer trials at once with --max-concurrent"
    )

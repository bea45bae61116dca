"""The Tune callback that writes each trial's tables as it goes."""

import logging
from typing import Any

from ray.tune import Callback

from acai_ray.plan import Trial
from acai_ray.planner import Planner
from acai_ray.progress import Progress
from acai_ray.records import Recorder, TrialEnd
from acai_ray.status_line import StatusLine

Row = dict[str, Any]
log = logging.getLogger(__name__)


class RecordingCallback(Callback):  # type: ignore[misc]
    """Writes `history` after each epoch and everything else when a trial ends; all tables are written by the driver.

    An exception in a Tune callback would leave the sweep in an unknown state, so the first one is kept, stops the
    session and is raised again by `check`.
    """

    def __init__(self, recorder: Recorder, planner: Planner) -> None:
        """Args: where to write, and who knows the trials."""
        self.status = StatusLine()
        self._progress = Progress(planner)
        self._recorder = recorder
        self._planner = planner
        self._error: Exception | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Nothing for Tune's own snapshots, which are never restored."""
        return {}

    def check(self) -> None:
        """Raise what went wrong while writing, if anything did."""
        if self._error is not None:
            raise self._error

    def on_trial_result(self, iteration: int, trials: list[Any], trial: Any, result: Row, **info: Any) -> None:
        """Take the rows out of the result, so that Tune does not keep them, and write them."""
        history, end, failure = (result.pop(name, None) for name in ("history", "end", "failure"))
        mine = self._trial(trial)
        if self._error is not None:
            return
        try:
            if history:
                self._recorder.progressed(mine, history)
            if failure is not None:
                self._recorder.ended(mine, TrialEnd.failed(mine, failure))
            elif end is not None:
                self._recorder.ended(mine, end)
        except Exception as error:
            self._stop(error)
        self._progress.heard(mine, int(result.get("epoch", 0)))

    def on_trial_error(self, iteration: int, trials: list[Any], trial: Any, **info: Any) -> None:
        """A trial whose process was lost too often."""
        if self._error is None:
            try:
                mine = self._trial(trial)
                self._recorder.ended(
                    mine, TrialEnd.failed(mine, "its process was lost too often"), keep_checkpoints=True
                )
            except Exception as error:
                self._stop(error)

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        """Show how far the study is."""
        self.status.show(self._progress.text)

    def _stop(self, error: Exception) -> None:
        log.debug("writing a trial's tables failed", exc_info=error)
        self._error = error
        self._planner.stopped = True

    @staticmethod
    def _trial(trial: Any) -> Trial:
        return Trial.of_config(trial.config)

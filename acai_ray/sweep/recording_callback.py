"""The Tune callback that writes each trial's tables as it goes."""

from typing import Any

from ray.tune import Callback

from acai_ray.common.status_line import StatusLine
from acai_ray.sweep.planner import Planner
from acai_ray.sweep.progress import Progress
from acai_ray.trials.records import Recorder, Row, TrialEnd
from acai_ray.trials.trial import Trial


class RecordingCallback(Callback):  # type: ignore[misc]
    """Writes `history` after each epoch and everything else when a trial ends; all tables are written by the driver.

    What cannot be written ends the session. The exception is kept until `on_step_end`, which is the one place where
    Tune lets it through as it is.
    """

    def __init__(self, recorder: Recorder, planner: Planner) -> None:
        """Args: where to write, and who knows the trials."""
        self.status = StatusLine()
        self._progress = Progress(planner)
        self._recorder = recorder
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
        said = {name: result.pop(name, None) for name in ("history", "end", "failure", "stop")}
        if note := result.pop("note", ""):
            self.status.tell(note)
        mine = Trial.of_config(trial.config)
        try:
            self._write(mine, **said)
        except Exception as error:
            self._error = self._error or error
        if mine.trained:
            self._progress.heard(mine, int(result.get("epoch", 0)))

    def _write(
        self, trial: Trial, history: list[Row] | None, end: TrialEnd | None, failure: str | None, stop: str | None
    ) -> None:
        if stop is not None:
            raise OSError(stop)
        if history:
            self._recorder.progressed(trial, history)
        if failure is not None:
            self._recorder.ended(trial, TrialEnd.failed(trial, failure))
        elif end is not None:
            self._recorder.ended(trial, end)

    def on_step_end(self, iteration: int, trials: list[Any], **info: Any) -> None:
        """Stop if something could not be written, else show how far the study is."""
        self.check()
        self.status.show(self._progress.text)

"""The Tune scheduler that stops what a rung says is hopeless."""

from typing import Any

from ray.tune.schedulers import FIFOScheduler

from acai_ray.sweep.reports import kept
from acai_ray.sweep.rungs import Rungs
from acai_ray.trials.trial import Trial


class RungScheduler(FIFOScheduler):  # type: ignore[misc]
    """Runs trials in the order in which they are suggested, and stops one at a rung.

    Tune asks it before the callback writes the report, so the callback knows what was decided and writes the end.
    """

    _supports_buffered_results = False  # a trial must not train on while its rung is decided

    def __init__(self, rungs: Rungs) -> None:
        """Args: what decides."""
        super().__init__()
        self._rungs = rungs

    def on_trial_result(self, _: Any, trial: Any, result: dict[str, Any]) -> str:
        """Decide whether the trial goes on, if it has reached a rung."""
        report = kept(result)
        if report.if_stopped is None or self._rungs.goes_on(
            Trial.of_config(trial.config), report.epoch, report.history
        ):
            return str(self.CONTINUE)
        return str(self.STOP)

    def __getstate__(self) -> dict[str, Any]:
        """Nothing for Tune's own snapshots, which are never restored."""
        return {}

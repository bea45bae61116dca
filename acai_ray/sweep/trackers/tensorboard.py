"""TensorBoard through Ray Tune's own callback: a folder of events for each run."""

import shutil

from ray.tune.logger import TBXLoggerCallback

from acai_ray.sweep.trackers.seed_run import SeedRun, Values


class TensorBoard:
    """Writes `<study>/tensorboard/<run_id>/`. A run that goes on is written anew: its history has all its epochs."""

    name = "tensorboard"

    def __init__(self) -> None:
        self._callback = TBXLoggerCallback()
        self._open: set[SeedRun] = set()

    def begin(self, run: SeedRun) -> int:
        """Begin anew; returns 0."""
        shutil.rmtree(run.local_path, ignore_errors=True)
        self._callback.log_trial_start(run)
        self._open.add(run)
        return 0

    def log(self, run: SeedRun, step: int, values: Values) -> None:
        """Take numbers of an epoch."""
        self._callback.log_trial_result(step, run, {"training_iteration": step, **values})

    def end(self, run: SeedRun, failed: bool) -> None:
        """Write the settings as TensorBoard's hyperparameters, beside what was logged last."""
        self._callback.log_trial_end(run, failed)
        self._open.discard(run)

    def close(self) -> None:
        """Close the files of runs that have not ended."""
        for run in list(self._open):
            self.end(run, failed=False)

"""How far the one trial of an experiment is, from what it says after each epoch."""

import time

from acai_ray.trials.run_trial import EpochEnd
from acai_ray.trials.standing import PhaseCount, Running, Standing, counts, newest_error_mm, settings_of
from acai_ray.trials.trial import Trial


class ExperimentProgress:
    """Takes what the trial says; another thread may ask meanwhile how far it is."""

    def __init__(self, trial: Trial) -> None:
        """Args: the one that is trained."""
        self._trial = trial
        self._started = time.monotonic()
        self._first: int | None = None
        self._said: Standing = self._at(0, None, None)

    def count(self, epoch_end: EpochEnd) -> None:
        """Take what the trial says after an epoch; the time left is estimated from the epochs of this session."""
        epoch = epoch_end.epoch
        self._first = epoch - 1 if self._first is None else self._first
        a_epoch_s = (time.monotonic() - self._started) / (epoch - self._first)
        left_s = (self._trial.config.epochs - epoch) * a_epoch_s or None  # how long the evaluation takes, is not known
        self._said = self._at(epoch, newest_error_mm(epoch, epoch_end.history), left_s)

    def _at(self, epoch: int, error_mm: float | None, left_s: float | None) -> Standing:
        trial, epochs = self._trial, self._trial.config.epochs
        return Standing(
            phases=[PhaseCount("training", epoch, epochs, unit="epochs")],
            running=[Running(trial.trial_id, settings_of(trial), epoch, epochs, error_mm)],
            failed=None,
            stopped=None,
            best=None,
            passed_s=time.monotonic() - self._started,
            left_s=left_s,
        )

    def standing(self) -> Standing:
        """How far the trial is now; between two epochs the time left counts down."""
        said = self._said
        return said.later(time.monotonic() - self._started - said.passed_s)


def experiment_line(standing: Standing) -> str:
    """The state of an experiment in one line."""
    (trial,) = standing.running
    error = [f"validation error {trial.error_mm:.1f} mm"] if trial.error_mm is not None else []
    return " · ".join([trial.stage, *error, counts(standing)])

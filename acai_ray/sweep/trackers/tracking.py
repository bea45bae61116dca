"""Tells the trackers of a study what its trials report, seed by seed."""

from collections.abc import Callable, Sequence
from pathlib import Path

from acai_ray.common.frames import Row
from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.trackers.channel import Channel
from acai_ray.sweep.trackers.seed_run import by_epoch, measured, runs_of
from acai_ray.sweep.trackers.tracker import Tracker
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import TrialEnd

FOLDER = "tensorboard"
"""In a study's folder, what a tracker that writes files of its own writes for each run."""


class Tracking:
    """The trackers of a session; without any it does nothing."""

    def __init__(self, trackers: Sequence[Tracker], study_dir: Path, tell: Callable[[str], None]) -> None:
        """Begin.

        Args:
            trackers: those that are told.
            study_dir: the study's folder.
            tell: shows the user a sentence.
        """
        self._folder = study_dir / FOLDER
        self._channels = [Channel(tracker, tell) for tracker in trackers]

    def add_epochs(self, trial: Trial, history: Sequence[Row]) -> None:
        """Tell of the epochs that are new.

        Args:
            trial: the one that reports.
            history: all its rows of the table so far.
        """
        for channel in self._channels:
            for run in runs_of(trial, self._folder):
                channel.add_epochs(run, by_epoch(history, run.trial_id))

    def end(self, trial: Trial, end: TrialEnd) -> None:
        """Tell what a trial measured, and how each of its seeds ended."""
        history, metrics = end.tables.get("history", []), end.tables.get("metrics", [])
        for channel in self._channels:
            for run, member in zip(runs_of(trial, self._folder), end.members, strict=True):
                failed = member.status in (RunStatus.FAILED, RunStatus.DIVERGED)
                channel.add_epochs(run, by_epoch(history, run.trial_id))
                channel.end(run, member.epochs, measured(metrics, run.trial_id), failed)

    def close(self) -> None:
        """Let the trackers take what is left, and close them."""
        for channel in self._channels:
            channel.close()

"""How far a study is, in one line of text."""

import time
from datetime import timedelta

from acai_ray.protocol.phases import Phase
from acai_ray.sweep.planner import Objectives, Planner
from acai_ray.trials.trial import Trial


class Progress:
    """Counts the epochs that trials report; says how many trials are done, the best so far, and the time left."""

    def __init__(self, planner: Planner) -> None:
        """Args: who knows the trials."""
        self._planner = planner
        self._epochs: dict[str, int] = {}
        self._member_epochs = 0
        self._started = time.monotonic()

    def count(self, trial: Trial, epoch: int) -> None:
        """Count a trial's epoch; what a resumed trial did before this session does not count."""
        before = self._epochs.get(trial.trial_id, epoch - 1)
        self._epochs[trial.trial_id] = epoch
        self._member_epochs += max(0, epoch - before) * len(trial.seeds)

    def text(self) -> str:
        """The state in one line."""
        ended = self._planner.finished
        total = len(self._planner.plan.trials) + self._planner.coming
        parts = [
            f"{len(ended)} of {total} trials done",
            f"{len(self._planner.running)} running",
            *([f"{len(self._planner.rungs.stopped)} stopped at a rung"] if self._planner.plan.space.stop else []),
            f"{self._failed()} failed",
            *self._best(),
            f"{timedelta(seconds=int(time.monotonic() - self._started))} passed",
        ]
        left = self.seconds_left()
        if left is not None:
            parts.append(f"about {timedelta(seconds=int(left))} left")
        return " · ".join(parts)

    def _failed(self) -> int:
        """Trials that ended without objectives, and not at a rung."""
        return sum(objectives is None for objectives in self._ended())

    def _ended(self) -> list[Objectives | None]:
        """The objectives of what ended, but not at a rung.

        Controls are left out: they need none, and real poses would be the best of all.
        """
        planned, stopped = self._planner.plan.trials, self._planner.rungs.stopped
        return [
            objectives
            for trial_id, objectives in self._planner.finished.items()
            if planned[trial_id].phase != Phase.CONTROL and trial_id not in stopped
        ]

    def seconds_left(self) -> float | None:
        """By the speed of this session so far; none before its first epoch."""
        if not self._member_epochs:
            return None
        begun = sum(self._epochs.get(trial.trial_id, 0) * len(trial.seeds) for trial in self._planner.running.values())
        left = self._planner.remaining() - begun
        return max(0.0, left * (time.monotonic() - self._started) / self._member_epochs)

    def _best(self) -> list[str]:
        measured = [objectives for objectives in self._ended() if objectives]
        if not measured:
            return []
        best = []
        for name, way in self._planner.plan.space.objectives.items():
            value = (min if way == "min" else max)(objectives[name] for objectives in measured)
            best.append(f"{name} {value:.4g}")
        return [f"best {', '.join(best)}"]

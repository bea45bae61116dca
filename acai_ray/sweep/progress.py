"""How far a study is, in one line of text."""

import time
from datetime import timedelta

from acai_ray.sweep.planner import Objectives, Planner
from acai_ray.trials.trial import Trial


class Progress:
    """Counts what trials report: done, running, failed, the best so far and the time left."""

    def __init__(self, planner: Planner) -> None:
        """Args: who knows the trials."""
        self._planner = planner
        self._epochs: dict[str, int] = {}
        self._heard = 0
        self._started = time.monotonic()

    def heard(self, trial: Trial, epoch: int) -> None:
        """A trial has finished an epoch; what a resumed trial did before does not count."""
        before = self._epochs.get(trial.trial_id, epoch - 1)
        self._epochs[trial.trial_id] = epoch
        self._heard += max(0, epoch - before) * len(trial.seeds)

    def text(self) -> str:
        """The state in one line."""
        ended = self._planner.finished
        total = len(self._planner.plan.trials) + self._planner.coming
        parts = [
            f"{len(ended)} of {total} trials done",
            f"{len(self._planner.running)} running",
            f"{self._failed()} failed",
            *self._best(),
            f"{timedelta(seconds=int(time.monotonic() - self._started))} passed",
        ]
        left = self.seconds_left()
        if left is not None:
            parts.append(f"about {timedelta(seconds=int(left))} left")
        return " · ".join(parts)

    def _failed(self) -> int:
        """Trials that ended without objectives."""
        return sum(objectives is None for objectives in self._ended())

    def _ended(self) -> list[Objectives | None]:
        """The objectives of what ended, controls apart: they need none, and real poses would be the best of all."""
        trials = self._planner.plan.trials
        return [found for trial_id, found in self._planner.finished.items() if trials[trial_id].phase != "control"]

    def seconds_left(self) -> float | None:
        """By the epochs heard of in this session; none before the first."""
        if not self._heard:
            return None
        begun = sum(self._epochs.get(trial.trial_id, 0) * len(trial.seeds) for trial in self._planner.running.values())
        left = self._planner.remaining() - begun
        return max(0.0, left * (time.monotonic() - self._started) / self._heard)

    def _best(self) -> list[str]:
        found = [objectives for objectives in self._ended() if objectives]
        if not found:
            return []
        best = []
        for name, way in self._planner.plan.space.objectives.items():
            value = (min if way == "min" else max)(objectives[name] for objectives in found)
            best.append(f"{name} {value:.4g}")
        return [f"best {', '.join(best)}"]

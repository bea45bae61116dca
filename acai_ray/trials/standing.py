"""How far a study or an experiment is: plain facts, and the line that tells them where there is no terminal."""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from acai_ray.common.frames import Row
from acai_ray.trials.trial import Trial


class PhaseCount(NamedTuple):
    """How far a phase is.

    Attributes:
        name: what the user calls it.
        done: trials that ended, well or not.
        total: trials there will be.
        at_most: whether the total may still become smaller.
        unit: what is counted, where it is not trials.
    """

    name: str
    done: int
    total: int
    at_most: bool = False
    unit: str = "trials"


class Running(NamedTuple):
    """A trial in training.

    Attributes:
        name: the trial's.
        settings: the few by which a reader tells it from others.
        epoch: epochs it has reported.
        epochs: epochs it will train.
        error_mm: mean over its seeds of the newest validation error; none before the first or without such people.
    """

    name: str
    settings: str
    epoch: int
    epochs: int
    error_mm: float | None

    @property
    def stage(self) -> str:
        """What it does now."""
        if self.epoch >= self.epochs:
            return "evaluation"
        if self.epoch == 0:  # a resumed trial may be far, which only its first report says
            return "starting"
        return f"epoch {self.epoch + 1} of {self.epochs}"


class Best(NamedTuple):
    """The best regularized trial, as the strong pick is chosen, beside its vanilla twin.

    Attributes:
        name: the trial's.
        settings: as of a running one.
        values: by objective its value and its twin's, means over seeds; none where the twin has not ended.
    """

    name: str
    settings: str
    values: Mapping[str, tuple[float, float | None]]


class Standing(NamedTuple):
    """How far a study, or the one trial of an experiment, is at one moment.

    Attributes:
        phases: those that there are, in the order in which they begin.
        running: the trials in training.
        failed: trials that ended without what they were to give, and not at a rung; none where that is not counted.
        stopped: trials that a rung ended; none where no trial is stopped.
        best: none before the first regularized trial has ended well.
        passed_s: seconds of this session.
        left_s: seconds until the end; none before the first epoch.
    """

    phases: list[PhaseCount]
    running: list[Running]
    failed: int | None
    stopped: int | None
    best: Best | None
    passed_s: float
    left_s: float | None

    def later(self, seconds: float) -> "Standing":
        """The same so many seconds later, where nothing else has happened: the time left counts down to 0."""
        left = None if self.left_s is None else max(0.0, self.left_s - seconds)
        return self._replace(passed_s=self.passed_s + seconds, left_s=left)

    @property
    def done(self) -> int:
        """Trials that ended, in all phases."""
        return sum(phase.done for phase in self.phases)

    @property
    def total(self) -> str:
        """Trials of all phases, known from the start."""
        return count_of(sum(phase.total for phase in self.phases), any(phase.at_most for phase in self.phases))


def count_of(total: int, at_most: bool) -> str:
    """A number of trials, told as the bound that it may be."""
    return f"at most {total}" if at_most else f"{total}"


def counts(standing: Standing) -> str:
    """What went wrong, and the times."""
    parts = [f"{standing.stopped} stopped at a rung"] if standing.stopped is not None else []
    parts += [f"{standing.failed} failed"] if standing.failed is not None else []
    parts.append(f"{timedelta(seconds=int(standing.passed_s))} passed")
    if standing.left_s is not None and standing.left_s >= 1:  # an evaluation may last beyond the estimate
        parts.append(f"about {timedelta(seconds=int(standing.left_s))} left")
    return " · ".join(parts)


def compared(best: Best) -> str:
    """The best trial's objectives, each beside its twin's."""
    return ", ".join(
        f"{name} {own:.4g}" + ("" if twin is None else f" (vanilla {twin:.4g})")
        for name, (own, twin) in best.values.items()
    )


def line(standing: Standing) -> str:
    """The state in one line."""
    phases = [f"{phase.name} {phase.done}/{phase.total}" for phase in standing.phases]
    best = [f"best {standing.best.name}: {compared(standing.best)}"] if standing.best else []
    running = f"{len(standing.running)} running"
    done = f"{standing.done} of {standing.total} trials done ({', '.join(phases)})"
    return " · ".join([done, running, *best, counts(standing)])


def settings_of(trial: Trial) -> str:
    """The few settings by which a reader tells a trial from others."""
    config = trial.config
    if trial.control:
        return f"{trial.control} d {config.latent_dim}"
    return f"{trial.arm} d {config.latent_dim}" + (f" λ {config.lam:.3g}" if config.lam > 0 else "")


def newest_error_mm(epoch: int, history: Sequence[Row]) -> float | None:
    """The validation error after an epoch, a mean over the seeds that go on; none without validation people.

    Args:
        epoch: its number.
        history: a trial's rows of the table.
    """
    errors = [row["valid_mpjpe_mm"] for row in history if row["epoch"] == epoch and "valid_mpjpe_mm" in row]
    finite = [error for error in errors if math.isfinite(error)]
    return sum(finite) / len(finite) if finite else None

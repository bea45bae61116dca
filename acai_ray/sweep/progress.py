"""How far a study is, from what its trials report and its planner knows."""

import time
from collections.abc import Iterator, Sequence

from acai_ray.common.frames import Row
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.counting import count_control_trials, count_trials
from acai_ray.sweep.picks import NEEDED, Candidate, strong
from acai_ray.sweep.planner import Planner
from acai_ray.trials.standing import Best, PhaseCount, Running, Standing, newest_error_mm, settings_of
from acai_ray.trials.trial import Trial

NAMES = {
    Phase.SEARCH: "search",
    Phase.GRID: "grid",
    Phase.BASELINE: "twins",
    Phase.CONTROL: "controls",
    Phase.CONFIRM: "confirm",
}
"""What the phases are called, in the order in which they begin."""


class Progress:
    """Counts what trials report, and says how far the study is."""

    def __init__(self, planner: Planner) -> None:
        """Args: who knows the trials."""
        self._planner = planner
        self._epochs: dict[str, int] = {}
        self._errors: dict[str, float] = {}
        self._member_epochs = 0
        self._started = self._reported = time.monotonic()
        self._left_s: float | None = None
        space = planner.plan.space
        self._expected = {phase: size.trials for phase, size in count_trials(space).items()}
        self._expected[Phase.CONTROL] = count_control_trials(space)
        self._best: tuple[int, Best | None] = (-1, None)

    def count(self, trial: Trial, epoch: int, history: Sequence[Row] = ()) -> None:
        """Count a trial's epoch; what a resumed trial did before this session does not count.

        Args:
            trial: the one that reports.
            epoch: how many it has trained.
            history: its rows of the table so far.
        """
        before = self._epochs.get(trial.trial_id, epoch - 1)
        self._epochs[trial.trial_id] = epoch
        self._member_epochs += max(0, epoch - before) * len(trial.seeds)
        error = newest_error_mm(epoch, history)
        if error is not None:
            self._errors[trial.trial_id] = error
        self._reported = time.monotonic()
        self._left_s = self._estimate()

    def _estimate(self) -> float | None:
        """Seconds left by the speed of this session so far, at the moment of a report."""
        if not self._member_epochs:
            return None
        begun = sum(self._epochs.get(trial.trial_id, 0) * len(trial.seeds) for trial in self._planner.running.values())
        left = self._planner.remaining() - begun
        return max(0.0, left * (self._reported - self._started) / self._member_epochs)

    def standing(self) -> Standing:
        """How far the study is now. Between two reports the time left counts down: what does not report still works."""
        stopped = self._planner.rungs.stopped
        at_report = Standing(
            phases=list(self._phases()),
            running=[self._running(trial) for trial in self._planner.running.values()],
            failed=self._failed(),
            stopped=len(stopped) if self._planner.plan.space.stop else None,
            best=self._best_so_far(),
            passed_s=self._reported - self._started,
            left_s=self._left_s,
        )
        return at_report.later(time.monotonic() - self._reported)

    def _phases(self) -> Iterator[PhaseCount]:
        """Each phase that there is. What follows from the search can become less, until the search is planned."""
        plan, ended = self._planner.plan, self._planner.finished
        for phase, name in NAMES.items():
            planned = plan.of_phase(phase)
            total, open_end = len(planned), False
            if phase == Phase.SEARCH:
                total += self._planner.coming
            elif self._planner.coming or (phase == Phase.CONFIRM and not planned):
                expected = max(total, self._expected.get(phase, 0))
                total, open_end = expected, expected > len(planned)
            if total:
                yield PhaseCount(name, sum(trial.trial_id in ended for trial in planned), total, open_end)

    def _running(self, trial: Trial) -> Running:
        epochs = trial.config.epochs if trial.trained else 0
        name = trial.trial_id
        return Running(name, settings_of(trial), self._epochs.get(name, 0), epochs, self._errors.get(name))

    def _failed(self) -> int:
        """Trials that ended without objectives, and not at a rung. Controls are left out: they need none."""
        planned, stopped = self._planner.plan.trials, self._planner.rungs.stopped
        return sum(
            values is None and planned[name].phase != Phase.CONTROL and name not in stopped
            for name, values in self._planner.finished.items()
        )

    def _best_so_far(self) -> Best | None:
        """The best trial of the search; it is looked for again only when another trial has ended."""
        ended = len(self._planner.finished)
        if self._best[0] != ended:
            self._best = ended, self._find_best()
        return self._best[1]

    def _find_best(self) -> Best | None:
        plan, finished = self._planner.plan, self._planner.finished
        candidates = []
        for trial in plan.of_phase(Phase.SEARCH):
            own = finished.get(trial.trial_id)
            if own and trial.regularized:
                twin = self._twin(trial)
                needed = twin is not None and all(name in twin for name in NEEDED)
                candidates.append(Candidate(trial.trial_id, own, twin if needed else None))
        found = strong(candidates, plan.space.objectives)
        if found is None:
            return None
        trial, beside = plan.trials[found.name], self._twin(plan.trials[found.name]) or {}
        values = {name: (found.own[name], beside.get(name)) for name in plan.space.objectives}
        return Best(found.name, settings_of(trial), values)

    def _twin(self, trial: Trial) -> dict[str, float] | None:
        twin = self._planner.plan.twin(trial)
        return None if twin is None else self._planner.finished.get(twin.trial_id)

"""Which trial Tune runs next: planned cells, Optuna's suggestions with their twins, then the confirmation."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from ray.tune.search import Searcher

from acai_ray.protocol.phases import Phase
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.reports import kept
from acai_ray.sweep.rungs import Rungs
from acai_ray.sweep.sampler import Known, distributions, empty_study
from acai_ray.sweep.telling import Told, remember, tell, told_of
from acai_ray.trials.trial import Trial

Objectives = dict[str, float]
"""Means over a trial's seeds by the metric's name."""


class Planner(Searcher):  # type: ignore[misc]
    """A Tune searcher over a `Plan`.

    Optuna's ask and tell are called directly: `OptunaSearch` knows neither twins nor a confirmation that waits for
    the search, and a trial without finite objectives would stay running for ever in it.
    """

    def __init__(
        self,
        plan: Plan,
        finished: Mapping[str, Objectives | None],
        created: Callable[[Trial], None],
        budget_s: float | None,
        picked_after: int | None = None,
        picked: Callable[[int], None] | None = None,
        rungs: Rungs | None = None,
    ) -> None:
        """Begin, or go on where an earlier session ended.

        Args:
            plan: the trials that were begun.
            finished: the metrics `Space.judged` of those that ended; None for one that failed, diverged or was stopped.
            created: called with each trial before it runs for the first time in this session.
            budget_s: seconds this session may take; none for no limit.
            picked_after: how many trials the search had when its picks were made; none if that is still to come.
            picked: called with that number, before the first trial of the confirmation is created.
            rungs: what stops trials; new ones of the space unless given.
        """
        super().__init__()
        self.plan = plan
        self.finished = dict(finished)
        self.rungs = rungs or Rungs(plan.space.stop, plan.space.objectives)
        self.running: dict[str, Trial] = {}
        self.started_trials = 0
        self.out_of_time = False
        self.picked_after = picked_after
        self._created, self._picked = created, picked
        self._budget_s = budget_s
        self._started = time.monotonic()
        self._worked = 0
        self._queue: deque[Trial] = deque()
        self.study = empty_study(plan.space, self._known, plan.next_regularizer)
        self._restore()

    def _restore(self) -> None:
        """Give Optuna the known trials in their order, and queue those that have not ended.

        A trial of the search whose files are gone is suggested again in its place, so that the numbers stay complete.
        """
        known = {trial.number: trial for trial in self.plan.of_phase(Phase.SEARCH)}
        for number in range(max(max(known, default=-1) + 1, self.picked_after or 0)):
            if number in known:
                remember(self.study, self.plan.space, known[number], self._told(known[number]))
            else:
                self._ask()
        if self.plan.space.search is None:
            self.plan.add_cells()
        for trial in self.plan.of_phase(Phase.SEARCH):
            self.plan.add_twin(trial)
        self.plan.add_controls()
        self._queue = deque(trial for trial in self.plan.trials.values() if trial.trial_id not in self.finished)

    def _told(self, trial: Trial) -> Told:
        return told_of(trial.trial_id, self.finished, self.rungs)

    def _known(self, point: dict[str, Any]) -> Known:
        """What is known of some settings of the search."""
        trial = self.plan.tried(self.plan.space.trial_config(point))
        return Known(tried=False) if trial is None else Known(tried=True, values=self._told(trial).values)

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """The next trial, `None` while the confirmation waits for the search, `FINISHED` at the end."""
        trial = self._next()
        if trial is None:
            return None if self.running else str(Searcher.FINISHED)
        self.running[trial_id] = trial
        self.started_trials += 1
        self._created(trial)
        return trial.as_config()

    def _next(self) -> Trial | None:
        if self._budget_s is not None and not self.out_of_time:
            self.out_of_time = time.monotonic() - self._started + self._confirmation_s() >= self._budget_s
        if self.plan.space.search is None and self.out_of_time:
            return None
        if not self._queue and self.coming:
            self._ask()
        if not self._queue and not self.running:
            self._confirm()
        return self._queue.popleft() if self._queue else None

    @property
    def missing(self) -> int:
        """How many trials of the search are still to be suggested, at most."""
        if self.plan.space.search is None:
            return 0
        wanted = self.plan.space.trials if self.picked_after is None else self.picked_after
        missing = max(0, wanted - len(self.plan.of_phase(Phase.SEARCH)))
        return missing if self.plan.untried is None else min(missing, self.plan.untried)

    @property
    def coming(self) -> int:
        """How many of them this session will still suggest: none once its time is over."""
        return 0 if self.out_of_time else self.missing

    def _ask(self) -> None:
        space = self.plan.space
        regularizer = self.plan.next_regularizer(len(self.study.get_trials(deepcopy=False)))
        asked = self.study.ask(distributions(space, regularizer))
        config = space.trial_config(space.point(asked.params, regularizer))
        trial = self.plan.add(Phase.SEARCH, config, self.plan.seeds, asked.number)
        asked.set_user_attr("trial_id", trial.trial_id)
        known = set(self.plan.trials)
        twin = self.plan.add_twin(trial)
        self._queue.extend([trial] if twin is None or twin.trial_id in known else [trial, twin])
        self._queue.extend(self.plan.add_controls())

    def remaining(self) -> int:
        """Member-epochs still to be trained; those of a confirmation that is not planned yet are estimated."""
        begun = [trial for name, trial in self.plan.trials.items() if name not in self.finished]
        return (
            sum(trial.member_epochs for trial in begun) + self.coming * self._search_size() + self._confirmation_size()
        )

    def _search_size(self) -> int:
        return len(self.plan.seeds) * self.plan.space.trial_config({}).epochs

    def _confirm(self) -> None:
        done = {trial_id: values for trial_id, values in self.finished.items() if values is not None}
        planned = self.plan.add_confirmation(done)
        if planned and self.picked_after is None:
            self.picked_after = len(self.plan.of_phase(Phase.SEARCH))
            if self._picked is not None:
                self._picked(self.picked_after)
        self._queue.extend(trial for trial in planned if trial.trial_id not in self.finished)

    def _confirmation_size(self) -> int:
        """Member-epochs of a confirmation that is not planned yet."""
        confirm = self.plan.space.confirm
        if confirm is None or self.plan.of_phase(Phase.CONFIRM):
            return 0
        searched = self.plan.of_phase(Phase.SEARCH)
        picked_from = {(trial.config.regularizer, trial.config.latent_dim) for trial in searched}
        twins = {(trial.config.codes, trial.config.latent_dim) for trial in searched}
        trials = (len(confirm.picks) * len(picked_from) + len(twins)) * (self.plan.space.fold_count or 1)
        return trials * confirm.seeds * self.plan.space.trial_config({}).epochs

    def _confirmation_s(self) -> float:
        """Seconds to reserve for the confirmation, by this session's speed so far."""
        return self._confirmation_size() * (time.monotonic() - self._started) / self._worked if self._worked else 0.0

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Note the objectives of a trial that ended, and tell Optuna; a trial that lacks one counts as failed."""
        trial = self.running.pop(trial_id)
        names = self.plan.space.judged
        report = kept(result)
        measured = {name: report.objectives[name] for name in names if name in report.objectives}
        values = measured if report.all_done and len(measured) == len(names) and not error else None
        self.finished[trial.trial_id] = values
        stopped = trial.trial_id in self.rungs.stopped
        self._worked += len(trial.seeds) * report.epoch if stopped else trial.member_epochs
        if trial.phase == Phase.SEARCH:
            tell(self.study, trial.number, self._told(trial))

    def __getstate__(self) -> dict[str, Any]:
        """Nothing for Tune's own snapshots, which are never restored."""
        return {}

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save: a resumed study is planned anew from its tables."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore, see `save`."""

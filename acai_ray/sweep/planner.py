"""Which trial Tune runs next: planned cells, Optuna's suggestions with their twins, then the confirmation."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import TrialState, create_trial
from ray.tune.search import Searcher

from acai_ray.common.randomness import Purpose, generator
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.space import Dimension, Space
from acai_ray.trials.trial import Trial

Objectives = dict[str, float]


class FreshSampler(BaseSampler):  # type: ignore[misc]
    """TPE with a stream of its own for each suggestion, seeded by (study seed, trial number).

    A suggestion then depends on the trials before it and not on how often the search was interrupted.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._number = -1
        self._sampler = TPESampler()

    def _of(self, trial: Any) -> TPESampler:
        if trial.number != self._number:
            self._number = trial.number
            seed = generator(self._seed, Purpose.SEARCH, trial.number).integers(2**31)
            self._sampler = TPESampler(seed=int(seed), constant_liar=True)
        return self._sampler

    def infer_relative_search_space(self, study: Any, trial: Any) -> dict[str, BaseDistribution]:
        """See Optuna."""
        return self._of(trial).infer_relative_search_space(study, trial)  # type: ignore[no-any-return]

    def sample_relative(self, study: Any, trial: Any, search_space: Any) -> dict[str, Any]:
        """See Optuna."""
        return self._of(trial).sample_relative(study, trial, search_space)  # type: ignore[no-any-return]

    def sample_independent(self, study: Any, trial: Any, param_name: str, param_distribution: Any) -> Any:
        """See Optuna."""
        return self._of(trial).sample_independent(study, trial, param_name, param_distribution)

    def before_trial(self, study: Any, trial: Any) -> None:
        """See Optuna."""
        self._of(trial).before_trial(study, trial)

    def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
        """See Optuna."""
        self._of(trial).after_trial(study, trial, state, values)


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
    ) -> None:
        """Args: plan, objectives of ended trials (None: failed), what hears of a new trial, seconds to take."""
        super().__init__()
        self.plan = plan
        self.finished = dict(finished)
        self.running: dict[str, Trial] = {}
        self.out_of_time = False
        self._created = created
        self._budget_s = budget_s
        self._started = time.monotonic()
        self._worked = 0
        self._queue: deque[Trial] = deque()
        self._distributions = {name: distribution(dimension) for name, dimension in (plan.space.search or {}).items()}
        self.study = _study(plan.space)
        self._restore()

    def _restore(self) -> None:
        """Tell Optuna what is known, in order, and queue what was begun; a trial without files is suggested again."""
        known = {trial.number: trial for trial in self.plan.of_phase("search")}
        for number in range(max(known, default=-1) + 1):
            if number in known:
                self._remember(known[number])
            else:
                self._ask()
        if self.plan.space.search is None:
            self.plan.add_cells()
        for trial in self.plan.of_phase("search"):
            self.plan.add_twin(trial)
        self.plan.add_controls()
        self._queue = deque(trial for trial in self.plan.trials.values() if trial.trial_id not in self.finished)

    def _remember(self, trial: Trial) -> None:
        objectives = self.finished.get(trial.trial_id)
        known = trial.trial_id in self.finished
        state = TrialState.RUNNING if not known else TrialState.COMPLETE if objectives else TrialState.FAIL
        self.study.add_trial(
            create_trial(
                state=state,
                values=list(objectives.values()) if objectives else None,
                params={name: getattr(trial.config, name) for name in self._distributions},
                distributions=self._distributions,
                user_attrs={"trial_id": trial.trial_id},
            )
        )

    def suggest(self, trial_id: str) -> dict[str, Any] | str | None:
        """The next trial, `None` while the confirmation waits for the search, `FINISHED` at the end."""
        trial = self._next()
        if trial is None:
            return None if self.running else str(Searcher.FINISHED)
        self.running[trial_id] = trial
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
        """How many trials of the search are still to be suggested."""
        return max(0, self.plan.space.trials - len(self.plan.of_phase("search"))) if self._distributions else 0

    @property
    def coming(self) -> int:
        """How many of them this session will still suggest: none once its time is over."""
        return 0 if self.out_of_time else self.missing

    def _ask(self) -> None:
        asked = self.study.ask(self._distributions)
        config = self.plan.space.trial_config(asked.params)
        trial = self.plan.add("search", config, self.plan.seeds, asked.number)
        asked.set_user_attr("trial_id", trial.trial_id)
        known = set(self.plan.trials)
        twin = self.plan.add_twin(trial)
        self._queue.extend([trial] if twin is None or twin.trial_id in known else [trial, twin])
        self._queue.extend(self.plan.add_controls())

    def remaining(self) -> int:
        """Member-epochs still to be trained, the confirmation's estimated."""
        begun = [trial for name, trial in self.plan.trials.items() if name not in self.finished]
        return (
            sum(trial.member_epochs for trial in begun) + self.coming * self._search_size() + self._confirmation_size()
        )

    def _search_size(self) -> int:
        return len(self.plan.seeds) * self.plan.space.trial_config({}).epochs

    def _confirm(self) -> None:
        done = {trial_id: values for trial_id, values in self.finished.items() if values is not None}
        planned = self.plan.add_confirmation(done)
        self._queue.extend(trial for trial in planned if trial.trial_id not in self.finished)

    def _confirmation_size(self) -> int:
        """Member-epochs of a confirmation that is not planned yet."""
        confirm = self.plan.space.confirm
        if confirm is None or self.plan.of_phase("confirm"):
            return 0
        latents = {trial.config.latent_dim for trial in self.plan.of_phase("search")}
        return 2 * confirm.per_latent * len(latents) * confirm.seeds * self.plan.space.trial_config({}).epochs

    def _confirmation_s(self) -> float:
        """Seconds to keep for the confirmation, by this session's speed so far."""
        return self._confirmation_size() * (time.monotonic() - self._started) / self._worked if self._worked else 0.0

    def on_trial_complete(self, trial_id: str, result: dict[str, Any] | None = None, error: bool = False) -> None:
        """Tell Optuna; a trial without all objectives counts as failed."""
        trial = self.running.pop(trial_id)
        names = list(self.plan.space.objectives) if self._distributions else []
        given = result or {}
        found = {name: given[f"objectives/{name}"] for name in names if f"objectives/{name}" in given}
        values = found if given.get("whole") and len(found) == len(names) and not error else None
        self.finished[trial.trial_id] = values
        self._worked += trial.member_epochs
        if trial.phase == "search":
            state = TrialState.FAIL if values is None else TrialState.COMPLETE
            self.study.tell(trial.number, None if values is None else list(values.values()), state=state)

    def __getstate__(self) -> dict[str, Any]:
        """Nothing for Tune's own snapshots, which are never restored."""
        return {}

    def save(self, checkpoint_path: str) -> None:
        """Nothing to save: a resumed study is planned anew from its tables."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing to restore, see `save`."""


def distribution(dimension: Dimension) -> BaseDistribution:
    """The Optuna distribution of one dimension."""
    if dimension.choice is not None:
        return CategoricalDistribution(dimension.choice)
    if dimension.int_uniform is not None:
        return IntDistribution(*dimension.int_uniform)
    if dimension.log_uniform is not None:
        return FloatDistribution(*dimension.log_uniform, log=True)
    assert dimension.uniform is not None
    return FloatDistribution(*dimension.uniform)


def _study(space: Space) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    directions = ["minimize" if way == "min" else "maximize" for way in space.objectives.values()]
    return optuna.create_study(directions=directions, sampler=FreshSampler(space.seed))

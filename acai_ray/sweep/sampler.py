"""Optuna's side of a search: the sampler, its ranges, and the study that both work in."""

from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, TPESampler

from acai_ray.common.randomness import Purpose, generator
from acai_ray.sweep.dimension import Dimension
from acai_ray.sweep.space import Space


class FreshSampler(BaseSampler):  # type: ignore[misc]
    """TPE with a stream of its own for each suggestion, seeded by (study seed, trial number).

    A suggestion then depends on the trials before it and not on how often the search was interrupted.
    """

    def __init__(self, seed: int) -> None:
        """Args: the study's seed."""
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


def distributions(space: Space) -> dict[str, BaseDistribution]:
    """The Optuna distribution of each setting that is searched; empty for a fixed list of trials."""
    return {name: _distribution(dimension) for name, dimension in (space.search or {}).items()}


def _distribution(dimension: Dimension) -> BaseDistribution:
    if dimension.choice is not None:
        return CategoricalDistribution(dimension.choice)
    if dimension.int_uniform is not None:
        return IntDistribution(*dimension.int_uniform)
    if dimension.log_uniform is not None:
        return FloatDistribution(*dimension.log_uniform, log=True)
    assert dimension.uniform is not None
    return FloatDistribution(*dimension.uniform)


def empty_study(space: Space) -> optuna.Study:
    """An Optuna study in memory, without trials yet."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    directions = ["minimize" if way == "min" else "maximize" for way in space.objectives.values()]
    return optuna.create_study(directions=directions, sampler=FreshSampler(space.seed))

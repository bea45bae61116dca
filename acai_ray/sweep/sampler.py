"""Optuna's side of a search: what is suggested, from which ranges, and the study that it is told to."""

import itertools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, TPESampler
from optuna.trial import create_trial

from acai_ray.common.randomness import Purpose, generator
from acai_ray.sweep.dimension import Dimension
from acai_ray.sweep.space import Space
from acai_ray.sweep.start import at, dealt, start_point, start_trials

ATTEMPTS = 5
"""How often a trial's settings are suggested before they are drawn at random until they are new."""


class Known(NamedTuple):
    """What a search knows of some settings.

    Attributes:
        tried: whether they are some trial's already.
        values: the objectives of that trial in their order; none where it has not ended, or failed.
    """

    tried: bool
    values: Sequence[float] | None = None


class FreshSampler(BaseSampler):  # type: ignore[misc]
    """The start's points, then TPE with a stream of its own for each suggestion, seeded by (study seed, trial number).

    A suggestion then depends on the trials before it and not on how often the search was interrupted. Settings that a
    trial has already are not suggested again: their numbers are told to TPE once more, and it is asked for others.
    They are told to a copy of the study, since the search's own has one trial for each number and nothing else.
    """

    def __init__(self, space: Space, known: Callable[[dict[str, Any]], Known]) -> None:
        """Args: what is searched, and what is known of some settings."""
        self._space, self._known = space, known
        self._distributions = distributions(space)

    def infer_relative_search_space(self, *_: Any) -> dict[str, BaseDistribution]:
        """Every setting: they are sampled together."""
        return self._distributions

    def sample_relative(self, study: Any, trial: Any, *_: Any) -> dict[str, Any]:
        """The settings of a trial, which no trial has yet; there must be such settings."""
        for attempt in itertools.count():
            params = self._suggestion(study, trial, attempt)
            known = self._known(params)
            if not known.tried:
                return params
            if known.values is not None and attempt < ATTEMPTS:
                study = self._told(study, params, known.values)
        raise AssertionError

    def _suggestion(self, study: Any, trial: Any, attempt: int) -> dict[str, Any]:
        if attempt == 0 and trial.number < start_trials(self._space):
            return start_point(self._space, trial.number)
        stream = generator(self._space.seed, Purpose.SEARCH, trial.number, attempt)
        if attempt >= ATTEMPTS:
            return at(self._space, {name: stream.random() for name in self._distributions})
        return self._of_tpe(study, trial, int(stream.integers(2**31))) | dealt(self._space, trial.number)

    def _of_tpe(self, study: Any, trial: Any, seed: int) -> dict[str, Any]:
        tpe = TPESampler(seed=seed, constant_liar=True)
        params: dict[str, Any] = tpe.sample_relative(study, trial, tpe.infer_relative_search_space(study, trial))
        rest = {name: distribution for name, distribution in self._distributions.items() if name not in params}
        return params | {name: tpe.sample_independent(study, trial, name, kind) for name, kind in rest.items()}

    def _told(self, study: Any, params: dict[str, Any], values: Sequence[float]) -> Any:
        """A copy of the study that has one more trial, with these numbers."""
        copy = optuna.create_study(directions=study.directions)
        copy.add_trials(study.get_trials(deepcopy=False))
        copy.add_trial(create_trial(params=params, distributions=self._distributions, values=values))
        return copy

    def sample_independent(self, *_: Any) -> Any:
        """Never needed, since every setting is sampled together."""
        raise AssertionError


def describe_sampler(space: Space) -> dict[str, Any]:
    """How a search suggests settings, as `study.json` holds it; empty for a fixed list of trials."""
    if space.search is None:
        return {}
    return {"sampler": {"name": TPESampler.__name__, "start": "Halton", "start_trials": start_trials(space)}}


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


def empty_study(space: Space, known: Callable[[dict[str, Any]], Known]) -> optuna.Study:
    """An Optuna study in memory, without trials yet.

    Args:
        space: what is searched.
        known: what is known of some settings.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    directions = ["minimize" if way == "min" else "maximize" for way in space.objectives.values()]
    return optuna.create_study(directions=directions, sampler=FreshSampler(space, known))

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
from acai_ray.sweep.start import at, hand_of, start_point, start_trials

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

    def __init__(
        self, space: Space, known: Callable[[dict[str, Any]], Known], regularizer: Callable[[int], str]
    ) -> None:
        """Args: what is searched, what is known of some settings, and the regularizer of a trial with a number."""
        self._space, self._known, self._regularizer = space, known, regularizer

    def infer_relative_search_space(self, _: Any, trial: Any) -> dict[str, BaseDistribution]:
        """Every setting of the trial's regularizer: they are sampled together."""
        return distributions(self._space, self._regularizer(trial.number))

    def sample_relative(self, study: Any, trial: Any, *_: Any) -> dict[str, Any]:
        """The settings of a trial, which no trial has yet; there must be such settings."""
        for attempt in itertools.count():
            params = self._suggestion(study, trial, attempt)
            known = self._known(self._space.point(params, self._regularizer(trial.number)))
            if not known.tried:
                return params
            if known.values is not None and attempt < ATTEMPTS:
                study = self._told(study, trial, params, known.values)
        raise AssertionError

    def _suggestion(self, study: Any, trial: Any, attempt: int) -> dict[str, Any]:
        regularizer = self._regularizer(trial.number)
        if attempt == 0 and trial.number < start_trials(self._space):
            return start_point(self._space, trial.number, regularizer)
        stream = generator(self._space.seed, Purpose.SEARCH, trial.number, attempt)
        hand = hand_of(self._space, trial.number, regularizer)
        if attempt < ATTEMPTS:
            wanted = {name: kind for name, kind in distributions(self._space, regularizer).items() if name not in hand}
            return hand | self._of_tpe(study, trial, wanted, int(stream.integers(2**31)))
        searched = self._space.searched(regularizer)  # of what is dealt only the regularizer stays
        places = {name: stream.random() for name in searched}
        return {name: value for name, value in hand.items() if name not in searched} | at(searched, places)

    @staticmethod
    def _of_tpe(study: Any, trial: Any, wanted: dict[str, BaseDistribution], seed: int) -> dict[str, Any]:
        """TPE's suggestion for these settings; it costs the more, the more there are and the more trials it knows."""
        tpe = TPESampler(seed=seed, constant_liar=True)
        together = tpe.infer_relative_search_space(study, trial)
        params: dict[str, Any] = tpe.sample_relative(study, trial, {n: k for n, k in together.items() if n in wanted})
        rest = {name: kind for name, kind in wanted.items() if name not in params}
        return params | {name: tpe.sample_independent(study, trial, name, kind) for name, kind in rest.items()}

    def _told(self, study: Any, trial: Any, params: dict[str, Any], values: Sequence[float]) -> Any:
        """A copy of the study that has one more trial, with these numbers."""
        copy = optuna.create_study(directions=study.directions)
        copy.add_trials(study.get_trials(deepcopy=False))
        copy.add_trial(
            create_trial(
                params=params,
                distributions=distributions(self._space, self._regularizer(trial.number)),
                values=values,
            )
        )
        return copy

    def sample_independent(self, *_: Any) -> Any:
        """Never needed, since every setting is sampled together."""
        raise AssertionError


def describe_sampler(space: Space) -> dict[str, Any]:
    """How a search suggests settings, as `study.json` holds it; empty for a fixed list of trials."""
    if space.search is None:
        return {}
    return {"sampler": {"name": TPESampler.__name__, "start": "Halton", "start_trials": start_trials(space)}}


def distributions(space: Space, regularizer: str) -> dict[str, BaseDistribution]:
    """The Optuna distributions of what is searched in trials of a regularizer, by the names of `Space.searched`.

    For a fixed list of trials there is nothing.
    """
    if space.search is None:
        return {}
    choice = {"regularizer": space.search["regularizer"]} if "regularizer" in space.search else {}
    return {name: _distribution(dimension) for name, dimension in {**choice, **space.searched(regularizer)}.items()}


def _distribution(dimension: Dimension) -> BaseDistribution:
    if dimension.choice is not None:
        return CategoricalDistribution(dimension.choice)
    if dimension.int_uniform is not None:
        return IntDistribution(*dimension.int_uniform)
    if dimension.log_uniform is not None:
        return FloatDistribution(*dimension.log_uniform, log=True)
    assert dimension.uniform is not None
    return FloatDistribution(*dimension.uniform)


def empty_study(
    space: Space, known: Callable[[dict[str, Any]], Known], regularizer: Callable[[int], str]
) -> optuna.Study:
    """An Optuna study in memory, without trials yet.

    Args:
        space: what is searched.
        known: what is known of some settings.
        regularizer: that of a trial with a number.
    """
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    directions = ["minimize" if way == "min" else "maximize" for way in space.objectives.values()]
    return optuna.create_study(directions=directions, sampler=FreshSampler(space, known, regularizer))

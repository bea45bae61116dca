"""The start of a search: settings spread evenly over their ranges, before Optuna's sampler takes over."""

import itertools
from collections.abc import Mapping
from typing import Any

from acai_ray.common.randomness import Purpose, generator
from acai_ray.sweep.dimension import Dimension
from acai_ray.sweep.setting_names import setting_of
from acai_ray.sweep.space import Space

PER_DEALT = 5
"""Trials of the start at each latent size that is a choice, for each regularizer."""

AT_LEAST = 10
"""Trials of the start altogether; so many the sampler wants to see before it models anything."""


def start_trials(space: Space) -> int:
    """How many trials the start has; it does not depend on how many the search has, so that a search may grow."""
    return max(AT_LEAST, PER_DEALT * len(_hands(space)))


def _hands(space: Space) -> list[dict[str, Any]]:
    """What is dealt out in turn: each regularizer that is a choice with each latent size that is one."""
    search = space.search or {}
    choices = {
        name: list(dict.fromkeys(search[name].choice or ())) for name in ("regularizer", "latent_dim") if name in search
    }
    listed = {name: values for name, values in choices.items() if values}
    return [dict(zip(listed, hand, strict=True)) for hand in itertools.product(*listed.values())]


def dealt(space: Space, number: int) -> dict[str, Any]:
    """What the number of a trial alone decides: its regularizer and latent size, so that each gets its share."""
    hands = _hands(space)
    return hands[number % len(hands)]


def regularizer_dealt(space: Space, number: int) -> str:
    """The regularizer of a trial: the one that is dealt, or the only one there is."""
    return str(dealt(space, number).get("regularizer", space.regularizers[0]))


def hand_of(space: Space, number: int, regularizer: str) -> dict[str, Any]:
    """What is dealt to a trial that has this regularizer, whichever one its turn would have been."""
    hand = dealt(space, number)
    return {**hand, "regularizer": regularizer} if "regularizer" in hand else hand


def start_point(space: Space, number: int, regularizer: str) -> dict[str, Any]:
    """The settings of a trial of the start.

    For each regularizer, at each latent size, the trials take the points of a Halton sequence, in order. λ has its
    first component, van der Corput's sequence of base 2 (0, 1/2, 1/4, 3/4, 1/8, …), from the low end of its range on:
    the same λ at each size. The other settings have the next components, each shifted around its range by an amount
    that the study's seed draws.

    Args:
        space: what is searched.
        number: the trial's in the search, from 0.
        regularizer: the trial's.

    Returns:
        Values by the names of `Space.searched`.
    """
    fixed, searched = hand_of(space, number, regularizer), space.searched(regularizer)
    names = sorted((name for name in searched if name not in fixed), key=lambda name: setting_of(name) != "lam")
    if not names:
        return fixed
    from scipy.stats.qmc import Halton  # here, because it takes a second to load and a fixed list of trials needs none

    sequence = Halton(len(names), scramble=False).fast_forward(number // len(_hands(space)))
    shifts = generator(space.seed, Purpose.SEARCH_START).random(len(names))
    shifts[0] = 0.0 if setting_of(names[0]) == "lam" else shifts[0]
    return fixed | at(searched, dict(zip(names, ((sequence.random(1)[0] + shifts) % 1.0).tolist(), strict=True)))


def at(searched: Mapping[str, Dimension], places: Mapping[str, float]) -> dict[str, Any]:
    """The values at these places of their ranges, each from 0 to 1 (excluded)."""
    return {name: searched[name].at(place) for name, place in places.items()}

"""The start of a search: settings spread evenly over their ranges, before Optuna's sampler takes over."""

from typing import Any

from acai_ray.common.randomness import Purpose, generator
from acai_ray.sweep.space import Space

PER_LATENT_SIZE = 5
"""Trials of the start at each latent size that is a choice."""

AT_LEAST = 10
"""Trials of the start altogether; so many the sampler wants to see before it models anything."""


def start_trials(space: Space) -> int:
    """How many trials the start has; it does not depend on how many the search has, so that a search may grow."""
    return max(AT_LEAST, PER_LATENT_SIZE * len(latent_sizes(space)))


def latent_sizes(space: Space) -> list[Any]:
    """The latent sizes that are dealt out in turn: those of a choice; none where there is no choice of them."""
    dimension = (space.search or {}).get("latent_dim")
    return list(dict.fromkeys(dimension.choice)) if dimension is not None and dimension.choice is not None else []


def dealt(space: Space, number: int) -> dict[str, Any]:
    """What the number of a trial alone decides: its latent size, so that each gets its share of the search."""
    sizes = latent_sizes(space)
    return {"latent_dim": sizes[number % len(sizes)]} if sizes else {}


def start_point(space: Space, number: int) -> dict[str, Any]:
    """The settings of a trial of the start.

    At each latent size the trials take the points of a Halton sequence, in order. λ has its first component, van der
    Corput's sequence of base 2 (0, 1/2, 1/4, 3/4, 1/8, …), from the low end of its range on: the same λ at each size.
    The other settings have the next components, each shifted around its range by an amount that the study's seed draws.

    Args:
        space: what is searched.
        number: the trial's in the search, from 0.
    """
    fixed = dealt(space, number)
    names = sorted((name for name in space.search or {} if name not in fixed), key=lambda name: name != "lam")
    if not names:
        return fixed
    from scipy.stats.qmc import Halton  # here, because it takes a second to load and a fixed list of trials needs none

    sequence = Halton(len(names), scramble=False).fast_forward(number // max(1, len(latent_sizes(space))))
    shifts = generator(space.seed, Purpose.SEARCH_START).random(len(names))
    shifts[0] = 0.0 if names[0] == "lam" else shifts[0]
    return fixed | at(space, dict(zip(names, ((sequence.random(1)[0] + shifts) % 1.0).tolist(), strict=True)))


def at(space: Space, places: dict[str, float]) -> dict[str, Any]:
    """The settings at these places of their ranges, each from 0 to 1 (excluded)."""
    search = space.search or {}
    return {name: search[name].at(place) for name, place in places.items()}

"""The different settings of a search, where they are few enough to run out."""

import itertools
import math
from collections.abc import Mapping

from acai_ray.common.trial_config import TrialConfig
from acai_ray.sweep.space import Space


def as_trained(config: TrialConfig) -> TrialConfig:
    """The settings that tell trained autoencoders apart: with λ = 0 those of a regularizer change nothing in them."""
    if config.lam > 0:
        return config
    fields = TrialConfig.model_fields
    return config.model_copy(update={name: fields[name].default for name in ("regularizer", "options", "gamma")})


def every_setting(space: Space) -> dict[str, set[TrialConfig] | None]:
    """All different settings of a search (`as_trained`) by regularizer; nothing for a fixed list of trials.

    None stands for settings that cannot come to their end, because one of the ranges is of real numbers, or there are
    more of them than the search's trials and their twins could take.
    """
    if space.search is None:
        return {}
    return {regularizer: _of_regularizer(space, regularizer) for regularizer in space.regularizers}


def _of_regularizer(space: Space, regularizer: str) -> set[TrialConfig] | None:
    values = {name: dimension.values for name, dimension in space.searched(regularizer).items()}
    listed = {name: found for name, found in values.items() if found is not None}
    if len(listed) < len(values) or math.prod(map(len, listed.values())) > 2 * space.trials:
        return None
    points = (dict(zip(listed, chosen, strict=True)) for chosen in itertools.product(*listed.values()))
    return {as_trained(space.trial_config(space.point(point, regularizer))) for point in points}


def how_many(settings: Mapping[str, set[TrialConfig] | None]) -> int | None:
    """How many different settings there are of all regularizers; none where they cannot come to their end."""
    known = [of_one for of_one in settings.values() if of_one is not None]
    return len(set().union(*known)) if known and len(known) == len(settings) else None


def most_trials(space: Space) -> int:
    """How many trials a search has at most: what was asked for, or fewer if it has fewer settings."""
    count = how_many(every_setting(space))
    return space.trials if count is None else min(space.trials, count)

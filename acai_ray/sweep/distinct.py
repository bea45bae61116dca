"""The different settings of a search, where they are few enough to run out."""

import itertools
import math
from collections.abc import Sequence
from typing import Any

from acai_ray.common.trial_config import TrialConfig
from acai_ray.sweep.space import Space


def as_trained(config: TrialConfig) -> TrialConfig:
    """The settings that tell trained autoencoders apart: with λ = 0 those of a regularizer change nothing in them."""
    if config.lam > 0:
        return config
    fields = TrialConfig.model_fields
    return config.model_copy(update={name: fields[name].default for name in ("regularizer", "options", "gamma")})


def every_setting(space: Space) -> set[TrialConfig] | None:
    """All different settings of a search (`as_trained`); none where it cannot come to their end.

    It cannot where one of its ranges is of real numbers, or where there are more settings than its trials and their
    twins could take.
    """
    if space.search is None:
        return None
    listed = [_listed(space, regularizer) for regularizer in space.regularizers]
    if any(values is None for values in listed):
        return None
    points = [values for values in listed if values is not None]
    if sum(math.prod(map(len, values.values())) for values in points) > 2 * space.trials:
        return None
    return {
        as_trained(space.trial_config(space.point(dict(zip(values, chosen, strict=True)), regularizer)))
        for regularizer, values in zip(space.regularizers, points, strict=True)
        for chosen in itertools.product(*values.values())
    }


def _listed(space: Space, regularizer: str) -> dict[str, Sequence[Any]] | None:
    """Every value of each setting that is searched for a regularizer; none where one of them is a range."""
    values = {name: dimension.values for name, dimension in space.searched(regularizer).items()}
    listed = {name: found for name, found in values.items() if found is not None}
    return listed if len(listed) == len(values) else None


def most_trials(space: Space) -> int:
    """How many trials a search has at most: what was asked for, or fewer if it has fewer settings."""
    settings = every_setting(space)
    return space.trials if settings is None else min(space.trials, len(settings))

"""The different settings of a search, where they are few enough to run out."""

import itertools
import math

from acai_ray.common.trial_config import TrialConfig
from acai_ray.sweep.space import Space


def as_trained(config: TrialConfig) -> TrialConfig:
    """The settings that tell trained autoencoders apart: with λ = 0, γ only shapes what the idle critic learns."""
    if config.lam > 0:
        return config
    return config.model_copy(update={"gamma": TrialConfig.model_fields["gamma"].default})


def every_setting(space: Space) -> set[TrialConfig] | None:
    """All different settings of a search (`as_trained`); none where it cannot come to their end.

    It cannot where one of its ranges is of real numbers, or where there are more settings than its trials and their
    twins could take.
    """
    values = {name: dimension.values for name, dimension in (space.search or {}).items()}
    listed = {name: found for name, found in values.items() if found is not None}
    if not values or len(listed) < len(values) or math.prod(map(len, listed.values())) > 2 * space.trials:
        return None
    points = itertools.product(*listed.values())
    return {as_trained(space.trial_config(dict(zip(listed, point, strict=True)))) for point in points}


def most_trials(space: Space) -> int:
    """How many trials a search has at most: what was asked for, or fewer if it has fewer settings."""
    settings = every_setting(space)
    return space.trials if settings is None else min(space.trials, len(settings))

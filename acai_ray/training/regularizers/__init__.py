"""The regularizers by name. A new one is a module beside these and one line here; a user's own registers itself."""

from collections.abc import Iterable
from typing import Any

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.models.domain import POSES, Domain
from acai_ray.training.regularizers.aae import Aae
from acai_ray.training.regularizers.acai import Acai
from acai_ray.training.regularizers.constant_speed import ConstantSpeed
from acai_ray.training.regularizers.denoising import Denoising
from acai_ray.training.regularizers.regularizer import (
    NO_MASKS,
    Batch,
    Losses,
    Masks,
    Networks,
    Probe,
    Regularizer,
    Weights,
    reconstructed,
)
from acai_ray.training.regularizers.vae import Vae

__all__ = [
    "NO_MASKS",
    "REGULARIZERS",
    "Batch",
    "Losses",
    "Masks",
    "Networks",
    "Probe",
    "Regularizer",
    "Weights",
    "described",
    "networks_of",
    "reconstructed",
    "refuse_unfit",
    "register",
    "regularizer_of",
    "with_defaults",
]

REGULARIZERS: dict[str, Regularizer] = {
    part.name: part for part in (Acai(), Denoising(), Vae(), Aae(), ConstantSpeed())
}
"""By the value of the setting `regularizer`, in the order of tables and figures."""


def register(part: Regularizer) -> None:
    """Make a regularizer known under its name.

    Raises:
        UserError: the name is another one's.
    """
    known = REGULARIZERS.setdefault(part.name, part)
    if type(known).__qualname__ != type(part).__qualname__:
        raise UserError(f"each regularizer has a name of its own, but {part.name} is taken; choose another name")


def regularizer_of(config: TrialConfig) -> Regularizer:
    """The regularizer of a trial.

    Raises:
        UserError: there is none of this name.
    """
    if config.regularizer not in REGULARIZERS:
        raise UserError(
            f"a regularizer is one of {', '.join(REGULARIZERS)}, but got {config.regularizer}; "
            "one of your own comes from a module that plugins name"
        )
    return REGULARIZERS[config.regularizer]


def described(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """What a report says of regularizers, by name; it is written into `study.json`, which needs no part to be read."""
    facts = ("title", "weighs", "unit", "source")
    return {name: {fact: getattr(REGULARIZERS[name], fact) for fact in facts} for name in names}


def with_defaults(settings: dict[str, Any]) -> dict[str, Any]:
    """A trial's settings with the kind of codes that its regularizer takes unless told otherwise.

    Settings that name no known regularizer are left alone.
    """
    part = REGULARIZERS.get(str(settings.get("regularizer", "")))
    return settings if part is None else {"codes": part.codes[0], **settings}


def refuse_unfit(config: TrialConfig) -> None:
    """Refuse settings of a trial that do not fit together.

    Raises:
        UserError: an unknown regularizer, codes that it does not work with, an option that it does not have.
    """
    part = regularizer_of(config)
    if config.codes not in part.codes:
        raise UserError(f"{part.name} needs codes: {' or '.join(part.codes)}, but codes are {config.codes}")
    for name, value in config.options:
        if name not in part.options:
            known = f"its options are {', '.join(part.options)}" if part.options else "it has none"
            raise UserError(f"an option must be one that {part.name} has, but got {name}; {known}")
        if type(value) is not type(part.options[name]):
            raise UserError(f"the option {name} of {part.name} is like {part.options[name]!r}, but got {value!r}")


def networks_of(members: int, config: TrialConfig, domain: Domain = POSES) -> Networks:
    """The networks of a trial's members, their weights all 0.

    Raises:
        UserError: settings that do not fit together.
    """
    refuse_unfit(config)
    own = regularizer_of(config).network(members, config, domain)
    return Networks(Autoencoder(members, config, domain), own)

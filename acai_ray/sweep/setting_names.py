"""The names of settings in a space: those of a trial, of a regularizer, and of ranges that are a regularizer's own."""

from typing import Any

from acai_ray.common.trial_config import TrialConfig

FIXED = ("epochs", "steps_per_epoch", "critic", "options")
"""Trial settings that a study holds constant; a regularizer's own are varied one by one, as `options.places`."""

OPTION = "options."
"""How the name of a regularizer's own setting begins where it is varied."""

OF = "@"
"""What stands before a regularizer's name in the name of a range that only its trials have."""


def setting_of(name: str) -> str:
    """The setting that a name of `Space.searched` is of."""
    return name.split(OF)[0]


def value_of(config: TrialConfig, name: str) -> Any:
    """What a trial's settings say under a name of `Space.searched`."""
    setting = setting_of(name)
    if setting.startswith(OPTION):
        return dict(config.options).get(setting.removeprefix(OPTION))
    return getattr(config, setting)


def refuse_unknown_setting(place: str, name: str) -> None:
    """Refuse to vary what is no setting, or one that is the same in all trials of a study."""
    if name.startswith(OPTION):
        return
    if name not in TrialConfig.model_fields or name in FIXED:
        free = [field for field in TrialConfig.model_fields if field not in FIXED]
        raise ValueError(f"{place} may vary {', '.join(free)}, but has {name}")


def own_names(settings: Any) -> Any:
    """The settings with `lam` for `lambda`; what is no mapping is left to the field's own check."""
    if not isinstance(settings, dict):
        return settings
    if "lambda" in settings and "lam" in settings:
        raise ValueError("lambda and lam are one setting, but both are given; remove one")
    return {"lam" if name == "lambda" else name: value for name, value in settings.items()}

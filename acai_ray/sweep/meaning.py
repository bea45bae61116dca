"""What a space means, however it is written: a study that is gone on with keeps the spelling it was begun with.

A default that is written out, `4.0` for `4`, another order of keys, or a list of points in the place of a grid are the
same study. So each part of a space that means what the begun one says is taken over from there, and only what means
something else is left to differ.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.poses.options import LoadOptions
from acai_ray.store import read_study
from acai_ray.store.study_file import MAY_CHANGE, NAME
from acai_ray.sweep.dimension import Dimension
from acai_ray.sweep.setting_names import OPTION
from acai_ray.sweep.space import Space
from acai_ray.training.regularizers import REGULARIZERS, with_defaults

LISTED = ("grid", "points", "trial")
"""The parts of a space with a fixed list of trials that together say what its trials are."""


def as_begun(space: Space, study_dir: Path) -> Space:
    """The space in the spelling of the study in this folder, as far as it means the same; itself in a new folder."""
    if not (study_dir / NAME).is_file():
        return space
    try:
        begun = Space.model_validate(read_study(study_dir).get("space"))
    except (UserError, ValidationError):  # damaged, or of another version: the session refuses it and says so
        return space
    names = [name for name in Space.model_fields if name not in (*MAY_CHANGE, *LISTED, "data")]
    if space.search is None and begun.search is None and _trials(space) == _trials(begun):
        return space.model_copy(update={name: getattr(begun, name) for name in LISTED} | _same(begun, space, names))
    return space.model_copy(update=_same(begun, space, [*names, *LISTED]))


def _same(begun: Space, space: Space, names: list[str]) -> dict[str, Any]:
    """The parts of these names, each in the begun study's spelling as far as it means the same."""
    return {name: _merged(name, begun, space) for name in names}


def _merged(name: str, begun: Space, space: Space) -> Any:
    before, now = getattr(begun, name), getattr(space, name)
    meant, means = (MEANINGS.get(name, getattr)(of, name) for of in (begun, space))
    if meant == means:
        return before
    if not (isinstance(meant, Mapping) and isinstance(means, Mapping)):
        return now
    differ = {key for key in {**meant, **means} if meant.get(key) != means.get(key)}
    return {key: value for key, value in before.items() if key not in differ} | {
        key: value for key, value in now.items() if key in differ
    }


def _trials(space: Space) -> set[TrialConfig]:
    """The settings of a fixed list of trials."""
    return {_whole(space.trial_config(cell)) for cell in space.cells()}


def _whole(config: TrialConfig) -> TrialConfig:
    """The settings with what they leave to others written out."""
    options = {**REGULARIZERS[config.regularizer].options, **dict(config.options)}
    critic_lr = config.lr if config.critic_lr is None else config.critic_lr
    return config.model_copy(update={"options": tuple(sorted(options.items())), "critic_lr": critic_lr})


def _of_trial(space: Space, name: str) -> dict[str, Any]:
    """The settings that all trials share, those by default included; what depends on a varied one is as it is given."""
    given = getattr(space, name)
    varied = {*space.varied, *(setting for own in space.for_regularizer.values() for setting in own)}
    point = space.cells()[0] if space.search is None else space.corners()[0]
    whole = dict(_whole(space.trial_config(point)))
    depend = {
        *(("lam", "options") if "regularizer" in varied else ()),
        *(("critic_lr",) if "lr" in varied else ()),
        *(("options",) if any(setting.startswith(OPTION) for setting in varied) else ()),
    }
    whole["codes"] = {part: with_defaults({"regularizer": part, **given})["codes"] for part in space.regularizers}
    return {key: given.get(key) if key in depend else whole[key] for key in whole if key not in varied}


def _of_search(space: Space, name: str) -> dict[str, Any] | None:
    """What is explored, choices in no order."""
    searched = getattr(space, name)
    return searched and {key: _explored(dimension) for key, dimension in searched.items()}


def _explored(dimension: Dimension) -> Any:
    return dimension if dimension.choice is None else set(dimension.choice)


def _of_regularizers(space: Space, name: str) -> dict[str, dict[str, Any]]:
    """The same for each regularizer."""
    own: dict[str, dict[str, Dimension]] = getattr(space, name)
    return {part: {key: _explored(dimension) for key, dimension in of.items()} for part, of in own.items()}


def _of_data(space: Space, name: str) -> dict[str, Any]:
    """The options of the data, those by default included."""
    return dict(LoadOptions.model_validate(getattr(space, name)))


MEANINGS: dict[str, Callable[[Space, str], Any]] = {
    "trial": _of_trial,
    "search": _of_search,
    "for_regularizer": _of_regularizers,
    "data_options": _of_data,
}
"""By the part of a space, what it means; any other part means what it is."""

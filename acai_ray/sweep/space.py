"""The search space file: one question, what is explored to answer it, and how each trial is trained and measured."""

import itertools
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import Settings, parse
from acai_ray.common.trial_config import TrialConfig
from acai_ray.common.yaml_files import read_settings
from acai_ray.models.networks import network_of
from acai_ray.protocol.confirmation import FRESH_SEED, Pick
from acai_ray.sweep.confirm import Confirm, Folds
from acai_ray.sweep.dimension import Dimension, refuse_impossible_range
from acai_ray.sweep.picks import NEEDED
from acai_ray.sweep.setting_names import OF, OPTION, own_names, refuse_unknown_setting, setting_of, value_of
from acai_ray.sweep.space_files import find_space
from acai_ray.sweep.stop import Stop, refuse_unfit_stop
from acai_ray.training.regularizers import REGULARIZERS, refuse_unfit, with_defaults
from acai_ray.trials.plugins import with_plugins

DEFAULT_OBJECTIVES: dict[str, Literal["min", "max"]] = {
    "reconstruction_mpjpe_mm": "min",
    "path_bone_excess_mm": "min",
    "path_coverage": "max",
}


class Space(Settings):
    """A search space file; exactly one of `search`, `grid` and `points` is given.

    Attributes:
        question: what the study shall answer.
        data: where the poses come from.
        data_options: fields of `poses.LoadOptions`.
        plugins: modules that bring regularizers or networks of a user's own. A file lists their names; here stands the
            hash of each one's source.
        search: what Optuna explores of each setting.
        for_regularizer: by a regularizer's name, what is explored of settings for it alone. λ has the range that its
            regularizer declares, unless it stands here, in `search` or in `trial`.
        grid: values of each setting, of which every combination is run.
        points: the settings of each trial, one by one.
        trials: how many trials a search has.
        seeds: how many seeds of each trial are trained together.
        baseline: whether each trial gets a vanilla twin.
        folds: into how many folds the people are divided, for a fixed list of trials; `auto` is 12, or as many as the
            data has bodies; none to test the people of the split.
        confirm: how the best of a search are trained again; none for not at all.
        stop: after which epochs trials of a search are compared and stopped; none to train all to their end.
        controls: whether the controls of `protocol.controls` are run too.
        objectives: the metrics a search looks at, and which way is better.
        trial: settings of every trial.
        evaluation: sizes of the evaluation.
        seed: the seed of the search itself.
    """

    question: str = ""
    data: str = "synthetic"
    data_options: dict[str, Any] = Field(default_factory=dict)
    plugins: dict[str, str] = Field(default_factory=dict)
    search: dict[str, Dimension] | None = Field(None, min_length=1)
    for_regularizer: dict[str, dict[str, Dimension]] = Field(default_factory=dict)
    grid: dict[str, Annotated[list[Any], Field(min_length=1)]] | None = Field(None, min_length=1)
    points: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = None
    trials: Annotated[int, Field(ge=1)] = 64
    seeds: Annotated[int, Field(ge=1, le=FRESH_SEED)] = 3
    baseline: bool = True
    folds: Folds = None
    confirm: Confirm | None = None
    stop: Stop | None = None
    controls: bool = True
    objectives: dict[str, Literal["min", "max"]] = Field(default_factory=lambda: dict(DEFAULT_OBJECTIVES), min_length=1)
    trial: dict[str, Any] = Field(default_factory=dict)
    evaluation: EvaluationConfig = EvaluationConfig()
    seed: Annotated[int, Field(ge=0)] = 0

    @field_validator("search", "grid", "trial", mode="before")
    @classmethod
    def _own_setting_names(cls, value: Any) -> Any:
        return own_names(value)

    @field_validator("points", mode="before")
    @classmethod
    def _own_point_names(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [own_names(point) for point in value]

    @field_validator("for_regularizer", mode="before")
    @classmethod
    def _own_names_of_each(cls, value: Any) -> Any:
        return {part: own_names(of_part) for part, of_part in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _one_list_of_trials(self) -> Self:
        given = [name for name in ("search", "grid", "points") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a space has exactly one of search, grid and points, but this one has {given or 'none'}")
        for name in self.varied:
            refuse_unknown_setting(given[0], name)
            if name in self.trial:
                raise ValueError(f"a setting is either varied or fixed, but {name} is in {given[0]} and in trial")
        return self

    @model_validator(mode="after")
    def _regularizers_that_are_searched(self) -> Self:
        choice = self.search and self.search.get("regularizer")
        if choice and choice.choice is None:
            raise ValueError("regularizer takes choice, because it is a name; give a choice")
        for part, searched in self.for_regularizer.items():
            if not choice or part not in self.regularizers:
                known = ", ".join(self.regularizers) if choice else "none, since search has no regularizer"
                raise ValueError(
                    f"for_regularizer names regularizers that are searched, but has {part}; there are {known}"
                )
            for name in searched:
                refuse_unknown_setting("for_regularizer", name)
                if name in self.trial or name in (self.search or {}) or name == "regularizer":
                    raise ValueError(
                        f"for_regularizer has what is only explored for {part}, but {name} stands elsewhere"
                    )
        return self

    @model_validator(mode="after")
    def _honest_choice(self) -> Self:
        for name in self.objectives:
            if name.startswith("test_"):
                raise ValueError(f"a search never sees the test subjects, but {name} is an objective; remove test_")
        if self.confirm and self.search is None:
            raise ValueError(
                "confirm picks the best of a search, but this space has a fixed list of trials; remove confirm"
            )
        if self.confirm and not self.baseline and self.confirm.picks != [Pick.STRONG]:
            raise ValueError(
                "the picks free and balanced need twins to compare with, but baseline is false; "
                "remove that or write confirm: {picks: [strong]}"
            )
        return self

    @model_validator(mode="after")
    def _folds_of_what_decides(self) -> Self:
        if self.folds is not None and self.search is not None:
            raise ValueError("a search is judged on its validation people, but has folds; put them into confirm")
        return self

    @model_validator(mode="after")
    def _stop_within_a_search(self) -> Self:
        if self.stop is not None:
            epochs = self.trial.get("epochs", TrialConfig.model_fields["epochs"].default)
            refuse_unfit_stop(self.stop, searched=self.search is not None, epochs=epochs)
        return self

    @model_validator(mode="after")
    def _possible_trials(self) -> Self:
        for of_part in (self.search or {}, *self.for_regularizer.values()):
            for name, dimension in of_part.items():
                refuse_impossible_range(name, dimension)
        points = self.cells() if self.search is None else self.corners()
        configs = [self.trial_config(point) for point in points]
        for point, config in zip(points, configs, strict=True):
            _refuse_text(point, config)
        if self.search is None:
            _refuse_repetition(configs)
        return self

    @property
    def wanted_folds(self) -> int | Literal["auto"] | None:
        """What the file says of the folds of the trials that decide: those of a fixed list, or of the confirmation."""
        return self.folds if self.confirm is None else self.confirm.folds

    @property
    def fold_count(self) -> int | None:
        """The same as a number, once `folding.divided` has put one in the place of `auto`."""
        assert self.wanted_folds != "auto", "the space must be resolved first"
        return self.wanted_folds

    @property
    def varied(self) -> list[str]:
        """The settings that differ between trials, in the file's order."""
        return list(self.search or self.grid or dict.fromkeys(name for point in self.points or [] for name in point))

    @property
    def regularizers(self) -> list[str]:
        """Those of the trials, each once, in the file's order."""
        if self.search is not None and "regularizer" in self.search:
            return list(dict.fromkeys(map(str, self.search["regularizer"].choice or ())))
        cells = [] if self.search is not None else self.cells()
        default = self.trial.get("regularizer", TrialConfig.model_fields["regularizer"].default)
        return list(dict.fromkeys(cell.get("regularizer", default) for cell in cells)) or [default]

    def searched(self, regularizer: str) -> dict[str, Dimension]:
        """What a search explores in trials of a regularizer, other than that: by the setting's name.

        Where the range belongs to this regularizer alone, `@` and its name follow, since Optuna must tell ranges apart.
        """
        search = {name: dimension for name, dimension in (self.search or {}).items() if name != "regularizer"}
        own = dict(self.for_regularizer.get(regularizer, {}))
        by_range = "regularizer" in (self.search or {}) and not {"lam"} & {*search, *own, *self.trial}
        if by_range and regularizer in REGULARIZERS:
            own = {"lam": Dimension(log_uniform=REGULARIZERS[regularizer].lam_range), **own}
        return search | {f"{name}{OF}{regularizer}": dimension for name, dimension in own.items()}

    def point(self, values: dict[str, Any], regularizer: str) -> dict[str, Any]:
        """The settings of a trial from values by the names of `searched`."""
        searched = "regularizer" in (self.search or {})
        own = {"regularizer": regularizer} if searched else {}
        return own | {setting_of(name): value for name, value in values.items()}

    @property
    def judged(self) -> tuple[str, ...]:
        """The metrics that a search knows of each trial: its objectives, and what the picks are made by."""
        if self.search is None:
            return ()
        return tuple(dict.fromkeys([*self.objectives, *(NEEDED if self.confirm else ())]))

    def cells(self) -> list[dict[str, Any]]:
        """The exact points of a `grid` or of `points`, in order."""
        if self.points is not None:
            return self.points
        grid = self.grid or {}
        return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]

    def trial_config(self, point: dict[str, Any]) -> TrialConfig:
        """The settings of one trial.

        Raises:
            UserError: a value is impossible.
        """
        settings = {**self.trial, **point}
        given = {name: value for name, value in settings.items() if name.startswith(OPTION)}
        if given:
            plain = {name: value for name, value in settings.items() if name not in given}
            own = {name.removeprefix(OPTION): value for name, value in given.items()}
            settings = {**plain, "options": {**settings.get("options", {}), **own}}
        config = parse(TrialConfig, with_defaults(settings), "trial")
        refuse_unfit(config)
        network_of(config)
        return config

    def corners(self) -> list[dict[str, Any]]:
        """Points of the search in which one setting after the other takes each of its extreme values.

        Where networks are searched, each has all these points, because not every network can have every width.
        """
        corners = []
        for regularizer in self.regularizers:
            searched = self.searched(regularizer)
            first = {name: dimension.extremes[0] for name, dimension in searched.items()}
            places = [{**first, name: value} for name, dimension in searched.items() for value in dimension.extremes]
            networks = searched["network"].extremes if "network" in searched else []
            places += [{**place, "network": network} for place in places for network in networks]
            corners += [self.point(place, regularizer) for place in places or [{}]]
        return corners


def _refuse_text(point: dict[str, Any], config: TrialConfig) -> None:
    """Refuse a value that is not the one it stands for, since a resumed study would not recognise its own trials."""
    for name, value in point.items():
        if value_of(config, name) != value:
            raise ValueError(f"{name} must be {value_of(config, name)!r}, but is written {value!r}; write the former")


def _refuse_repetition(configs: list[TrialConfig]) -> None:
    seen: set[TrialConfig] = set()
    for config in configs:
        if config in seen:
            raise ValueError(
                f"each cell is run once, but latent_dim {config.latent_dim} with lambda {config.lam:g} stands twice; "
                "remove one"
            )
        seen.add(config)


def load_space(name_or_path: str, **overrides: Any) -> Space:
    """Read a search space.

    Args:
        name_or_path: a built-in space's name, or a YAML file.
        overrides: fields that replace the file's, as `yaml_files.read_settings` has them.

    Raises:
        UserError: there is no such space, or a key or a value is wrong.
    """
    path = find_space(name_or_path)
    settings = read_settings(path, **overrides)
    return parse(Space, with_plugins(settings, path.parent), path.name)

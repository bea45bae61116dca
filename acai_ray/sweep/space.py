"""The search space file: one question, what is explored to answer it, and how each trial is trained and measured."""

import itertools
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from acai_ray.common.errors import UserError
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import Settings, parse
from acai_ray.common.trial_config import TrialConfig
from acai_ray.common.yaml_files import read_settings

FIXED = ("epochs", "steps_per_epoch", "critic")
"""Trial settings that a study holds constant."""

FRESH_SEED = 10_000
"""The first seed of a confirmation; a search uses 0, 1, 2, …"""

DEFAULT_OBJECTIVES: dict[str, Literal["min", "max"]] = {
    "reconstruction_mpjpe_mm": "min",
    "path_bone_excess_mm": "min",
    "path_coverage": "max",
}


class Dimension(Settings):
    """What Optuna explores of one setting; exactly one of the kinds is given."""

    choice: list[Any] | None = Field(None, min_length=1)
    uniform: tuple[float, float] | None = None
    log_uniform: tuple[float, float] | None = None
    int_uniform: tuple[int, int] | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_bare_value(cls, given: Any) -> Any:
        if isinstance(given, dict | cls):
            return given
        example = f"{{choice: {given if isinstance(given, list) else [given]}}}"
        raise ValueError(f"what is searched must be a range or choices, as in {example}, but got {given!r}")

    @model_validator(mode="after")
    def _one_range(self) -> Self:
        given = self.model_dump(exclude_none=True)
        if len(given) != 1:
            raise ValueError(
                f"give exactly one of {', '.join(type(self).model_fields)}, but got {list(given) or 'none'}"
            )
        for low, high in (bounds for kind, bounds in given.items() if kind != "choice"):
            if low >= high:
                raise ValueError(f"low < high must hold, but got [{low}, {high}]")
        if self.log_uniform and self.log_uniform[0] <= 0:
            raise ValueError(f"log_uniform needs low > 0, but got {self.log_uniform[0]}")
        return self

    @property
    def extremes(self) -> list[Any]:
        """Every choice, or the two ends of the range."""
        return list(self.choice or self.uniform or self.log_uniform or self.int_uniform or ())


class Confirm(Settings):
    """The best found at each latent size, and their twins, again on fresh seeds."""

    per_latent: Annotated[int, Field(ge=1)] = 1
    seeds: Annotated[int, Field(ge=2)] = 10


class Space(Settings):
    """A search space file."""

    question: str = ""
    data: str = "synthetic"
    data_options: dict[str, Any] = Field(default_factory=dict)
    search: dict[str, Dimension] | None = Field(None, min_length=1)
    grid: dict[str, Annotated[list[Any], Field(min_length=1)]] | None = Field(None, min_length=1)
    points: Annotated[list[dict[str, Any]], Field(min_length=1)] | None = None
    trials: Annotated[int, Field(ge=1)] = 64
    seeds: Annotated[int, Field(ge=1, le=FRESH_SEED)] = 3
    baseline: bool = True
    confirm: Confirm | None = None
    controls: bool = True
    objectives: dict[str, Literal["min", "max"]] = Field(default_factory=lambda: dict(DEFAULT_OBJECTIVES), min_length=1)
    trial: dict[str, Any] = Field(default_factory=dict)
    evaluation: EvaluationConfig = EvaluationConfig()
    seed: Annotated[int, Field(ge=0)] = 0

    @field_validator("search", "grid", "trial", mode="before")
    @classmethod
    def _own_setting_names(cls, value: Any) -> Any:
        return _own_names(value)

    @field_validator("points", mode="before")
    @classmethod
    def _own_point_names(cls, value: Any) -> Any:
        if not isinstance(value, list):
            return value
        return [_own_names(point) for point in value]

    @model_validator(mode="after")
    def _one_list_of_trials(self) -> Self:
        given = [name for name in ("search", "grid", "points") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"a space has exactly one of search, grid and points, but this one has {given or 'none'}")
        for name in self.varied:
            if name not in TrialConfig.model_fields or name in FIXED:
                free = [field for field in TrialConfig.model_fields if field not in FIXED]
                raise ValueError(f"{given[0]} may vary {', '.join(free)}, but has {name}")
            if name in self.trial:
                raise ValueError(f"a setting is either varied or fixed, but {name} is in {given[0]} and in trial")
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
        return self

    @model_validator(mode="after")
    def _possible_trials(self) -> Self:
        for name, dimension in (self.search or {}).items():
            _refuse_range(name, dimension)
        points = self.cells() if self.search is None else self._corners()
        configs = [self.trial_config(point) for point in points]
        for point, config in zip(points, configs, strict=True):
            _refuse_text(point, config)
        if self.search is None:
            _refuse_repetition(configs)
        return self

    @property
    def varied(self) -> list[str]:
        """The settings that differ between trials, in the file's order."""
        return list(self.search or self.grid or dict.fromkeys(name for point in self.points or [] for name in point))

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
        return parse(TrialConfig, {**self.trial, **point}, "trial")

    def _corners(self) -> list[dict[str, Any]]:
        search = self.search or {}
        first = {name: dimension.extremes[0] for name, dimension in search.items()}
        return [{**first, name: value} for name, dimension in search.items() for value in dimension.extremes]


def _refuse_range(name: str, dimension: Dimension) -> None:
    """Refuse a range whose ends are possible and whose inside is not."""
    if dimension.choice is not None:
        return
    if name in ("width", "batch_size") or TrialConfig.model_fields[name].annotation not in (int, float, float | None):
        raise ValueError(f"{name} takes choice, because not every value between two others is possible; give a choice")
    if TrialConfig.model_fields[name].annotation is int and dimension.int_uniform is None:
        raise ValueError(f"{name} is a whole number, so its range is an int_uniform; give that or a choice")


def _refuse_text(point: dict[str, Any], config: TrialConfig) -> None:
    """Refuse `1e-4`, which YAML reads as text and which would not be found again when the study is resumed."""
    for name, value in point.items():
        if getattr(config, name) != value:
            raise ValueError(f"{name} must be a number, but {value!r} is text; write 1.0e-4 with a point")


def _refuse_repetition(configs: list[TrialConfig]) -> None:
    for config in configs:
        if configs.count(config) > 1:
            raise ValueError(
                f"each cell is run once, but latent_dim {config.latent_dim} with lambda {config.lam:g} stands twice; "
                "remove one"
            )


def _own_names(settings: Any) -> Any:
    """`lambda` is `lam` inside; what is no mapping is left to the field's own check."""
    if not isinstance(settings, dict):
        return settings
    if "lambda" in settings and "lam" in settings:
        raise ValueError("lambda and lam are one setting, but both are given; remove one")
    return {"lam" if name == "lambda" else name: value for name, value in settings.items()}


def load_space(name_or_path: str, **overrides: Any) -> Space:
    """Read a search space.

    Args:
        name_or_path: a built-in space's name, or a YAML file.
        overrides: fields that replace the file's, as `config.read_settings` has them.

    Raises:
        UserError: there is no such space, or a key or a value is wrong.
    """
    path = find_space(name_or_path)
    return parse(Space, read_settings(path, **overrides), path.name)


def find_space(name_or_path: str) -> Path:
    """The file of a built-in space (by name) or of one's own (by path).

    Raises:
        UserError: there is none.
    """
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml"):
        if path.is_file():
            return path
        raise UserError(f"a search space is a name or a YAML file, but there is no file {name_or_path}")
    folder = spaces_folder()
    if (folder / f"{name_or_path}.yaml").is_file():
        return folder / f"{name_or_path}.yaml"
    known = ", ".join(sorted(found.stem for found in folder.glob("*.yaml")))
    raise UserError(f"there is no search space {name_or_path}; known are {known}, or give a YAML file")


def spaces_folder() -> Path:
    """Where the built-in spaces lie: inside the installed package, else beside it in a checkout."""
    package = Path(str(files("acai_ray")))
    installed = package / "search_spaces"
    return installed if installed.is_dir() else package.parent / "search_spaces"

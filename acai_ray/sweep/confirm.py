"""What a search space says of its confirmation: which settings are trained again, on how many seeds and folds."""

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from acai_ray.common.settings import Settings
from acai_ray.poses.folds import FEWEST
from acai_ray.protocol.confirmation import Pick


def _number_of_folds(given: Any) -> Any:
    if given is None or given == "auto" or (type(given) is int and given >= FEWEST):
        return given
    raise ValueError(f"must be a whole number of at least {FEWEST}, or auto, but got {given!r}")


Folds = Annotated[int | Literal["auto"] | None, BeforeValidator(_number_of_folds)]
"""Into how many folds people are divided; `auto` is 12, or as many as the data has bodies."""


class Confirm(Settings):
    """The picks of each latent size and their twins are trained again on fresh seeds.

    Attributes:
        picks: which settings of a latent size.
        seeds: how many fresh seeds.
        folds: into how many folds the people are divided who chose nothing; none to test those of the split.
    """

    picks: Annotated[list[Pick], Field(min_length=1)] = Field(default_factory=lambda: list(Pick))
    seeds: Annotated[int, Field(ge=1)] = 10
    folds: Folds = None

    @model_validator(mode="after")
    def _more_than_one_run(self) -> Self:
        if self.seeds < 2 and self.folds is None:
            raise ValueError("a confirmation needs two seeds, or folds, but has 1 seed and none; give folds: auto")
        return self

    @field_validator("picks")
    @classmethod
    def _each_once(cls, picks: list[Pick]) -> list[Pick]:
        if len(set(picks)) < len(picks):
            raise ValueError(f"each pick stands once, but got [{', '.join(picks)}]")
        return sorted(picks, key=list(Pick).index)

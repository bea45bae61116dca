"""What a search explores of one setting: a range or a choice."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from acai_ray.common.settings import Settings
from acai_ray.common.trial_config import TrialConfig


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
            _refuse_other_kinds(given)
            return given
        example = f"{{choice: {given if isinstance(given, list) else [given]}}}"
        raise ValueError(f"what is searched must be a range or choices, as in {example}, but got {given!r}")

    @field_validator("choice")
    @classmethod
    def _each_once(cls, choice: list[Any] | None) -> list[Any] | None:
        for place, value in enumerate(choice or ()):
            if value in (choice or ())[:place]:
                raise ValueError(f"each choice stands once, but {value!r} stands twice; remove one")
        return choice

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

    @property
    def values(self) -> Sequence[Any] | None:
        """Every value it can have, each once; none for a range of real numbers."""
        if self.choice is not None:
            return self.choice
        if self.int_uniform is not None:
            low, high = self.int_uniform
            return range(low, high + 1)
        return None

    def at(self, place: float) -> Any:
        """The value at a place of the range, from 0 to 1 (excluded); even places give evenly spread values.

        A `log_uniform` is even on the logarithm.
        """
        values = self.values
        if values is not None:
            return values[min(len(values) - 1, int(place * len(values)))]
        if self.log_uniform is not None:
            low, high = self.log_uniform
            return min(high, low * (high / low) ** place)
        assert self.uniform is not None
        low, high = self.uniform
        return min(high, low + place * (high - low))


def _refuse_other_kinds(given: Any) -> None:
    """Refuse the keys by which other programs know a range."""
    kinds = Dimension.model_fields
    for name in given if isinstance(given, dict) else ():
        if name not in kinds:
            raise ValueError(
                f"{name} is not a known key; known are {', '.join(kinds)}, as in {{uniform: [0, 1]}} or "
                "{choice: [4, 8]}"
            )


def refuse_impossible_range(name: str, dimension: Dimension) -> None:
    """Refuse a range with possible ends of which some values between them are not possible.

    Raises:
        ValueError: the setting takes a choice, or an int_uniform.
    """
    if dimension.choice is not None or name.startswith("options."):
        return
    if name in ("width", "batch_size") or TrialConfig.model_fields[name].annotation not in (int, float, float | None):
        raise ValueError(f"{name} takes choice, because not every value between two others is possible; give a choice")
    if TrialConfig.model_fields[name].annotation is int and dimension.int_uniform is None:
        raise ValueError(f"{name} is a whole number, so its range is an int_uniform; give that or a choice")

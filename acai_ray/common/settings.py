"""Validated settings: unknown keys are refused, and a mistake is explained in one sentence."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from acai_ray.common.errors import UserError

Positive = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Settings(BaseModel):
    """A frozen record that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)


Model = TypeVar("Model", bound=Settings)


def parse(model: type[Model], content: Any, origin: str) -> Model:
    """Validate `content`; `origin` (a file's name, an option) leads the message.

    Raises:
        UserError: one sentence that names the first key that is wrong, the rule and the value.
    """
    if not isinstance(content, Mapping):
        raise UserError(f"{origin} must hold keys and values, but holds {type(content).__name__}")
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise UserError(f"{origin}: {_sentence(error, model)}") from None


def _sentence(error: ValidationError, model: type[Settings]) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        known = f"known are {', '.join(model.model_fields)}" if len(first["loc"]) == 1 else "see the documented keys"
        return f"{place} is not a known key; {known}"
    if first["type"] in ("model_type", "dict_type"):
        return f"{place or 'the file'} must hold keys and values, but got {first['input']!r}"
    message = first["msg"].removeprefix("Value error, ")
    message = message[0].lower() + message[1:]
    shown = "" if first["type"] in ("value_error", "missing") else f", but got {first['input']!r}"
    return f"{place}: {message}{shown}" if place else f"{message}{shown}"

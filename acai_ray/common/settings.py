"""Validated settings: unknown keys are refused, and a mistake is explained in one sentence."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from acai_ray.common.errors import UserError

Positive = Annotated[int, Field(ge=1)]
Fraction = Annotated[float, Field(ge=0, le=1)]


class Settings(BaseModel):
    """A frozen record that refuses unknown keys, and text or `true` in the place of a number."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _numbers_are_numbers(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            for name, field in cls.model_fields.items():
                value = given.get(name)
                kinds = set(_kinds(field.annotation))
                if kinds & {int, float} and not kinds & {bool, str, Any}:
                    _refuse_no_number(name, value)
                if kinds == {bool} and name in given and not isinstance(value, bool):
                    raise ValueError(f"{name} must be true or false, but got {value!r}; write true or false")
        return given


Model = TypeVar("Model", bound=Settings)


def _kinds(annotation: Any) -> Iterator[Any]:
    """The types that an annotation is made of; a literal is of its values' types."""
    if get_origin(annotation) is Literal:
        yield from map(type, get_args(annotation))
    elif get_origin(annotation) is Annotated:
        yield from _kinds(get_args(annotation)[0])
    elif parts := get_args(annotation):
        for part in parts:
            yield from _kinds(part)
    else:
        yield annotation


def _refuse_no_number(name: str, value: Any) -> None:
    """Refuse text and `true` or `false` where a number, or a list of numbers, is expected.

    Raises:
        ValueError: the value, or one in the list, is none.
    """
    for part in value if isinstance(value, list | tuple) else [value]:
        if isinstance(part, bool):
            raise ValueError(f"{name} must be a number, but got {str(part).lower()}; write a number")
        if isinstance(part, str):
            raise ValueError(f"{name} must be a number, but {part!r} is text; write a number, without quotes")


def described(content: Any) -> str:
    """What a file holds instead of keys and values, in words."""
    kinds = {list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return kinds.get(type(content), f"a {type(content).__name__}")


def parse(model: type[Model], content: Any, origin: str) -> Model:
    """Validate `content`; `origin` (a file's name, an option) leads the message.

    Raises:
        UserError: one sentence that names the first key that is wrong, the rule and the value.
    """
    if not isinstance(content, Mapping):
        raise UserError(f"{origin} must hold keys and values, but holds {described(content)}")
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

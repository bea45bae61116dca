"""The options of pose data on the command line: one for every field of `LoadOptions`."""

import argparse
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from acai_ray.poses.options import LoadOptions

FLAGS = {"seed": "--people-seed"}
"""Options called otherwise than their field, because a command has other seeds too."""
METAVARS = {"train": "S1,S5", "valid": "S8", "test": "S9,S11", "cameras": "FILE|virtual", "joints": "FILE"}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options, in a group of their own."""
    group = parser.add_argument_group("how the poses are read")
    for name, field in LoadOptions.model_fields.items():
        group.add_argument(
            _flag(name),
            dest=_destination(name),
            help=(field.description or "").replace("%", "%%"),
            **_kind(name, field.annotation),
        )


def given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Those fields of `LoadOptions` that were given."""
    found = {name: getattr(arguments, _destination(name)) for name in LoadOptions.model_fields}
    return {name: value for name, value in found.items() if value is not None}


def flags(given: Mapping[str, Any]) -> list[str]:
    """The reverse of `given`: the words of a command line that give these fields of `LoadOptions`."""
    texts = {name: value if isinstance(value, str | int) else ",".join(value) for name, value in given.items()}
    return [word for name, text in texts.items() for word in _words(_flag(name), str(text))]


def _words(flag: str, text: str) -> list[str]:
    """An option and its value; in one word where the value would pass for an option."""
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text]


def _flag(name: str) -> str:
    return FLAGS.get(name, f"--{name.replace('_', '-')}")


def _destination(name: str) -> str:
    return f"data_{name}"


def _kind(name: str, annotation: Any) -> dict[str, Any]:
    """How argparse reads one field."""
    if get_origin(annotation) in (Union, UnionType):
        annotation = next(part for part in get_args(annotation) if part is not type(None))
    if get_origin(annotation) is Literal:
        return {"choices": get_args(annotation)}
    if annotation is int:
        return {"type": int, "metavar": "N"}
    if get_origin(annotation) is tuple:
        return {"type": _names, "metavar": METAVARS[name]}
    return {"metavar": METAVARS.get(name, "TEXT")}


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]

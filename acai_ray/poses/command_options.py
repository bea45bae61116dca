"""The options of pose data on the command line: one for every field of `LoadOptions`."""

import argparse
from collections.abc import Mapping
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

from acai_ray.poses.options import LoadOptions

FLAGS = {"seed": "--people-seed"}
"""Options that are not called like their field; there is one because commands have another `--seed` too."""
METAVARS = {"train": "S1,S5", "valid": "S8", "test": "S9,S11", "cameras": "FILE|virtual", "joints": "NAME|FILE"}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options to a command, in a group of their own."""
    group = parser.add_argument_group("how the poses are read")
    for name, field in LoadOptions.model_fields.items():
        group.add_argument(
            flag(name),
            dest=_destination(name),
            help=(field.description or "").replace("%", "%%"),
            **_kind(name, field.annotation),
        )


def given(arguments: argparse.Namespace) -> dict[str, Any]:
    """The fields of `LoadOptions` that were given on the command line."""
    values = {name: getattr(arguments, _destination(name)) for name in LoadOptions.model_fields}
    return {name: value for name, value in values.items() if value not in (None, "")}


def flag(name: str) -> str:
    """What a command calls a field of `LoadOptions`, such as `--unit`."""
    return FLAGS.get(name, f"--{name.replace('_', '-')}")


def flags(given: Mapping[str, Any]) -> list[str]:
    """The reverse of `given`: the words of a command line that give these fields of `LoadOptions`."""
    texts = {name: value if isinstance(value, str | int) else ",".join(value) for name, value in given.items()}
    return [word for name, text in texts.items() for word in _words(flag(name), str(text))]


def _words(option: str, text: str) -> list[str]:
    """An option and its value; as one word where argparse would take the value for another option."""
    return [f"{option}={text}"] if text.startswith("-") else [option, text]


def _destination(name: str) -> str:
    return f"data_{name}"


def _kind(name: str, annotation: Any) -> dict[str, Any]:
    """The arguments of `add_argument` that make argparse read a field of this type."""
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

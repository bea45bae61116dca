"""YAML files with settings: read safely, each key once, and with the fields that the command line replaces."""

import itertools
import re
from pathlib import Path
from typing import Any

import yaml

from acai_ray.common.errors import UserError
from acai_ray.common.settings import described

MERGE = "tag:yaml.org,2002:merge"
"""What YAML calls the key `<<`."""

FLOAT = "tag:yaml.org,2002:float"
EXPONENT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$")
"""Numbers as YAML 1.2, JSON and people write them: YAML 1.1, which the library reads, takes `1e-3` for text."""

MOST_VALUES = 100_000
"""Keys and values of a file, those that its aliases repeat included; a few lines of aliases can mean billions."""


def read_settings(path: Path, **overrides: Any) -> dict[str, Any]:
    """A settings file's content with some fields replaced.

    Args:
        path: a YAML file.
        overrides: `epochs` goes to `trial`, `folds` to `confirm` where there is one, `data_options` are
            added to the file's; those that are None are ignored.

    Raises:
        UserError: the file cannot be read, or holds no keys and values.
    """
    content = read_yaml(path)
    if not isinstance(content, dict):
        held = "is empty" if content is None else f"holds {described(content)}"
        raise UserError(f"{path.name} must hold keys and values, but {held}")
    given = {name: value for name, value in overrides.items() if value is not None}
    if isinstance(of_file := content.get("data_options"), dict) and "data_options" in given:
        given["data_options"] = {**of_file, **given["data_options"]}
    epochs, trial = given.pop("epochs", None), content.get("trial", {})
    if epochs is not None and isinstance(trial, dict):
        content["trial"] = {**trial, "epochs": epochs}
    if "folds" in given and isinstance(confirm := content.get("confirm"), dict):
        given["confirm"] = {**confirm, "folds": given.pop("folds")}
    return {**content, **given}


def read_yaml(path: Path, what: str = "a settings file") -> Any:
    """A YAML file's content.

    Args:
        path: the file.
        what: what the file is, for messages.

    Raises:
        UserError: it cannot be read, is not YAML, has a key twice, or is nested too deeply or too large.
    """
    try:
        return _Loader(path.read_text(encoding="utf-8")).get_single_data()
    except OSError as error:
        raise UserError(
            f"{what} must be readable, but {path} is not ({error.strerror}); correct its path or its permissions"
        ) from None
    except _RepeatedKeyError as error:
        raise UserError(f"{what} must have each key once, but {path} has {error}; remove one") from None
    except _TooLargeError:
        raise UserError(
            f"{what} must have at most {MOST_VALUES:,} values, those that aliases (*name) repeat included, but {path} "
            "has more; write fewer, or fewer aliases"
        ) from None
    except RecursionError:
        raise UserError(
            f"{what} must be nested a few levels deep, but {path} is nested too deeply to be read; "
            "look for brackets that are not closed, or an alias (*name) inside what it names"
        ) from None
    except (yaml.YAMLError, ValueError) as error:  # such as bytes that are no UTF-8, or a 13th month
        detail = " ".join(str(error).split())
        raise UserError(f"{what} must be YAML, but {path} is not: {detail}") from None


class _RepeatedKeyError(yaml.YAMLError):
    """A mapping has a key twice; the message continues a sentence."""


class _TooLargeError(yaml.YAMLError):
    """A document whose aliases are worth more than `MOST_VALUES` values."""


class _Loader(yaml.SafeLoader):
    """A safe loader that refuses a repeated key; a key that a merge (`<<`) brings may still be given again."""

    def get_single_node(self) -> yaml.Node | None:
        """The document as it is written, once its size is known to be bearable."""
        node: yaml.Node | None = super().get_single_node()
        if node is not None:
            _size(node, {})
        return node

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """The mapping as it is written, before merges are carried out."""
        node = super().compose_mapping_node(anchor)
        known = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != MERGE):
            if (key.tag, key.value) in known:
                raise _RepeatedKeyError(f"{key.value!r} twice, again in line {key.start_mark.line + 1}")
            known.add((key.tag, key.value))
        return node


_Loader.add_implicit_resolver(FLOAT, EXPONENT, list("-+.0123456789"))


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node is worth where each alias is written out; `known` holds those of nodes that were seen.

    Raises:
        RecursionError: it contains itself.
        _TooLargeError: it is worth more than `MOST_VALUES`.
    """
    if isinstance(node, yaml.ScalarNode):
        return 1
    if id(node) not in known:
        parts = itertools.chain(*node.value) if isinstance(node, yaml.MappingNode) else node.value
        known[id(node)] = 1 + sum(_size(part, known) for part in parts)
    if known[id(node)] > MOST_VALUES:
        raise _TooLargeError
    return known[id(node)]

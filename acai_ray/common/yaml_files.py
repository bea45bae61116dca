"""YAML files with settings: read safely, each key once, and with the fields that the command line replaces."""

from pathlib import Path
from typing import Any

import yaml

from acai_ray.common.errors import UserError

MERGE = "tag:yaml.org,2002:merge"
"""What YAML calls the key `<<`."""


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
        raise UserError(f"{path.name} must hold keys and values, but holds {type(content).__name__}")
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
        UserError: it cannot be read, is not YAML, or has a key twice.
    """
    try:
        return _UniqueKeyLoader(path.read_text(encoding="utf-8")).get_single_data()
    except OSError as error:
        raise UserError(
            f"{what} must be readable, but {path} is not ({error.strerror}); correct its path or its permissions"
        ) from None
    except _RepeatedKeyError as error:
        raise UserError(f"{what} must have each key once, but {path} has {error}; remove one") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        detail = " ".join(str(error).split())
        raise UserError(f"{what} must be YAML, but {path} is not: {detail}") from None


class _RepeatedKeyError(yaml.YAMLError):
    """A mapping has a key twice; the message continues a sentence."""


class _UniqueKeyLoader(yaml.SafeLoader):
    """A safe loader that refuses a repeated key; a key that a merge (`<<`) brings may still be given again."""

    def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
        """The mapping as it is written, before merges are carried out."""
        node = super().compose_mapping_node(anchor)
        known = set()
        for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode) and key.tag != MERGE):
            if (key.tag, key.value) in known:
                raise _RepeatedKeyError(f"{key.value!r} twice, again in line {key.start_mark.line + 1}")
            known.add((key.tag, key.value))
        return node

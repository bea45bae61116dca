"""`study.json`: what a study is, and the refusal to go on with another one under the same name."""

import os
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import acai_ray
from acai_ray.common.errors import UserError
from acai_ray.common.files import write_json
from acai_ray.protocol.statuses import StudyStatus

NAME = "study.json"

MAY_CHANGE = ("trials", "question")
"""Parts of a space that may differ when a study is resumed."""

KEPT = ("id", "start", "picked_after")
"""What a later session takes over from an earlier one."""

PACKAGES = ("torch", "numpy", "ray", "optuna", "pandas", "pyarrow")
"""Packages whose versions are noted."""


def new_content(name: str, settings: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """What `study.json` says when a study begins.

    Args:
        name: the study's name.
        settings: the resolved search space or experiment, as plain data.
        data: what the poses are, as `poses.description.describe` gives it.
    """
    return {
        "study": name,
        "id": uuid4().hex[:12],
        "question": settings["question"],
        "status": str(StudyStatus.RUNNING),
        "space": settings,
        "data": data,
        "versions": {"acai-ray": acai_ray.__version__, **{name: version(name) for name in PACKAGES}},
        "machine": _machine(),
        "start": _now(),
        "end": None,
    }


def ended(content: Mapping[str, Any], status: StudyStatus) -> dict[str, Any]:
    """What `study.json` says when a session has ended now, with this status."""
    return {**content, "status": str(status), "end": _now()}


def write(study_dir: Path, content: Mapping[str, Any]) -> None:
    """Replace `study.json` durably and as a whole."""
    write_json(study_dir / NAME, content, study_dir)


def refuse_another(known: Mapping[str, Any], wanted: Mapping[str, Any], study_dir: Path) -> None:
    """Refuse to go on with a study under other settings or on other data.

    Args:
        known: what its `study.json` says.
        wanted: what the new session would write there.
        study_dir: the study's folder, for the message.

    Raises:
        UserError: they differ in more than `MAY_CHANGE`.
    """
    differences = []
    before, now = known.get("space", {}), wanted["space"]
    for key in now:
        if key not in (*MAY_CHANGE, "data") and before.get(key) != now[key]:
            differences += _difference(key, before.get(key), now[key])
    if known.get("data", {}).get("fingerprint") != wanted["data"]["fingerprint"]:
        differences.append(
            f"data was {known.get('data', {}).get('name')} and is {wanted['data']['name']}, with other content"
        )
    if differences:
        raise UserError(
            f"a study keeps its question, but {study_dir} was started with other settings: {'; '.join(differences)}; "
            "take them back or give this run another --study"
        )


def _difference(key: str, before: Any, now: Any) -> list[str]:
    if isinstance(before, dict) and isinstance(now, dict):
        names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        return [f"{key}.{name} was {_said(before, name)} and is {_said(now, name)}" for name in names]
    return [f"{key} was {before} and is {now}"]


def _said(part: Mapping[str, Any], name: str) -> Any:
    return part.get(name, "not given")


def _machine() -> dict[str, Any]:
    return {"platform": platform.platform(), "cpus": os.cpu_count(), "python": platform.python_version()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

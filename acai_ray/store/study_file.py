"""`study.json`: what a study is, and the refusal to go on with another one under the same name."""

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from uuid import uuid4

import acai_ray
from acai_ray.common.errors import UserError
from acai_ray.common.files import tidy, write_json
from acai_ray.store import TABLES, Results, load, read_study

MAY_CHANGE = ("trials", "question")
"""Parts of a space that may differ when a study is resumed."""

PACKAGES = ("torch", "numpy", "ray", "optuna", "pandas", "pyarrow")


def begin(study_dir: Path, settings: dict[str, Any], data: dict[str, Any]) -> Results:
    """Write `study.json` for a session, and give what the study has so far.

    Args:
        study_dir: the study's folder, locked by the caller.
        settings: the resolved search space or experiment, as plain data.
        data: what the poses are, as `poses.description.describe` gives it.

    Raises:
        UserError: the folder holds another study, or a damaged one.
    """
    now = _now()
    content = {
        "study": study_dir.name,
        "id": uuid4().hex[:12],
        "question": settings["question"],
        "status": "running",
        "space": settings,
        "data": data,
        "versions": {"acai-ray": acai_ray.__version__, **{name: version(name) for name in PACKAGES}},
        "machine": _machine(),
        "start": now,
        "end": None,
    }
    _tidy(study_dir)
    path = study_dir / "study.json"
    if path.is_file():
        known = read_study(study_dir)
        _refuse_another(known, content, study_dir)
        content |= {key: known[key] for key in ("id", "start") if key in known}
        refuse_damaged(load(study_dir))
    elif any((study_dir / table).is_dir() for table in TABLES):
        raise UserError(
            f"a study's tables belong to its study.json, but {study_dir} lacks it; restore it or take another --study"
        )
    write_json(path, content)
    return load(study_dir)


def _tidy(study_dir: Path) -> None:
    """Delete the unfinished files of writers that were killed; the lock says that none of them lives."""
    for folder in (study_dir, *(study_dir / table for table in TABLES), *(study_dir / "models").glob("*")):
        tidy(folder)


def refuse_damaged(results: Results) -> None:
    """Refuse to go on with tables that are not whole.

    Raises:
        UserError: a file is damaged.
    """
    if results.damaged:
        raise UserError(
            f"a study resumes from whole tables, but in {results.path} {results.damaged[0]}, or "
            "delete the files of that trial from all tables to run it again"
        )


def end(study_dir: Path, status: str) -> None:
    """Note how and when a session ended."""
    write_json(study_dir / "study.json", {**read_study(study_dir), "status": status, "end": _now()})


def _refuse_another(known: dict[str, Any], wanted: dict[str, Any], study_dir: Path) -> None:
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
        return [f"{key}.{name} was {before.get(name)} and is {now.get(name)}" for name in names]
    return [f"{key} was {before} and is {now}"]


def _machine() -> dict[str, Any]:
    return {"platform": platform.platform(), "cpus": os.cpu_count(), "python": platform.python_version()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

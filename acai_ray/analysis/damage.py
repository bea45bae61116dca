"""Whether a results folder is a study of this program, and whether its models are complete and its own."""

import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError, safe_open

from acai_ray.analysis.saved_models.model_file import check_file, folder_of, read_bytes, refuse_unshared
from acai_ray.common.architecture import AUTOENCODER
from acai_ray.common.errors import UserError
from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol.controls import CONTROLS
from acai_ray.store import Damage, Results

WRITTEN = {"study": str, "space": dict, "data": dict}
"""What every study.json of this program holds."""

UNTRAINED = [control.kind for control in CONTROLS if not control.trained]
"""Controls that save no model of their own."""


def refuse_foreign(results: Results) -> None:
    """Refuse a folder whose study.json another program wrote.

    Raises:
        UserError: it lacks what every study has.
    """
    lacks = [name for name, kind in WRITTEN.items() if not isinstance(results.study.get(name), kind)]
    if lacks:
        raise UserError(
            f"study.json must come from acai_ray.tune or acai_ray.train, but that of {results.path} has no "
            f"{' and no '.join(lacks)} and is another program's; give the folder of a study"
        )


def damaged_models(results: Results) -> list[Damage]:
    """Each model of a done run that is missing, damaged or another run's.

    A study whose folder `models` is absent was copied without its models, which is no damage; nor is one that
    `study.json` does not name among the models of a shared copy.
    """
    if not (results.path / "models").is_dir():
        return []
    runs = results.runs
    trained = runs[(runs["status"] == "done") & ~runs["control"].isin(UNTRAINED)]
    return list(_problems(results, rows_of(trained)))


def _problems(results: Results, runs: list[Row]) -> Iterator[Damage]:
    fingerprint = str(results.study["data"].get("fingerprint") or "")
    for run in runs:
        try:
            refuse_unshared(results.study, run["run_id"])
        except ValueError:
            continue
        try:
            _check(results.path, run, fingerprint)
        except ValueError as error:
            yield Damage(
                folder="models",
                name=run["run_id"],
                rule="a finished run's model must be whole and its own",
                value=str(error),
                remedy="the model is left out, copy it again from where it was made",
            )


def _check(study: Path, run: Row, fingerprint: str) -> None:
    folder = folder_of(study, run["run_id"])
    _check_config(read_bytes(study, folder / "config.json"), run, fingerprint)
    weights = folder / "last.safetensors"
    check_file(study, weights)
    if run["model_sha256"] and sha256(read_bytes(study, weights)).hexdigest() != run["model_sha256"]:
        raise ValueError("last.safetensors is damaged, or not the file that the run wrote")
    try:
        with safe_open(weights, framework="numpy") as tensors:
            # Of the autoencoder alone: a critic that only looked on at a vanilla run may have any numbers.
            names = [name for name in tensors.keys() if name.startswith(AUTOENCODER)]  # noqa: SIM118
            finite = all(np.isfinite(tensors.get_tensor(name)).all() for name in names)
    except (SafetensorError, OSError, ValueError, TypeError, LookupError, AttributeError):
        raise ValueError("last.safetensors is damaged") from None
    if not finite:
        raise ValueError("its weights are not finite")


def _check_config(text: bytes, run: Row, fingerprint: str) -> None:
    try:
        about: Any = json.loads(text)
        run_id, trial = about["run_id"], about["trial"]
        settings = {name: trial[name] for name in ("latent_dim", "lam", "network", "width", "depth", "norm")}
    except (ValueError, LookupError, TypeError, RecursionError):
        raise ValueError("config.json is damaged") from None
    data = about.get("data_fingerprint") or fingerprint
    if run_id != run["run_id"] or data != fingerprint:
        raise ValueError("it is the model of another run or another study")
    differing = [name for name, value in settings.items() if value != run[name]]
    if differing:
        raise ValueError(f"its {differing[0]} is not that of the run")

"""A small copy of a study to go with a paper: all its tables, few pictures and models, and its report."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from acai_ray import store
from acai_ray.analysis import report
from acai_ray.analysis.compare import Analysis, analyse
from acai_ray.analysis.saved_models.explorable import candidates, runs_of
from acai_ray.analysis.saved_models.model_file import folder_of
from acai_ray.common.errors import UserError
from acai_ray.common.files import write_json

MODEL_FILES = ("config.json", "last.safetensors")


def share(analysis: Analysis, folder: Path) -> Path:
    """Write a copy of a study, from which its report follows, and that report.

    Of the pictures it has those of each trial's first run, so at most `evaluation.gallery` real poses; of the models
    those of one pair of twins a latent size, the middle λ. `study.json` has the data's name in place of its path.

    Args:
        analysis: the study, and the margins of the copy's report.
        folder: where the copy's folder, named as the study's, is made.

    Raises:
        UserError: the study is damaged, or the copy is there already.
    """
    results = analysis.results
    if results.damaged:
        raise UserError(f"a study is shared whole, but in {results.path} {results.damaged[0]}")
    copy = folder / results.path.resolve().name
    if copy.exists():
        raise UserError(f"a study is shared into a new folder, but {copy} is there already; remove it or give another")
    for table in store.TABLES:
        (copy / table).mkdir(parents=True)
        for file in sorted((results.path / table).glob("*.parquet")):
            if table == "gallery":
                _copy_pictures(results.path, file, copy)
            else:
                shutil.copyfile(file, copy / table / file.name)
    shared = list(dict.fromkeys(_shared_models(analysis)))
    for run_id in shared:
        (copy / "models" / run_id).mkdir(parents=True)
        for name in MODEL_FILES:
            shutil.copyfile(folder_of(results.path, run_id) / name, copy / "models" / run_id / name)
    write_json(copy / "study.json", {**_without_path(results.study), "shared_models": shared})
    report.write(analyse(store.load(copy), analysis.margins))
    return copy


def _copy_pictures(study: Path, file: Path, copy: Path) -> None:
    rows = store.read(study, "gallery", file.stem)
    first = rows[rows["run_id"] == rows["run_id"].iloc[0]] if len(rows) else rows
    about = pq.read_schema(file).metadata or {}
    footer = {key.decode(): value.decode() for key, value in about.items() if not key.startswith(b"schema")}
    store.write(copy, "gallery", file.stem, first, **footer)


def _shared_models(analysis: Analysis) -> Iterator[str]:
    """The runs of one pair of twins for each latent size: the first candidates whose model files are all there."""
    sizes = set()
    for pair in candidates(analysis):
        twins = runs_of(pair)
        whole = all((folder_of(analysis.results.path, run) / name).is_file() for run in twins for name in MODEL_FILES)
        if whole and pair["latent_dim"] not in sizes:
            sizes.add(pair["latent_dim"])
            yield from twins


def _without_path(study: Mapping[str, Any]) -> dict[str, Any]:
    """With the data's name in place of its path, which tells about its owner and means nothing elsewhere."""
    space, data = study["space"], study["data"]
    return {**study, "space": {**space, "data": data.get("source", data.get("name"))}}

"""The smallest studies that Ray runs in tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pandas as pd
import yaml

from acai_ray import store
from acai_ray.poses import PoseSet
from acai_ray.store.parquet_tables import read_table
from acai_ray.sweep.ray_cluster import Options
from acai_ray.sweep.space import Space, load_space
from acai_ray.sweep.study import Outcome, run
from tests.helpers import kills

EVALUATION = {
    "pairs": 12,
    "transitions": 10,
    "distance_pairs": 4,
    "distance_points": 3,
    "generated": 60,
    "targets": 30,
    "critic_draws": 50,
    "person_poses": 10,
    "person_draws": 2,
    "gallery": 4,
}


TRIAL = {"epochs": 2, "steps_per_epoch": 8, "width": 16, "lr": 1e-3, "norm": "none", "critic_norm": "none"}


GRID = {
    "points": [{"latent_dim": 4, "lambda": 0.1}, {"latent_dim": 4, "lambda": 0.3}, {"latent_dim": 8, "lambda": 0.1}],
    "seeds": 2,
    "controls": False,
    "trial": TRIAL,
    "evaluation": EVALUATION,
}


SEARCH = {
    "search": {
        "latent_dim": {"choice": [4]},
        "lambda": {"log_uniform": [0.001, 0.1]},
        "gamma": {"uniform": [0.0, 0.5]},
    },
    "trials": 3,
    "seeds": 2,
    "confirm": {"picks": ["strong"], "seeds": 2},
    "controls": False,
    "objectives": {"path_bone_excess_mm": "min", "path_coverage": "max"},
    "trial": TRIAL,
    "evaluation": EVALUATION,
}


def space_of(content: dict[str, Any], folder: Path) -> Space:
    path = folder / "space.yaml"
    path.write_text(yaml.safe_dump(content))
    return load_space(str(path))


def study(content: dict[str, Any], poses: PoseSet, folder: Path, **options: Any) -> tuple[Outcome, store.Results]:
    """Run a study, one trial after the other, for each process that trains takes ten seconds to start."""
    options = {"cpus_per_trial": 1, "max_concurrent": 1, **options}
    outcome = run(space_of(content, folder), poses, Options(folder / "study", **options))
    return outcome, store.load(folder / "study")


@contextmanager
def counted_reads() -> Iterator[list[str]]:
    """The tables of studies that are read in the block, each as often as it is read."""
    tables: list[str] = []

    def read_and_count(study_dir: Path, table: str, *rest: Any) -> pd.DataFrame:
        tables.append(table)
        return read_table(study_dir, table, *rest)

    with patch("acai_ray.store.results.read_table", read_and_count):
        yield tables


def only_trials(results: store.Results, trials: set[str]) -> store.Results:
    """What a study would have written that had only these trials."""
    runs = set(results.runs.loc[results.runs["trial_id"].isin(trials), "run_id"])
    frames = {table: getattr(results, table) for table in store.TABLES}
    few = {table: frame[frame["run_id"].isin(runs)].reset_index(drop=True) for table, frame in frames.items()}
    return replace(results, **few)


def assert_same_tables(one: store.Results, other: store.Results) -> None:
    assert kills.differing_tables(one, other) == []

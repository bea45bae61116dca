"""A study's tables, read strictly: damaged files and rows are named and left out."""

import json
import os
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from acai_ray.common.errors import UserError
from acai_ray.common.files import is_own_file
from acai_ray.protocol.statuses import RunStatus
from acai_ray.store.damage import Damage, FormerTablesError, lost_metrics, lost_runs, lost_subjects
from acai_ray.store.parquet_tables import read_file, read_table
from acai_ray.store.schema import FORMER_VERSIONS, SCHEMA_VERSION, SCHEMAS, TABLES, metric_name

SMALL = ("runs", "metrics", "history")
"""The tables that say how far trials came, and how they ended; the others take far more memory."""


@dataclass(frozen=True, repr=False)
class Results:
    """What a study has written so far, one frame per table, rows in a fixed order.

    `damaged` has an entry for each file that is left out of the frames, wholly or in part; its `str` is a sentence with
    the file, the reason and the remedy.
    """

    path: Path
    study: dict[str, Any]
    runs: pd.DataFrame
    metrics: pd.DataFrame
    sensitivity: pd.DataFrame
    history: pd.DataFrame
    curves: pd.DataFrame
    subjects: pd.DataFrame
    gallery: pd.DataFrame
    damaged: list[Damage] = field(default_factory=list)

    def __repr__(self) -> str:
        ended = ", ".join(f"{count} {status}" for status, count in self.runs["status"].value_counts().items())
        damaged = f"; {len(self.damaged)} damaged files" if self.damaged else ""
        trials = self.runs["trial_id"].nunique()
        of_trials = f"{len(self.runs)} runs of {trials} trial{'s' * (trials != 1)}"
        return f"<Results {str(self.path)!r}: {of_trials} ({ended or 'none'}){damaged}>"

    def small(self) -> "Results":
        """The same without the rows of the tables that are not `SMALL`, for a process that keeps it for long."""
        emptied: dict[str, Any] = {table: _no_rows(table) for table in TABLES if table not in SMALL}
        return replace(self, **emptied)

    def summary(self) -> pd.DataFrame:
        """One wide row a run: the columns of `runs`, then a column for each metric, named by `metric_name`.

        Where a metric was taken against reference sets of several sizes, the largest counts.
        """
        keys = ["split", "sampler", "metric", "distance", "statistic", "unit"]
        rows = self.metrics.sort_values("n_reference", kind="stable").drop_duplicates(["run_id", *keys], keep="last")
        kinds = rows[keys].drop_duplicates()
        names = kinds.assign(name=[metric_name(*kind) for kind in kinds.itertuples(index=False)])
        wide = rows.merge(names, on=keys).pivot_table(index="run_id", columns="name", values="value", observed=True)
        return pd.concat([self.runs, wide.reindex(self.runs["run_id"]).reset_index(drop=True)], axis="columns")


def load(study_dir: str | Path, tables: Collection[str] = TABLES) -> Results:
    """Read a study's tables; damaged files are named in `Results.damaged` and left out.

    Args:
        study_dir: the study's folder.
        tables: those to read, among them those that are `SMALL`; the frames of the others are empty.

    Raises:
        UserError: the folder is not a study, or its tables are of a former version.
    """
    study_dir = Path(study_dir)
    study, damaged = read_study(study_dir), list[Damage]()
    data = study.get("data")
    fingerprint = str(data.get("fingerprint") or "") if isinstance(data, dict) else ""
    try:
        frames = {
            table: read_table(study_dir, table, fingerprint, damaged) if table in tables else _no_rows(table)
            for table in TABLES
        }
    except FormerTablesError as error:
        program = FORMER_VERSIONS[str(error)]
        raise UserError(
            f"this program reads version {SCHEMA_VERSION} of the tables, but {study_dir} was made by version {error} "
            f"of the tables; analyse it with acai-ray {program}, or run the study again under another name"
        ) from None
    damaged += _lost_metrics(frames["runs"], frames["metrics"], damaged)
    damaged += _lost_subjects(study_dir, frames["runs"])
    damaged += _lost_runs(study_dir, frames["runs"], frames["metrics"], damaged)
    return Results(path=study_dir, study=study, damaged=damaged, **frames)


def _no_rows(table: str) -> pd.DataFrame:
    frame: pd.DataFrame = SCHEMAS[table].empty_table().to_pandas()
    return frame


def _lost_metrics(runs: pd.DataFrame, metrics: pd.DataFrame, damaged: Iterable[Damage]) -> list[Damage]:
    """Files of `metrics` that lack runs marked done: they are written before that mark, so they were lost since."""
    done = runs[(runs["status"] == RunStatus.DONE) & ~runs["run_id"].isin(metrics["run_id"])]
    named = _names(damaged, "metrics")
    lost = {f"{trial}.parquet": run_ids for trial, run_ids in done.groupby("trial_id")["run_id"]}
    return [lost_metrics(name, run_ids.tolist()) for name, run_ids in lost.items() if name not in named]


def _lost_subjects(study_dir: Path, runs: pd.DataFrame) -> list[Damage]:
    """Files of `subjects` that are missing beside others: every finished trial writes one, if only an empty one."""
    folder = study_dir / "subjects"
    if not folder.is_dir():
        return []
    names = [f"{trial}.parquet" for trial in sorted(set(runs.loc[runs["status"] == RunStatus.DONE, "trial_id"]))]
    written = [name for name in names if (study_dir / "metrics" / name).is_file()]
    return [lost_subjects(name) for name in written if not os.path.lexists(folder / name)]


def _lost_runs(study_dir: Path, runs: pd.DataFrame, metrics: pd.DataFrame, damaged: Iterable[Damage]) -> list[Damage]:
    """Files of `runs` that are missing while their `metrics` are there: they are written when a trial begins."""
    if metrics["run_id"].isin(runs["run_id"]).all():
        return []
    named = _names(damaged, "metrics")
    names = sorted(path.name for path in (study_dir / "metrics").glob("[!.]*.parquet"))
    return [lost_runs(name) for name in names if name not in named and not os.path.lexists(study_dir / "runs" / name)]


def _names(damaged: Iterable[Damage], table: str) -> set[str]:
    """The files of a table that are named already."""
    return {damage.name for damage in damaged if damage.folder == table}


def read_study(study_dir: Path) -> dict[str, Any]:
    """The content of `study.json`.

    Raises:
        UserError: it is missing or not valid JSON.
    """
    path = study_dir / "study.json"
    if path.exists() and not is_own_file(path, study_dir):
        raise UserError(
            f"study.json must be a plain file of its study, but {path} leads out of it; restore or remove it"
        )
    try:
        content: Any = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"a study is a folder with a study.json, but {study_dir} has none; restore it") from None
    except OSError as error:
        raise UserError(f"study.json must be readable, but {path} is not ({error.strerror}); mend that") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"study.json must be valid JSON, but {path} is not ({error}); restore or remove it") from None
    if not isinstance(content, dict):
        raise UserError(
            f"study.json must hold an object, but {path} holds {type(content).__name__}; restore or remove it"
        )
    return content


def read(study_dir: Path, table: str, trial_id: str) -> pd.DataFrame:
    """One trial's rows of one table.

    Raises:
        FileNotFoundError: the trial has not written this table.
        ValueError: the file is damaged or of another schema version.
    """
    frame: pd.DataFrame = read_file(study_dir, study_dir / table / f"{trial_id}.parquet", table).to_pandas()
    return frame

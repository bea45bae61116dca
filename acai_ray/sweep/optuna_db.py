"""`optuna.db`: the history of a search as SQLite, for optuna-dashboard; nothing of this program reads it."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

import optuna
from optuna.exceptions import OptunaError
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial
from sqlalchemy.exc import SQLAlchemyError

from acai_ray.common.errors import one_line
from acai_ray.common.files import replacing
from acai_ray.store import Results
from acai_ray.sweep.rungs import Rungs

NAME = "optuna.db"


def write_history(study: optuna.Study, results: Results, rungs: Rungs) -> None:
    """Replace the history as a whole; nothing is written where there was no search.

    Each trial has its metrics on validation poses, means over seeds, as user attributes; test people stay unseen. Its
    intermediate values are those of the rungs.

    Args:
        study: the search, in memory.
        results: the study's tables.
        rungs: what was measured of trials in training.

    Raises:
        WriteError: the file cannot be written.
    """
    if not study.trials:
        return
    with replacing(results.path / NAME, results.path) as temporary:
        temporary.unlink(missing_ok=True)
        try:
            with _storage(temporary) as storage:
                copy = optuna.create_study(study_name=results.path.name, storage=storage, directions=study.directions)
                copy.add_trials(_with_intermediate_values(study, rungs))
            _add_metrics(temporary, _validation_metrics(results))
        except (OptunaError, SQLAlchemyError, sqlite3.Error) as error:
            raise OSError(one_line(error)) from None


@contextmanager
def _storage(path: Path) -> Iterator[RDBStorage]:
    """A new database. In a URL of it, `?`, `#` and `%` of the path would have a meaning."""
    storage = RDBStorage("sqlite://", engine_kwargs={"creator": lambda: sqlite3.connect(path)})
    try:
        yield storage
    finally:
        storage.engine.dispose()


def _with_intermediate_values(study: optuna.Study, rungs: Rungs) -> list[FrozenTrial]:
    trials: list[FrozenTrial] = study.trials
    for trial in trials:
        trial.intermediate_values = rungs.intermediate(trial.user_attrs.get("trial_id", ""))
    return trials


def _add_metrics(path: Path, metrics: Mapping[str, Mapping[str, float]]) -> None:
    """Add each trial's metrics to its user attributes, all at once: Optuna itself takes milliseconds for each."""
    with closing(sqlite3.connect(path)) as database, database:
        known = database.execute("SELECT trial_id, value_json FROM trial_user_attributes WHERE key = 'trial_id'")
        rows = [
            (number, key, json.dumps(value))
            for number, name in known.fetchall()
            for key, value in metrics.get(json.loads(name), {}).items()
        ]
        database.executemany("INSERT INTO trial_user_attributes (trial_id, key, value_json) VALUES (?, ?, ?)", rows)


def _validation_metrics(results: Results) -> dict[str, dict[str, float]]:
    """By trial, the means over its seeds of every metric on validation poses."""
    summary = results.summary()
    names = [
        name
        for name in summary.columns
        if name not in results.runs.columns and not name.startswith(("train_", "test_"))
    ]
    means = summary.groupby("trial_id")[names].mean()
    return {str(trial_id): {str(k): v for k, v in row.dropna().items()} for trial_id, row in means.iterrows()}

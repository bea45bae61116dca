"""`optuna.db`: the history of a search as SQLite, for optuna-dashboard; no result of this program rests on it."""

import json
import sqlite3
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import optuna
import pandas as pd
from optuna.exceptions import ExperimentalWarning, OptunaError
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial
from sqlalchemy.exc import SQLAlchemyError

from acai_ray.common.errors import one_line
from acai_ray.common.files import replacing
from acai_ray.store import Results

NAME = "optuna.db"

Curve = Mapping[int, float]
"""By epoch the validation error in mm, a mean over the seeds."""

Times = tuple[str | None, str | None]
"""When a trial began and ended, as the file has it; none where that is not known, or not yet."""

FAILURES = (OptunaError, SQLAlchemyError, sqlite3.Error)
"""What writing the file may raise."""


def write_history(study: optuna.Study, results: Results, names: Sequence[str]) -> None:
    """Replace the history as a whole by what the tables say.

    Each trial has its metrics on validation poses, means over seeds, as user attributes; test people stay unseen. Its
    intermediate values are its validation error by epoch. The times at which trials began and ended, which no table
    has, are taken over from the file that is replaced.

    Args:
        study: the search, in memory.
        results: the study's tables.
        names: of the objectives, in their order.

    Raises:
        WriteError: the file cannot be written.
    """
    known, numbers = times_in(results.path / NAME), dict[str, int]()
    with replacing(results.path / NAME, results.path) as temporary:
        temporary.unlink(missing_ok=True)
        try:
            with storage_at(temporary) as storage:
                copy = optuna.create_study(study_name=results.path.name, storage=storage, directions=study.directions)
                with warnings.catch_warnings(action="ignore", category=ExperimentalWarning):
                    copy.set_metric_names(list(names))
                copy.add_trials(_bare(study.trials))
            with closing(sqlite3.connect(temporary)) as database, database:
                numbers = _numbers(database)
                add_attributes(database, numbers, _validation_metrics(results))
                for name, curve in curves(results).items():
                    if name in numbers:
                        add_curve(database, numbers[name], curve)
                _set_times(database, numbers, known, results)
        except FAILURES as error:
            raise OSError(one_line(error)) from None


def connected(path: Path) -> sqlite3.Connection:
    """A connection that leaves it to the system when to write to the disk.

    A process that is killed leaves a whole file all the same. One that a power failure damages is made anew.
    """
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    return connection


@contextmanager
def storage_at(path: Path) -> Iterator[RDBStorage]:
    """A database. In a URL of it, `?`, `#` and `%` of the path would have a meaning."""
    storage = RDBStorage("sqlite://", engine_kwargs={"creator": lambda: connected(path)})
    try:
        yield storage
    finally:
        storage.engine.dispose()


def _bare(trials: list[FrozenTrial]) -> list[FrozenTrial]:
    """Without the intermediate values that the sampler works with."""
    for trial in trials:
        trial.intermediate_values = {}
    return trials


def _numbers(database: sqlite3.Connection) -> dict[str, int]:
    """By the trial's name its key in the database."""
    rows = database.execute("SELECT trial_id, value_json FROM trial_user_attributes WHERE key = 'trial_id'")
    return {json.loads(name): number for number, name in rows.fetchall()}


def add_attributes(
    database: sqlite3.Connection, numbers: Mapping[str, int], values: Mapping[str, Mapping[str, float]]
) -> None:
    """Add to the trials' user attributes, all at once: Optuna itself takes milliseconds for each."""
    rows = [
        (numbers[name], key, json.dumps(value))
        for name in set(values) & set(numbers)
        for key, value in values[name].items()
    ]
    database.executemany(
        "INSERT OR REPLACE INTO trial_user_attributes (trial_id, key, value_json) VALUES (?, ?, ?)", rows
    )


def add_curve(database: sqlite3.Connection, number: int, curve: Curve) -> None:
    """Add to a trial's intermediate values; `Trial.report` refuses them where objectives are several."""
    database.executemany(
        "INSERT OR REPLACE INTO trial_intermediate_values "
        "(trial_id, step, intermediate_value, intermediate_value_type) VALUES (?, ?, ?, 'FINITE')",
        [(number, epoch, value) for epoch, value in curve.items()],
    )


def times_in(path: Path) -> dict[str, Times]:
    """By trial the times in a file; nothing where there is none, or where it cannot be read."""
    if not path.is_file():
        return {}
    try:
        with closing(sqlite3.connect(path)) as database:
            rows = database.execute(
                "SELECT value_json, datetime_start, datetime_complete FROM trials "
                "JOIN trial_user_attributes USING (trial_id) WHERE key = 'trial_id'"
            )
            return {json.loads(name): (begun, ended) for name, begun, ended in rows.fetchall()}
    except sqlite3.Error:
        return {}


def _set_times(
    database: sqlite3.Connection, numbers: Mapping[str, int], known: Mapping[str, Times], results: Results
) -> None:
    """Set when trials began and ended. What ended while no file was kept has the time of its table `runs`."""
    rows = []
    for name, number in numbers.items():
        begun, ended = known.get(name, (None, None))
        written = results.path / "runs" / f"{name}.parquet"
        at = str(datetime.fromtimestamp(written.stat().st_mtime)) if written.is_file() else None
        rows.append((begun or at, ended or at, number))
    database.executemany(
        "UPDATE trials SET datetime_start = coalesce(?, datetime_start), "
        "datetime_complete = CASE WHEN datetime_complete IS NULL THEN NULL ELSE coalesce(?, datetime_complete) END "
        "WHERE trial_id = ?",
        rows,
    )


def curves(results: Results) -> dict[str, Curve]:
    """By trial its validation error by epoch, a mean over the seeds that go on."""
    names = results.runs.set_index("run_id")["trial_id"]
    if results.history.empty or "valid_mpjpe_mm" not in results.history:
        return {}
    rows = results.history.assign(trial_id=results.history["run_id"].map(names)).dropna(subset=["valid_mpjpe_mm"])
    means: pd.Series = rows.groupby(["trial_id", "epoch"])["valid_mpjpe_mm"].mean()
    found: dict[str, Curve] = {}
    for trial_id, of_trial in means.reset_index().groupby("trial_id"):
        found[str(trial_id)] = dict(zip(of_trial["epoch"].tolist(), of_trial["valid_mpjpe_mm"].tolist(), strict=True))
    return found


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

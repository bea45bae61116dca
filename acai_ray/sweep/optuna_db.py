"""`optuna.db`: the history of a search as SQLite, for optuna-dashboard; nothing of this program reads it."""

import optuna
from optuna.exceptions import OptunaError
from sqlalchemy.exc import SQLAlchemyError

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
    metrics = _validation_metrics(results)
    with replacing(results.path / NAME) as temporary:
        temporary.unlink(missing_ok=True)
        try:
            copy = optuna.create_study(
                study_name=results.path.name, storage=f"sqlite:///{temporary}", directions=study.directions
            )
            for trial in study.trials:
                name = trial.user_attrs.get("trial_id", "")
                trial.user_attrs |= metrics.get(name, {})
                trial.intermediate_values = rungs.intermediate(name)
                copy.add_trial(trial)
        except (OptunaError, SQLAlchemyError) as error:
            raise OSError(str(error).splitlines()[0]) from None


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

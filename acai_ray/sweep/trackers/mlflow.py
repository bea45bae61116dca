"""MLflow through Ray Tune's own callback: a study is an experiment, a seed a run."""

import logging
import os
import time
from pathlib import Path

from ray.air.integrations.mlflow import MLflowLoggerCallback

from acai_ray.sweep.trackers.seed_run import SeedRun, Values

STUDY, RUN = "acai_ray.study", "trial_name"
"""The tags by which a later session finds its runs: the study's id, and the run's name, which Ray's callback sets."""

PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_TIMEOUT": "20"}
"""A server that is gone is given up after a minute, and not after many; what the user has set stays."""


class MLflow:
    """Tells the server of `MLFLOW_TRACKING_URI`, else writes `mlflow.db` beside the studies."""

    name = "mlflow"

    def __init__(self, study_dir: Path, study_id: str) -> None:
        """Connect, and find the runs of earlier sessions.

        Args:
            study_dir: the study's folder; the experiment bears its name.
            study_id: tells it from other studies of this name.
        """
        os.environ.update({name: os.environ.get(name, value) for name, value in PATIENCE.items()})
        logging.getLogger("mlflow").setLevel(logging.WARNING)
        uri = os.environ.get("MLFLOW_TRACKING_URI") or _database(study_dir.parent.resolve() / "mlflow.db")
        self._callback = MLflowLoggerCallback(tracking_uri=uri, experiment_name=study_dir.name, tags={STUDY: study_id})
        self._callback.setup()
        self._client = self._callback.mlflow_util._get_client()
        self._known = self._runs_of(study_id)

    def _runs_of(self, study_id: str) -> dict[str, str]:
        """By the run's name MLflow's own id."""
        known, token = dict[str, str](), None
        while token != "":
            found = self._client.search_runs(
                [self._callback.mlflow_util.experiment_id], f"tags.`{STUDY}` = '{study_id}'", page_token=token
            )
            known |= {run.data.tags[RUN]: run.info.run_id for run in found}
            token = found.token or ""
        return known

    def begin(self, run: SeedRun) -> int:
        """Begin a run, or go on with it; returns the last epoch that MLflow has."""
        if run.trial_id not in self._known:
            self._callback.log_trial_start(run)
            return 0
        run_id = self._callback._trial_runs[run] = self._known[run.trial_id]
        self._client.update_run(run_id, status="RUNNING")
        losses = self._client.get_metric_history(run_id, "loss_rec")
        return max((loss.step for loss in losses), default=0)

    def log(self, run: SeedRun, step: int, values: Values) -> None:
        """Take numbers of an epoch, all at once: Ray's callback asks the server twice for each number."""
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        metrics = [Metric(name, value, now, step) for name, value in values.items()]
        self._client.log_batch(self._callback._trial_runs[run], metrics=metrics)

    def end(self, run: SeedRun, failed: bool) -> None:
        """End a run as finished or failed."""
        self._callback.log_trial_end(run, failed)

    def close(self) -> None:
        """Nothing is open: each number is sent at once."""


def _database(path: Path) -> str:
    """The URI of a file; in one of these signs would have a meaning, and MLflow would write elsewhere."""
    if any(sign in str(path) for sign in "?#%"):
        raise ValueError(f"it cannot write {path}, whose name has one of ?, # and %: set MLFLOW_TRACKING_URI")
    return f"sqlite:///{path}"

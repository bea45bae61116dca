"""Weights & Biases through its own client: a study is a group of the project `acai-ray`, a seed a run.

Ray Tune's callback would start two processes for each seed and would not say that one of them has failed.
"""

import os
from pathlib import Path
from typing import Any

from acai_ray.sweep.trackers.seed_run import SeedRun, Values


class WandB:
    """Sends to the server, or with `WANDB_MODE=offline` writes `<study>/wandb/`, which `wandb sync` sends later.

    A run that goes on has the id of the earlier session; the server leaves out the epochs that it has.
    """

    name = "wandb"

    def __init__(self, study_dir: Path, study_id: str) -> None:
        """Args: the study's folder, whose name is the group's, and its id.

        Raises:
            ValueError: no account is known and the mode is not offline.
        """
        import wandb

        offline = os.environ.get("WANDB_MODE") in ("offline", "disabled", "dryrun")
        if not offline and not wandb.api.api_key:
            raise ValueError("no account is known: `wandb login`, or set WANDB_API_KEY or WANDB_MODE=offline")
        self._wandb, self._study_dir, self._study_id = wandb, study_dir, study_id
        self._runs: dict[SeedRun, Any] = {}

    def begin(self, run: SeedRun) -> int:
        """Begin a run, or go on with it; returns 0."""
        self._runs[run] = self._wandb.init(
            project=os.environ.get("WANDB_PROJECT") or "acai-ray",
            group=self._study_dir.name,
            id=f"{self._study_id}-{run.trial_id}",
            name=run.trial_id,
            config=dict(run.config),
            dir=str(self._study_dir.resolve()),
            resume="allow",
            reinit="create_new",
            settings=self._wandb.Settings(silent=True, console="off", disable_git=True, x_disable_stats=True),
        )
        return 0

    def log(self, run: SeedRun, step: int, values: Values) -> None:
        """Take numbers of an epoch; the last ones become the run's summary."""
        self._runs[run].log(dict(values), step=step)

    def end(self, run: SeedRun, failed: bool) -> None:
        """End a run as finished or failed."""
        self._runs.pop(run).finish(exit_code=int(failed))

    def close(self) -> None:
        """End the runs of this session; a later one goes on with those that are not done."""
        for run in list(self._runs):
            self.end(run, failed=False)

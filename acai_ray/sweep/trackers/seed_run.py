"""One seed's run as a tracker sees it: its settings, and what it has measured."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from acai_ray.common.frames import Row
from acai_ray.store.schema import metric_name
from acai_ray.trials.trial import Trial

Values = Mapping[str, float]


@dataclass(frozen=True)
class SeedRun:
    """A run of one seed in place of Tune's trial, in which several seeds train together.

    Ray Tune's logger callbacks know a trial by these attributes, so each of them can be told of a seed as of a trial.

    Attributes:
        trial_id: the `run_id`.
        config: the settings, flat, without those that are not given.
        local_path: a folder for a tracker that writes files.
    """

    trial_id: str
    config: Mapping[str, Any] = field(compare=False)
    local_path: str = field(compare=False)

    @property
    def evaluated_params(self) -> Mapping[str, Any]:
        """What a callback takes for the hyperparameters."""
        return self.config

    def init_local_path(self) -> None:
        """Make the folder."""
        Path(self.local_path).mkdir(parents=True, exist_ok=True)

    def __str__(self) -> str:
        return self.trial_id


def runs_of(trial: Trial, folder: Path) -> list[SeedRun]:
    """The runs of a trial, one a seed.

    Args:
        trial: settings and seeds.
        folder: below it each run gets a folder of its own.
    """
    about = {"trial_id": trial.trial_id, "arm": trial.arm, "phase": str(trial.phase), "control": trial.control}
    settings = {**about, "pick": trial.pick, "fold": trial.fold, **trial.config.model_dump()}
    settings = {**settings, **{f"options.{name}": value for name, value in dict(trial.config.options).items()}}
    del settings["options"]
    given = {name: value for name, value in settings.items() if value not in (None, "")}
    return [
        SeedRun(trial.run_id(seed), {**given, "seed": seed}, str((folder / trial.run_id(seed)).resolve()))
        for seed in trial.seeds
    ]


def by_epoch(history: Sequence[Row], run_id: str) -> dict[int, Values]:
    """A run's rows of the table `history`: by epoch its losses, errors and times."""
    return {row["epoch"]: _finite(row) for row in history if row["run_id"] == run_id}


def measured(metrics: Sequence[Row], run_id: str) -> Values:
    """A run's rows of the table `metrics` under their names in `summary()`; the largest reference set counts."""
    own = sorted((row for row in metrics if row["run_id"] == run_id), key=lambda row: row.get("n_reference") or 0)
    keys = ("split", "sampler", "metric", "distance", "statistic", "unit")
    return _finite({metric_name(*(row[key] for key in keys)): row["value"] for row in own})


def _finite(values: Mapping[str, Any]) -> Values:
    numbers = {name: value for name, value in values.items() if isinstance(value, int | float) and name != "epoch"}
    return {name: float(value) for name, value in numbers.items() if math.isfinite(value)}

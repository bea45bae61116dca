"""One trial: settings and seeds, trained and measured together, and its names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from acai_ray.common.trial_config import TrialConfig

CHAOS, SHRUNK = "chaos", "shrunk"
"""The controls that are trained: a twin of vanilla with a breath of λ, and vanilla with its poses shrunk."""


@dataclass(frozen=True)
class Trial:
    """One trial: settings and seeds, trained together."""

    trial_id: str
    phase: str
    config: TrialConfig
    seeds: tuple[int, ...]
    control: str = ""

    @property
    def number(self) -> int:
        """The number within the phase, from 0."""
        return int(self.trial_id[1:])

    @classmethod
    def of_config(cls, config: Mapping[str, Any]) -> Self:
        """From the plain form of `as_config`."""
        settings = TrialConfig.model_validate(config["trial"])
        return cls(config["trial_id"], config["phase"], settings, tuple(config["seeds"]), config["control"])

    def as_config(self) -> dict[str, Any]:
        """A plain form that travels through Tune."""
        return {
            "trial_id": self.trial_id,
            "phase": self.phase,
            "control": self.control,
            "seeds": list(self.seeds),
            "trial": self.config.model_dump(),
        }

    def run_id(self, seed: int) -> str:
        """The name of one seed's run."""
        if not self.control:
            return f"{self.trial_id}-{seed}"
        name = f"control-{self.control}-{self.config.latent_dim}"
        return f"{name}-{seed}" if len(self.seeds) > 1 else name

    @property
    def arm(self) -> str:
        """`vanilla`, `acai` or `control`."""
        return "control" if self.control else self.config.arm

    @property
    def trained(self) -> bool:
        """Whether it is trained before it is measured."""
        return self.control in ("", CHAOS, SHRUNK)

    @property
    def member_epochs(self) -> int:
        """Its size: members times epochs."""
        return len(self.seeds) * self.config.epochs if self.trained else 0


def from_runs(runs: pd.DataFrame) -> Iterable[Trial]:
    """The trials that a `runs` table names, read back exactly."""
    settings = [name for name in TrialConfig.model_fields if name != "epochs"]
    for trial_id, rows in runs.groupby("trial_id", sort=True):
        first = rows.iloc[0]
        values = {name: None if pd.isna(first[name]) else _plain(first[name]) for name in settings}
        yield Trial(
            trial_id=str(trial_id),
            phase=str(first["phase"]),
            config=TrialConfig.model_validate({**values, "epochs": int(first["epochs_planned"])}),
            seeds=tuple(int(seed) for seed in rows["seed"]),
            control=str(first["control"]),
        )


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value

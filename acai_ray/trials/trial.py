"""One trial: settings and seeds, trained and measured together, and its names."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import pandas as pd

from acai_ray.common.errors import UserError
from acai_ray.common.trial_config import TrialConfig
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.confirmation import named
from acai_ray.protocol.controls import BY_KIND
from acai_ray.protocol.phases import Phase

CHAOS, SHRUNK = BY_KIND["chaos"].kind, BY_KIND["shrunk"].kind
"""The controls that are trained: vanilla with a very small λ, and vanilla with its poses shrunk afterwards."""


@dataclass(frozen=True)
class Trial:
    """One trial: settings and seeds, trained together.

    Attributes:
        trial_id: its name, as `trial_name` makes it.
        phase: what it is run for.
        config: its settings.
        seeds: one a member.
        control: the kind of a control, see `protocol.controls`; empty for any other trial.
        fold: the number of the fold whose people are tested and not trained on; none for the people of the split.
        pick: of a confirmation, why its settings were picked: `protocol.confirmation.joined` names; else empty.
    """

    trial_id: str
    phase: Phase
    config: TrialConfig
    seeds: tuple[int, ...]
    control: str = ""
    fold: int | None = None
    pick: str = ""

    @property
    def number(self) -> int:
        """The number within the phase, from 0."""
        return int(self.trial_id[1:])

    @classmethod
    def of_config(cls, config: Mapping[str, Any]) -> Self:
        """From the plain form of `as_config`."""
        settings = TrialConfig.model_validate(config["trial"])
        seeds, control, fold = tuple(config["seeds"]), config["control"], config["fold"]
        return cls(config["trial_id"], Phase(config["phase"]), settings, seeds, control, fold, config["pick"])

    def as_config(self) -> dict[str, Any]:
        """A form of plain text and numbers that travels through Tune."""
        return {
            "trial_id": self.trial_id,
            "phase": str(self.phase),
            "control": self.control,
            "pick": self.pick,
            "seeds": list(self.seeds),
            "fold": self.fold,
            "trial": self.config.model_dump(),
        }

    def run_id(self, seed: int) -> str:
        """The name of one seed's run."""
        if not self.control:
            return f"{self.trial_id}-{seed}"
        parts = ["control", self.control, f"{self.config.latent_dim}"]
        if BY_KIND[self.control].each_codes and self.config.codes == "flat":
            parts.append(self.config.codes)
        if self.fold is not None:
            parts.append(f"fold{self.fold}")
        return "-".join([*parts, f"{seed}"] if len(self.seeds) > 1 else parts)

    @property
    def arm(self) -> str:
        """On which side of a comparison its runs are: vanilla, control, or the name of its regularizer."""
        return str(Arm.CONTROL) if self.control else arm_of(self.config)

    @property
    def regularized(self) -> bool:
        """Whether it is compared with a vanilla twin."""
        return not self.control and self.config.lam > 0

    @property
    def trained(self) -> bool:
        """Whether it is trained before it is measured."""
        return not self.control or BY_KIND[self.control].trained

    @property
    def may_be_stopped(self) -> bool:
        """Whether a rung may end it: a trial of a search, but no vanilla one, which others are compared with."""
        return self.phase == Phase.SEARCH and self.regularized

    @property
    def member_epochs(self) -> int:
        """Its size: members times epochs."""
        return len(self.seeds) * self.config.epochs if self.trained else 0


def arm_of(config: TrialConfig) -> str:
    """The arm of a trial with these settings, if it is no control: vanilla where λ is 0, else its regularizer."""
    return config.regularizer if config.lam > 0 else str(Arm.VANILLA)


def trial_name(phase: Phase, number: int) -> str:
    """The name of a phase's trial with this number, from 0: `s00012`."""
    return f"{phase.prefix}{number:05d}"


def from_runs(runs: pd.DataFrame) -> Iterator[Trial]:
    """The trials that a `runs` table names, read back exactly.

    Raises:
        UserError: this program knows no such phase, control or pick.
    """
    settings = [name for name in TrialConfig.model_fields if name != "epochs"]
    for trial_id, rows in runs.groupby("trial_id", sort=True):
        first = rows.iloc[0]
        _refuse_unknown(str(trial_id), "phase", str(first["phase"]), list(Phase))
        _refuse_unknown(str(trial_id), "control", str(first["control"]), ["", *BY_KIND])
        _refuse_unknown_pick(str(trial_id), str(first["pick"]))
        values = {name: None if pd.isna(first[name]) else _plain(first[name]) for name in settings}
        values["options"] = json.loads(first["options"])
        yield Trial(
            trial_id=str(trial_id),
            phase=Phase(first["phase"]),
            config=TrialConfig.model_validate({**values, "epochs": int(first["epochs_planned"])}),
            seeds=tuple(int(seed) for seed in rows["seed"]),
            control=str(first["control"]),
            fold=None if pd.isna(first["fold"]) else int(first["fold"]),
            pick=str(first["pick"]),
        )


def _refuse_unknown(trial_id: str, column: str, value: str, known: list[str]) -> None:
    if value not in known:
        raise UserError(
            f"the {column} of a trial must be one this program knows, but {trial_id} has {value!r}; "
            "use the version of the program that wrote it"
        )


def _refuse_unknown_pick(trial_id: str, value: str) -> None:
    try:
        named(value)
    except ValueError:
        _refuse_unknown(trial_id, "pick", value, [])


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value

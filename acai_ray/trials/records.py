"""Table rows of a trial, and the writing of a trial into the store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import acai_ray
from acai_ray import store
from acai_ray.models.pose_model import save_model
from acai_ray.training.checkpoint import Place
from acai_ray.trials.trial import Trial

Row = dict[str, Any]


@dataclass(frozen=True)
class Where:
    """What a trial ran on."""

    device: str = ""
    node: str = ""
    threads: int = 0
    mode: str = ""


@dataclass(frozen=True)
class MemberEnd:
    """How one member ended."""

    status: str
    reason: str = ""
    epochs: int = 0


@dataclass(frozen=True)
class TrialEnd:
    """How a trial ended: one entry a member, and the rows its evaluation gave (with `run_id`)."""

    members: Sequence[MemberEnd]
    wall_s: float = 0.0
    where: Where = field(default_factory=Where)
    tables: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    @property
    def whole(self) -> bool:
        """Whether every member was trained and measured."""
        return all(member.status == "done" for member in self.members)

    @classmethod
    def failed(cls, trial: Trial, reason: str, epochs: int = 0) -> "TrialEnd":
        """A trial that raised."""
        return cls([MemberEnd("failed", reason, epochs)] * len(trial.seeds))


@dataclass(frozen=True)
class Recorder:
    """Writes the trials of one study; `place` is where their checkpoints are."""

    study_dir: Path
    fingerprint: str
    place: Place

    @property
    def _footer(self) -> dict[str, str]:
        return {"code_version": acai_ray.__version__, "data_fingerprint": self.fingerprint}

    def created(self, trial: Trial) -> None:
        """Write the trial's `runs` rows with status running and all its parameters."""
        ends = [MemberEnd("running")] * len(trial.seeds)
        self._write("runs", trial, run_rows(trial, TrialEnd(ends)))

    def progressed(self, trial: Trial, history: Sequence[Row]) -> None:
        """Replace the trial's `history`."""
        self._write("history", trial, history)

    def ended(self, trial: Trial, end: TrialEnd, *, keep_checkpoints: bool = False) -> None:
        """Write everything a trial gave: tables, weights, and `runs` last, as the commit; then drop its checkpoints."""
        for table, rows in end.tables.items():
            self._write(table, trial, rows)
        self._write_models(trial, end)
        self._write("runs", trial, run_rows(trial, end))
        if not keep_checkpoints:
            self.place.remove(trial.trial_id)

    def _write(self, table: str, trial: Trial, rows: Sequence[Row]) -> None:
        store.write(self.study_dir, table, trial.trial_id, rows, **self._footer)

    def _write_models(self, trial: Trial, end: TrialEnd) -> None:
        if not trial.trained:
            return
        state = self.place.newest(trial.trial_id) if any(member.epochs for member in end.members) else None
        if state is None:
            if any(member.status == "done" for member in end.members):
                raise OSError(f"the last checkpoint of {trial.trial_id} cannot be read, so its model cannot be kept")
            return
        for member, seed in enumerate(trial.seeds):
            weights = {
                "last": {name: value[member] for name, value in state.networks.state_dict().items()},
                "best": {name: value[member] for name, value in state.best.items()},
            }
            run_id = trial.run_id(seed)
            about = {"run_id": run_id, "seed": seed, "status": end.members[member].status, **self._footer}
            save_model(self.study_dir / "models" / run_id, trial.config, weights, **about)


def run_rows(trial: Trial, end: TrialEnd) -> list[Row]:
    """The trial's rows of `runs`."""
    settings = trial.config.model_dump()
    settings["epochs_planned"] = settings.pop("epochs")
    return [
        {
            "run_id": trial.run_id(seed),
            "trial_id": trial.trial_id,
            "seed": seed,
            "arm": trial.arm,
            "phase": trial.phase,
            "control": trial.control,
            **settings,
            "status": member.status,
            "reason": member.reason,
            "epochs": member.epochs,
            "steps": member.epochs * trial.config.steps_per_epoch,
            "wall_s": end.wall_s,
            "device": end.where.device,
            "node": end.where.node,
            "threads": end.where.threads,
            "mode": end.where.mode,
        }
        for seed, member in zip(trial.seeds, end.members, strict=True)
    ]

"""Writing a trial into the store: its tables, its models, and last its `runs` rows."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import acai_ray
from acai_ray import store
from acai_ray.common.frames import Row
from acai_ray.models.pose_model import save_model
from acai_ray.protocol.statuses import RunStatus
from acai_ray.store.folders import refuse_gone
from acai_ray.training.checkpoint import Place
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import MemberEnd, TrialEnd


@dataclass(frozen=True)
class TrialWriter:
    """Writes the trials of one study.

    Attributes:
        study_dir: the study's folder, locked by the caller.
        fingerprint: of the study's data; it stands in every file.
        place: where the trials' checkpoints are.
    """

    study_dir: Path
    fingerprint: str
    place: Place

    @property
    def _footer(self) -> dict[str, str]:
        return {"code_version": acai_ray.__version__, "data_fingerprint": self.fingerprint}

    def write_begin(self, trial: Trial) -> None:
        """Write the trial's `runs` rows with status `running` and all its settings."""
        ends = [MemberEnd(RunStatus.RUNNING)] * len(trial.seeds)
        self._write("runs", trial, run_rows(trial, TrialEnd(ends)))

    def write_history(self, trial: Trial, history: Sequence[Row]) -> None:
        """Replace the trial's `history`."""
        self._write("history", trial, history)

    def write_end(self, trial: Trial, end: TrialEnd, *, keep_checkpoints: bool = False) -> None:
        """Write everything a trial gave, then drop its checkpoints.

        `runs` comes last and is the commit: a trial killed before that still stands there as running and goes on.
        """
        for table, rows in end.tables.items():
            self._write(table, trial, rows)
        refuse_gone(self.study_dir)
        hashes = self._write_models(trial, end)
        self._write("runs", trial, run_rows(trial, end, hashes))
        if not keep_checkpoints:
            self.place.remove(trial.trial_id)

    def _write(self, table: str, trial: Trial, rows: Sequence[Row]) -> None:
        refuse_gone(self.study_dir)
        store.write(self.study_dir, table, trial.trial_id, rows, **self._footer)

    def _write_models(self, trial: Trial, end: TrialEnd) -> dict[int, str]:
        """Save each member's last and best weights, which only the trial's newest checkpoint holds.

        Returns:
            By seed, the hash of the file with its last weights.
        """
        if not trial.trained:
            return {}
        trained = any(member.epochs for member in end.members)
        weights = self.place.newest_weights(trial.trial_id) if trained else None
        if weights is None:
            if any(member.status == RunStatus.DONE for member in end.members):
                raise OSError(f"the last checkpoint of {trial.trial_id} cannot be read, so its model cannot be kept")
            return {}
        hashes = {}
        for member, seed in enumerate(trial.seeds):
            own = {kind: {name: value[member] for name, value in pack.items()} for kind, pack in weights.items()}
            run_id = trial.run_id(seed)
            about = {"run_id": run_id, "seed": seed, "status": str(end.members[member].status), **self._footer}
            folder = self.study_dir / "models" / run_id
            save_model(folder, trial.config, own, **about)
            hashes[seed] = sha256((folder / "last.safetensors").read_bytes()).hexdigest()
        return hashes


def run_rows(trial: Trial, end: TrialEnd, hashes: Mapping[int, str] = MappingProxyType({})) -> list[Row]:
    """The trial's rows of `runs`; `hashes` are those of its models, by seed."""
    settings = trial.config.model_dump()
    settings["epochs_planned"] = settings.pop("epochs")
    settings["options"] = json.dumps(settings["options"])
    return [
        {
            "run_id": trial.run_id(seed),
            "trial_id": trial.trial_id,
            "seed": seed,
            "arm": str(trial.arm),
            "phase": str(trial.phase),
            "control": trial.control,
            "fold": trial.fold,
            "pick": trial.pick,
            **settings,
            "status": str(member.status),
            "reason": member.reason,
            "epochs": member.epochs,
            "steps": member.epochs * trial.config.steps_per_epoch,
            "wall_s": end.wall_s,
            "device": end.where.device,
            "node": end.where.node,
            "threads": end.where.threads,
            "mode": end.where.mode,
            "model_sha256": hashes.get(seed, ""),
        }
        for seed, member in zip(trial.seeds, end.members, strict=True)
    ]

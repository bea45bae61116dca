"""Keeps `optuna.db` up to date during a session, trial by trial and epoch by epoch."""

import math
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from pathlib import Path

import optuna
from optuna.trial import FrozenTrial, TrialState

from acai_ray.common.errors import one_line
from acai_ray.common.frames import Row
from acai_ray.sweep.optuna_db import FAILURES, NAME, add_curve, connected, storage_at


class LiveHistory:
    """The history of a running search. Each trial costs the same, however many there are.

    The tables are the truth and the file is made anew from them when a session begins and ends, so what it cannot take
    in between is told once and stops nothing. Every change is a transaction of SQLite, so a kill leaves a whole file.
    """

    def __init__(self, study_dir: Path, study: optuna.Study, tell: Callable[[str], None]) -> None:
        """Go on with the file of this search, which `write_history` has just made.

        Args:
            study_dir: the study's folder.
            study: the search, in memory.
            tell: shows the user a sentence.
        """
        self._path, self._study, self._tell = study_dir / NAME, study, tell
        self._numbers: dict[str, int] = {}
        self._epochs: dict[str, int] = {}
        self._open: list[int] = []
        self._known = 0
        self._broken = False
        self._resources = ExitStack()
        self._try(self._begin)

    def close(self) -> None:
        """Let go of the file."""
        self._broken = True
        self._resources.close()

    def catch_up(self) -> None:
        """Write which trials have begun and ended since the last call."""
        self._try(self._catch_up)

    def add_epochs(self, trial_id: str, history: Sequence[Row]) -> None:
        """Write the validation errors of a trial of the search that the file does not have yet.

        Args:
            trial_id: its name.
            history: all its rows of the table so far.
        """
        if trial_id.startswith("s"):
            self._try(lambda: self._add_epochs(trial_id, history))

    def _try(self, write: Callable[[], None]) -> None:
        if self._broken:
            return
        try:
            write()
        except (*FAILURES, OSError) as error:
            self._tell(
                f"note: {self._path} is not kept up to date any more ({one_line(error)}); the study goes on, and the "
                "file is made anew at its end"
            )
            self.close()

    def _begin(self) -> None:
        self._storage = self._resources.enter_context(storage_at(self._path))
        self._database = self._resources.enter_context(closing(connected(self._path)))
        (self._study_id,) = (study._study_id for study in self._storage.get_all_studies())
        trials = self._study.get_trials(deepcopy=False)
        rows = self._database.execute("SELECT number, trial_id FROM trials").fetchall()
        keys = dict(rows)
        self._numbers = {trial.user_attrs["trial_id"]: keys[trial.number] for trial in trials}
        self._open = [trial.number for trial in trials if not trial.state.is_finished()]
        self._known = len(trials)

    def _catch_up(self) -> None:
        trials = self._study.get_trials(deepcopy=False)
        for trial in trials[self._known :]:
            self._create(trial)
        self._known = len(trials)
        for number in [number for number in self._open if trials[number].state.is_finished()]:
            self._end(trials[number])
            self._open.remove(number)

    def _create(self, trial: FrozenTrial) -> None:
        template = optuna.trial.create_trial(
            state=TrialState.RUNNING,
            params=trial.params,
            distributions=trial.distributions,
            user_attrs=trial.user_attrs,
        )
        number = self._storage.create_new_trial(self._study_id, template_trial=template)
        self._numbers[trial.user_attrs["trial_id"]] = number
        self._open.append(trial.number)

    def _end(self, trial: FrozenTrial) -> None:
        number = self._numbers[trial.user_attrs["trial_id"]]
        self._storage.set_trial_state_values(number, trial.state, trial.values)

    def _add_epochs(self, trial_id: str, history: Sequence[Row]) -> None:
        self._catch_up()
        known, errors = self._epochs.get(trial_id, 0), dict[int, list[float]]()
        for row in history:
            if row["epoch"] > known and math.isfinite(row.get("valid_mpjpe_mm", math.nan)):
                errors.setdefault(row["epoch"], []).append(row["valid_mpjpe_mm"])
        with self._database:
            curve = {epoch: sum(values) / len(values) for epoch, values in errors.items()}
            add_curve(self._database, self._numbers[trial_id], curve)
        self._epochs[trial_id] = max(errors, default=known)

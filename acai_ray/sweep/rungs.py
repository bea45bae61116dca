"""The rungs of a search: after some epochs a trial is compared with those that reached them before it, and may stop."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import pandas as pd

from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.ranking import Values, share_ahead
from acai_ray.sweep.stop import Stop
from acai_ray.trials.rung_measurement import column_of
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import TrialEnd

SHARE = "rung_share"
"""The column of `history` with the share of the trials compared at a rung that were ahead: the decision is in it."""


class Place(NamedTuple):
    """What a rung measured of a trial, and what it decided: the share of the trials compared that were ahead."""

    measured: Values
    share: float


Group = tuple[str, int, int]
"""Trials that are compared: regularizer, latent size and the epoch of the rung."""


@dataclass
class Rungs:
    """What the rungs of a search measured and decided.

    A decision is taken once and stands. It rests on the trials that reached the rung before, so where trials run side
    by side it depends on which came first; one after another they are always decided alike.

    Attributes:
        stop: the epochs, and the share that goes on; none where no trial is stopped.
        objectives: what is compared, each `min` or `max`.
        stopped: the trials that were stopped.
    """

    stop: Stop | None
    objectives: Mapping[str, str]
    stopped: set[str] = field(default_factory=set, init=False)
    _places: dict[str, dict[int, Place]] = field(default_factory=dict, init=False, repr=False)
    _compared: dict[Group, list[Values]] = field(default_factory=dict, init=False, repr=False)

    def restore(self, trials: Iterable[Trial], runs: pd.DataFrame, history: pd.DataFrame) -> None:
        """Take over what earlier sessions decided.

        Args:
            trials: those that were begun.
            runs: their table.
            history: theirs, with the columns of the rungs, if there were any.
        """
        self.stopped |= set(runs.loc[runs["status"] == RunStatus.STOPPED, "trial_id"])
        if SHARE not in history:
            return
        decided: dict[str, list[Row]] = {}
        for row in rows_of(history.dropna(subset=[SHARE])):
            decided.setdefault(str(row["run_id"]), []).append(row)
        for trial in trials:
            rows = [row for seed in trial.seeds for row in decided.get(trial.run_id(seed), [])]
            for epoch, share in {row["epoch"]: row[SHARE] for row in rows}.items():
                self._note(trial, epoch, Place(self._values(trial, epoch, rows), share))

    def goes_on(self, trial: Trial, epoch: int, history: Sequence[Row]) -> bool:
        """Whether a trial goes on; if not, it is among the `stopped` from now on.

        Args:
            trial: one that may be stopped.
            epoch: that of a rung, just trained.
            history: the trial's rows of the table, with what the rung measured.
        """
        assert self.stop is not None
        if epoch not in self._places.get(trial.trial_id, {}):
            values = self._values(trial, epoch, history)
            share = share_ahead(values, self._compared.get(_group(trial, epoch), []), self.objectives)
            self._note(trial, epoch, Place(values, share))
        if self._places[trial.trial_id][epoch].share < self.stop.keep:
            return True
        self.stopped.add(trial.trial_id)
        return False

    def _note(self, trial: Trial, epoch: int, place: Place) -> None:
        self._places.setdefault(trial.trial_id, {})[epoch] = place
        self._compared.setdefault(_group(trial, epoch), []).append(place.measured)

    def _values(self, trial: Trial, epoch: int, history: Sequence[Row]) -> Values:
        """Means over the seeds of what a rung measured; nothing where a seed has diverged."""
        rows = [row for row in history if row["epoch"] == epoch]
        if len(rows) < len(trial.seeds):
            return {}
        return {name: sum(row.get(column_of(name), math.nan) for row in rows) / len(rows) for name in self.objectives}

    def with_shares(self, trial: Trial, history: Sequence[Row]) -> list[Row]:
        """The rows of a trial's history, with the place at each rung."""
        places = self._places.get(trial.trial_id, {})
        return [{**row, SHARE: places[row["epoch"]].share} if row["epoch"] in places else row for row in history]

    def whole_end(self, trial: Trial, end: TrialEnd) -> TrialEnd:
        """The end of a trial that no rung stopped, with its places in its history."""
        if "history" not in end.tables:
            return end
        return replace(end, tables={**end.tables, "history": self.with_shares(trial, end.tables["history"])})

    def stopped_end(self, trial: Trial, if_stopped: TrialEnd) -> TrialEnd:
        """How a stopped trial ends, with the reason; members that had diverged keep their own."""
        reason = self._reason(trial)
        members = [
            replace(member, reason=reason) if member.status == RunStatus.STOPPED else member
            for member in if_stopped.members
        ]
        return replace(if_stopped, members=members)

    def _reason(self, trial: Trial) -> str:
        assert self.stop is not None
        epoch, place = max(self._places[trial.trial_id].items())
        lacking = "" if place.measured else "a seed diverged, so "
        return (
            f"{lacking}{place.share:.0%} of the trials compared at the rung of epoch {epoch} were ahead of it, "
            f"and keep is {self.stop.keep:g}"
        )

    def intermediate(self, trial_id: str) -> dict[int, float]:
        """What Optuna is told of a trial by epoch: the objective, or of several the share of trials that were ahead."""
        places = self._places.get(trial_id, {})
        if len(self.objectives) > 1:
            return {epoch: place.share for epoch, place in places.items()}
        (name,) = self.objectives
        values = {epoch: place.measured.get(name, math.nan) for epoch, place in places.items()}
        return {epoch: value for epoch, value in values.items() if math.isfinite(value)}


def _group(trial: Trial, epoch: int) -> Group:
    return trial.config.regularizer, trial.config.latent_dim, epoch

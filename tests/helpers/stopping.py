"""A search with rungs without Ray: made-up trials told as Tune would tell them, killed after any of its steps."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import SimpleNamespace
from typing import Any, Self

import pandas as pd
from ray.tune.schedulers import TrialScheduler
from ray.tune.search import Searcher

from acai_ray.protocol.statuses import RunStatus
from acai_ray.sweep.planner import Objectives, Planner
from acai_ray.sweep.reports import Report, pack
from acai_ray.sweep.rung_scheduler import RungScheduler
from acai_ray.sweep.rungs import Rungs
from acai_ray.sweep.space import Space
from acai_ray.trials.rung_measurement import column_of
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import MemberEnd, TrialEnd
from tests.helpers.planning import finished, measured, planner

AtRung = Callable[[Trial, int], Mapping[str, float]]
"""The objectives that a rung measures of a trial after an epoch."""


def nearly(trial: Trial, epoch: int) -> Objectives:
    """What a trial will have in the end, and less and less beside it."""
    return {name: value * (1 + trial.number % 3 / (50 * epoch)) for name, value in measured(trial).items()}


def rows_of(trial: Trial, epochs: int, rungs: tuple[int, ...], at_rung: AtRung = nearly) -> list[dict[str, Any]]:
    """The history of a trial so far."""
    rows = []
    for seed in trial.seeds:
        for epoch in range(1, epochs + 1):
            row: dict[str, Any] = {"run_id": trial.run_id(seed), "epoch": epoch}
            if epoch in rungs and trial.may_be_stopped:
                row |= {column_of(name): value + seed / 1000 for name, value in at_rung(trial, epoch).items()}
            rows.append(row)
    return rows


@dataclass
class Written:
    """What a study has on disk: its trials with their status, their history, and the epochs of their checkpoints."""

    trials: dict[str, Trial] = field(default_factory=dict)
    status: dict[str, RunStatus] = field(default_factory=dict)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    saved: dict[str, int] = field(default_factory=dict)
    objectives: dict[str, Objectives | None] = field(default_factory=dict)

    @property
    def frames(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """The tables `runs` and `history`."""
        rows = [row for trial in self.history.values() for row in trial]
        history = pd.DataFrame(rows, columns=None if rows else ["run_id", "epoch"])
        return pd.DataFrame(self.status.items(), columns=["trial_id", "status"]), history

    def copied(self) -> Self:
        """What a kill leaves; nothing that stands here is changed later, only replaced."""
        return type(self)(*(dict(getattr(self, part.name)) for part in fields(self)))

    def begin(self, trial: Trial) -> None:
        self.trials[trial.trial_id] = trial
        self.status[trial.trial_id] = RunStatus.RUNNING


def session(space: Space, disk: Written) -> Planner:
    """A planner that goes on with what is on disk."""
    rungs = Rungs(space.stop, space.objectives)
    rungs.restore(disk.trials.values(), *disk.frames)
    known = {name: disk.objectives.get(name) for name, status in disk.status.items() if status != RunStatus.RUNNING}
    one = planner(space, list(disk.trials.values()), known, rungs=rungs)
    one._created = disk.begin
    return one


def steps(one: Planner, disk: Written, at_rung: AtRung = nearly) -> Iterator[str]:
    """Run trials one after another; yields after everything between which a study can be killed."""
    scheduler, number = RungScheduler(one.rungs), 0
    while (config := one.suggest(f"t{number}")) != Searcher.FINISHED:
        assert isinstance(config, dict)
        yield from _trial_steps(one, disk, scheduler, f"t{number}", config, at_rung)
        number += 1


def _trial_steps(
    one: Planner, disk: Written, scheduler: RungScheduler, name: str, config: dict[str, Any], at_rung: AtRung
) -> Iterator[str]:
    trial = Trial.of_config(config)
    stop = one.plan.space.stop
    rungs = tuple(stop.at) if stop is not None and trial.may_be_stopped else ()
    yield f"{trial.trial_id} begun"
    saved = disk.saved.get(trial.trial_id, 0)
    for epoch in range(saved if saved in rungs else saved + 1, trial.config.epochs):
        disk.saved[trial.trial_id] = epoch
        yield f"{trial.trial_id} saved epoch {epoch}"
        history = rows_of(trial, epoch, rungs, at_rung)
        if_stopped = TrialEnd([MemberEnd(RunStatus.STOPPED, epochs=epoch)] * len(trial.seeds))
        report = Report(epoch=epoch, history=history, if_stopped=if_stopped if epoch in rungs else None)
        decision = scheduler.on_trial_result(None, SimpleNamespace(config=config), pack(report))
        yield f"{trial.trial_id} decided at epoch {epoch}"
        disk.history[trial.trial_id] = one.rungs.with_shares(trial, history)
        yield f"{trial.trial_id} wrote epoch {epoch}"
        if decision == TrialScheduler.STOP:
            disk.status[trial.trial_id] = one.rungs.stopped_end(trial, if_stopped).members[0].status
            yield f"{trial.trial_id} stopped at epoch {epoch}"
            one.on_trial_complete(name, pack(report))
            return
    disk.history[trial.trial_id] = one.rungs.with_shares(trial, rows_of(trial, trial.config.epochs, rungs, at_rung))
    disk.status[trial.trial_id], disk.objectives[trial.trial_id] = RunStatus.DONE, measured(trial)
    yield f"{trial.trial_id} done"
    one.on_trial_complete(name, finished(measured(trial)))

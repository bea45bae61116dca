"""What a trial, in a process of its own, tells the driver after each step, and how that travels through Tune.

Tune takes a dictionary after each step, flattens the dictionaries in it, and keeps the newest one of every trial for
its whole session. So a report is one object under one key, and the driver puts a copy without table rows in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from acai_ray.common.frames import Row
from acai_ray.trials.run_trial import EpochEnd
from acai_ray.trials.trial_end import TrialEnd

_KEY = "report"


@dataclass(frozen=True)
class Report:
    """What a trial tells after a step.

    Attributes:
        epoch: epochs trained so far; 0 where none was.
        history: all rows of the `history` table so far.
        end: how the trial ended; none while it goes on.
        all_done: whether it ended with every member trained and measured.
        objectives: with the end, means over the seeds by metric; empty unless each seed has them all.
        note: what the user should know, else empty.
        stop: why this session cannot go on with any trial, else empty.
        if_stopped: how the trial ends if it is stopped at the rung it has reached; none where it has reached none.
    """

    epoch: int = 0
    history: list[Row] = field(default_factory=list)
    end: TrialEnd | None = None
    all_done: bool = False
    objectives: dict[str, float] = field(default_factory=dict)
    note: str = ""
    stop: str = ""
    if_stopped: TrialEnd | None = None

    @classmethod
    def of_epoch(cls, epoch_end: EpochEnd) -> "Report":
        """What a trial says after an epoch."""
        return cls(
            epoch=epoch_end.epoch,
            history=epoch_end.history,
            end=epoch_end.end,
            all_done=epoch_end.end is not None and epoch_end.end.all_done,
            objectives=epoch_end.objectives or {},
            note=epoch_end.note,
            if_stopped=epoch_end.if_stopped,
        )


def pack(report: Report) -> dict[str, Any]:
    """A report as the dictionary that a Tune trainable returns from a step."""
    return {_KEY: report, "done": report.end is not None or bool(report.stop)}


def take(result: dict[str, Any]) -> Report:
    """The report in a dictionary of `pack`, in which it leaves a copy without table rows for Tune to keep."""
    report: Report = result[_KEY]
    result[_KEY] = replace(report, history=[], end=None, if_stopped=None)
    return report


def kept(result: Mapping[str, Any] | None) -> Report:
    """What `take` left of a trial's last report; an empty one where the trial never reported."""
    report: Report = (result or {}).get(_KEY, Report())
    return report

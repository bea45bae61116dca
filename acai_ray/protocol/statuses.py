"""What may become of a run, and of a study."""

from enum import StrEnum


class RunStatus(StrEnum):
    """What became of one run; the value stands in the column `status` of the table `runs`."""

    RUNNING = "running"
    """It has begun and not ended."""
    DONE = "done"
    """It was trained to its last epoch and measured."""
    DIVERGED = "diverged"
    """Its weights or losses are no longer finite numbers."""
    FAILED = "failed"
    """Its training or its measurement raised an exception."""
    STOPPED = "stopped"
    """A rung of the search ended it before its last epoch, because others were ahead; it was not measured."""


class StudyStatus(StrEnum):
    """How the last session of a study ended; the value stands in `study.json` as `status`."""

    RUNNING = "running"
    """A session is at work, or was killed."""
    FINISHED = "finished"
    """All its trials have ended."""
    INTERRUPTED = "interrupted"
    """A session ended before all trials did."""

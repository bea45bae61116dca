"""What a tracker must be able to do."""

from typing import Protocol

from acai_ray.sweep.trackers.seed_run import SeedRun, Values


class Tracker(Protocol):
    """Takes the runs of a study, one after the other or side by side; any exception ends it, and nothing else.

    Attributes:
        name: as `--log` has it.
    """

    name: str

    def begin(self, run: SeedRun) -> int:
        """Begin a run, or go on with the one of an earlier session; returns the last epoch that it has."""

    def log(self, run: SeedRun, step: int, values: Values) -> None:
        """Take numbers of an epoch."""

    def end(self, run: SeedRun, failed: bool) -> None:
        """End a run."""

    def close(self) -> None:
        """Let go of the runs that have not ended, so that a later session may go on with them."""

"""The way to one tracker: a thread of its own, so that a study never waits for it."""

from collections.abc import Callable, Mapping
from queue import SimpleQueue
from threading import Thread

from acai_ray.common.errors import one_line
from acai_ray.sweep.trackers.seed_run import SeedRun, Values
from acai_ray.sweep.trackers.tracker import Tracker

PATIENCE_S = 90.0
"""Seconds that a tracker gets at the end of a session for what it has not taken yet."""


class Channel:
    """Hands on in order what a tracker is told. If it fails, it is given up, and the user is told so once."""

    def __init__(self, tracker: Tracker, tell: Callable[[str], None]) -> None:
        """Args: the tracker, and what shows the user a sentence."""
        self._tracker, self._tell = tracker, tell
        self._queue: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._has: dict[SeedRun, int] = {}
        self._broken = False
        self._thread = Thread(target=self._work, daemon=True)
        self._thread.start()

    def add_epochs(self, run: SeedRun, epochs: Mapping[int, Values]) -> None:
        """Tell of the epochs that the tracker does not have yet."""
        self._queue.put(lambda: self._add_epochs(run, epochs))

    def end(self, run: SeedRun, step: int, values: Values, failed: bool) -> None:
        """Tell what a run measured after its last epoch `step`, and that it has ended."""
        self._queue.put(lambda: self._end(run, step, values, failed))

    def close(self) -> None:
        """Let the tracker take what is left; it is not waited for longer than `PATIENCE_S`."""
        self._queue.put(self._tracker.close)
        self._queue.put(None)
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive():
            self._give_up(f"it has not taken everything within {PATIENCE_S:g} s")

    def _work(self) -> None:
        while (told := self._queue.get()) is not None:
            if not self._broken:
                try:
                    told()
                except Exception as error:  # whatever a library raises
                    self._give_up(one_line(error))

    def _give_up(self, why: str) -> None:
        self._broken = True
        self._tell(f"note: {self._tracker.name} is told nothing more in this session ({why}); the study goes on")

    def _add_epochs(self, run: SeedRun, epochs: Mapping[int, Values]) -> None:
        if run not in self._has:
            self._has[run] = self._tracker.begin(run)
        for epoch in sorted(epoch for epoch in epochs if epoch > self._has[run]):
            self._tracker.log(run, epoch, epochs[epoch])
            self._has[run] = epoch

    def _end(self, run: SeedRun, step: int, values: Values, failed: bool) -> None:
        if values:
            self._tracker.log(run, step, values)
        self._tracker.end(run, failed)

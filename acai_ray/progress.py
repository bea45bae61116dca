"""How far a study is, live on a terminal and as a line now and then elsewhere."""

import time
from datetime import timedelta

from rich.console import Console
from rich.live import Live
from rich.text import Text

from acai_ray.plan import Trial
from acai_ray.planner import Planner

TERMINAL_EVERY_S = 1.0
LINE_EVERY_S = 30.0


class Progress:
    """Shows trials done, running and failed, the best so far and the time left."""

    def __init__(self, planner: Planner, concurrent: int, console: Console | None = None) -> None:
        """Args: who knows the trials, how many run at once, where to show it (standard error unless given)."""
        self._planner = planner
        self._concurrent = concurrent
        self._console = console or Console(stderr=True)
        self._epochs: dict[str, int] = {}
        self._heard = 0
        self._known = len(planner.finished)
        self._started = self._shown = time.monotonic()
        self._live: Live | None = None

    def heard(self, trial: Trial, epoch: int) -> None:
        """A trial has finished an epoch; the first one heard of a resumed trial counts once."""
        before = self._epochs.get(trial.trial_id, epoch - 1)
        self._epochs[trial.trial_id] = epoch
        self._heard += max(0, epoch - before) * len(trial.seeds)

    def show(self) -> None:
        """Show the state, if it is time."""
        terminal = self._console.is_terminal
        if time.monotonic() - self._shown < (TERMINAL_EVERY_S if terminal else LINE_EVERY_S):
            return
        self._shown = time.monotonic()
        if not terminal:
            self._console.print(self.text(), soft_wrap=True)
            return
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(Text(self.text()), refresh=True)

    def close(self) -> None:
        """Take the live display off the terminal."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def text(self) -> str:
        """The state in one line."""
        ended = self._planner.finished
        failed = sum(objectives is None for objectives in ended.values())
        total = len(self._planner.plan.trials) + self._planner.missing
        parts = [
            f"{len(ended)} of {total} trials done",
            f"{len(self._planner.running)} running",
            f"{failed} failed",
            *self._best(),
            f"{timedelta(seconds=int(time.monotonic() - self._started))} passed",
        ]
        left = self.seconds_left()
        if left is not None:
            parts.append(f"about {timedelta(seconds=int(left))} left")
        return " · ".join(parts)

    def seconds_left(self) -> float | None:
        """By the epochs heard of in this session; none before the first."""
        if not self._heard:
            return None
        begun = sum(
            self._epochs.get(trial.trial_id, 0) * len(trial.seeds) for trial in self._planner.running.values()
        )
        left = self._planner.remaining() - begun
        return max(0.0, left * (time.monotonic() - self._started) / self._heard)

    def _best(self) -> list[str]:
        found = [objectives for objectives in self._planner.finished.values() if objectives]
        if not found:
            return []
        best = []
        for name, way in self._planner.plan.space.objectives.items():
            value = (min if way == "min" else max)(objectives[name] for objectives in found)
            best.append(f"{name} {value:.4g}")
        return [f"best {', '.join(best)}"]

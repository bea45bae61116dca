"""One line that says how far a command is: live on a terminal, a new line now and then elsewhere."""

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.text import Text

TERMINAL_EVERY_S = 1.0
LINE_EVERY_S = 30.0
"""Seconds between two texts on a terminal, and between two lines elsewhere, such as in a log file."""


class StatusLine:
    """Shows how far a command is, but no more often than a reader can use."""

    def __init__(self, console: Console | None = None) -> None:
        """Args: where to show it; standard error unless given."""
        self._console = console or Console(stderr=True)
        self._shown = time.monotonic()
        self._live: Live | None = None

    def show(self, text: Callable[[], str]) -> None:
        """Show the text if enough time has passed since the last one; it is made only then."""
        terminal = self._console.is_terminal
        if time.monotonic() - self._shown < (TERMINAL_EVERY_S if terminal else LINE_EVERY_S):
            return
        self._shown = time.monotonic()
        if not terminal:
            self._console.print(text(), soft_wrap=True, highlight=False)
            return
        if self._live is None:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(Text(text()), refresh=True)

    def tell(self, text: str) -> None:
        """Print a line that stays."""
        self._console.print(Text(text), soft_wrap=True)

    def close(self) -> None:
        """Take the live line off the terminal."""
        if self._live is not None:
            self._live.stop()
            self._live = None

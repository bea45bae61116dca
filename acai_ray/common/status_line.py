"""Says how far a command is: live on a terminal, in a new line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from rich.console import Console, RenderableType
from rich.live import Live
from rich.text import Text

TERMINAL_EVERY_S = 1.0
LINE_EVERY_S = 60.0
"""Seconds between two texts on a terminal, and between two lines elsewhere, such as in a log file."""

REDRAWS_A_SECOND = 2
"""How often a picture is drawn anew that moves by itself."""

Picture = Callable[[], RenderableType]
"""What a terminal shows, made anew at each redraw, in a thread of its own."""


class StatusLine:
    """Shows how far a command is, but no more often than a reader can use."""

    def __init__(self, console: Console | None = None) -> None:
        """Args: where to show it; standard error unless given."""
        self._console = console or Console(stderr=True)
        self._shown = time.monotonic()
        self._live: Live | None = None
        self._picture: Picture = Text

    def show(self, text: Callable[[], str], picture: Callable[[], Picture] | None = None) -> None:
        """Show something if enough time has passed since the last time; it is made only then.

        Args:
            text: makes one line.
            picture: makes what a terminal shows instead and draws anew until the next call; it takes no part of it
                from what the caller goes on to change.
        """
        terminal = self._console.is_terminal
        if time.monotonic() - self._shown < (TERMINAL_EVERY_S if terminal else LINE_EVERY_S):
            return
        self._shown = time.monotonic()
        if not terminal:
            self._console.print(text(), soft_wrap=True, highlight=False)
            return
        self._picture = picture() if picture is not None else _still(text())
        if self._live is None:
            self._live = Live(
                console=self._console,
                auto_refresh=picture is not None,
                refresh_per_second=REDRAWS_A_SECOND,
                transient=True,
                get_renderable=lambda: self._picture(),
            )
            self._live.start()
        if picture is None:
            self._live.refresh()

    def tell(self, text: str) -> None:
        """Print a line that stays."""
        self._console.print(Text(text), soft_wrap=True)

    def close(self) -> None:
        """Take the live line off the terminal."""
        if self._live is not None:
            self._live.stop()
            self._live = None


def _still(text: str) -> Picture:
    return lambda: Text(text)


@contextmanager
def showing(status: StatusLine, text: Callable[[], str], picture: Callable[[], Picture]) -> Iterator[None]:
    """Show how far a block is that says so itself only now and then, then take the live line off the terminal.

    Args:
        status: where.
        text: as `StatusLine.show` has it; like `picture` it is called in a thread of its own.
        picture: as `StatusLine.show` has it.
    """
    ended = Event()

    def show() -> None:
        while not ended.wait(TERMINAL_EVERY_S):
            status.show(text, picture)

    thread = Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        status.close()

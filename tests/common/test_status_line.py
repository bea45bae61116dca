"""The status line: no more often than a reader can use, and never in the way of a line that stays."""

import io
from threading import Event

import pytest
from rich.console import Console
from rich.text import Text

from acai_ray.common import status_line
from acai_ray.common.status_line import LINE_EVERY_S, TERMINAL_EVERY_S, StatusLine, showing


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(status_line.time, "monotonic", lambda: now[0])
    return now


@pytest.mark.parametrize(("terminal", "every_s"), [(True, TERMINAL_EVERY_S), (False, LINE_EVERY_S)])
def test_a_text_is_made_only_when_it_is_time(terminal: bool, every_s: float, clock: list[float]) -> None:
    made: list[float] = []

    def text() -> str:
        made.append(clock[0])
        return "3 of 8 trials done"

    output = io.StringIO()
    status = StatusLine(Console(file=output, force_terminal=terminal))
    for _ in range(5):
        status.show(text)
        clock[0] += every_s / 2
    status.tell("a line that stays")
    status.close()
    assert made == [100 + every_s, 100 + 2 * every_s]
    assert "3 of 8 trials done" in output.getvalue()
    assert "a line that stays" in output.getvalue()


def test_a_block_that_says_nothing_itself_is_shown_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_line, "TERMINAL_EVERY_S", 0.001)
    monkeypatch.setattr(status_line, "LINE_EVERY_S", 0.0)
    output, made = io.StringIO(), Event()

    def text() -> str:
        made.set()
        return "evaluation"

    with showing(StatusLine(Console(file=output)), text, lambda: Text):
        assert made.wait(60)
    lines = output.getvalue()
    assert "evaluation" in lines
    assert output.getvalue() == lines

"""Progress as a terminal shows it: a bar for each phase, the trials in training, the best one so far."""

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from acai_ray.trials.standing import Best, Running, Standing, count_of, counts

BAR = 24
"""Columns of a phase's bar."""

AROUND = 4
"""Lines of a screen that are left to other text."""


class View:
    """A standing, drawn in the width and height that there are; no line is ever broken, so that it can be redrawn."""

    def __init__(self, standing: Standing) -> None:
        """Args: what is drawn."""
        self._standing = standing

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """The lines; of the trials in training as many as the screen has room for."""
        standing = self._standing
        yield _phases(standing)
        best = [] if standing.best is None else [_best(standing.best)]
        fixed = len(standing.phases) + 1 + (0 if standing.best is None else 1 + len(standing.best.values))
        room = max(1, options.size.height - fixed - AROUND)
        if standing.running:
            yield _running(standing.running[:room])
        if len(standing.running) > room:
            yield _line(f"… and {len(standing.running) - room} more in training")
        yield from best
        yield _line(counts(standing), "bold red" if standing.failed else "bold")


def _line(text: str, style: str = "") -> Text:
    return Text(text, style=style, no_wrap=True, overflow="ellipsis")


def _columns(*ratios: str) -> Table:
    """A table without lines, whose cells are cut rather than broken."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for justify in ratios:
        table.add_column(justify=justify, no_wrap=True, overflow="ellipsis")  # type: ignore[arg-type]
    return table


def _phases(standing: Standing) -> Table:
    table = _columns("left", "left", "left")
    for phase in standing.phases:
        bar = ProgressBar(total=max(1, phase.total), completed=phase.done, width=BAR)
        table.add_row(phase.name, bar, f"{phase.done} of {count_of(phase.total, phase.at_most)} {phase.unit}")
    return table


def _running(running: list[Running]) -> Table:
    table = _columns("left", "left", "left", "right")
    for one in running:
        error = "" if one.error_mm is None else f"{one.error_mm:.1f} mm"
        table.add_row(Text(one.name, style="cyan"), Text(one.settings), one.stage, error)
    return table


def _best(best: Best) -> Table:
    """The best trial with a line for each objective, its own value beside its twin's."""
    table = _columns("left", "right", "left")
    table.add_row(Text(f"best: {best.name}", style="green"), "", Text(best.settings))
    for name, (own, twin) in best.values.items():
        beside = "its twin is not measured yet" if twin is None else f"vanilla twin {twin:.4g}"
        table.add_row(f"  {name}", f"{own:.4g}", beside)
    return table

"""A table: one frame of raw numbers, and how each row of it is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from acai_ray.analysis.wording import number
from acai_ray.common.frames import Row, rows_of


@dataclass(frozen=True)
class Column:
    """What a reader sees of a row under one heading."""

    heading: str
    text: Callable[[Row], str]


@dataclass(frozen=True)
class Table:
    """Page, terminal and LaTeX show the columns, CSV and Parquet hold the frame.

    Attributes:
        name: of its files and its LaTeX label, of letters, digits and `_`.
        frame: one column a quantity, unrounded; a column's name ends with the unit, where there is one.
        columns: what is shown, in order.
    """

    name: str
    caption: str
    frame: pd.DataFrame
    columns: Sequence[Column]

    @property
    def header(self) -> list[str]:
        """The headings."""
        return [column.heading for column in self.columns]

    @cached_property
    def rows(self) -> list[list[str]]:
        """The cells as text."""
        return [[column.text(row) for column in self.columns] for row in rows_of(self.frame)]

    @cached_property
    def kinds(self) -> list[str]:
        """Each row's verdict, where the table has verdicts."""
        return list(self.frame["verdict"]) if "verdict" in self.frame else []


def shown(heading: str, name: str, form: Callable[[Any], str] = number) -> Column:
    """A column that shows one quantity of the frame."""
    return Column(heading, lambda row: form(row[name]))


def arm_column(titles: Mapping[str, str]) -> list[Column]:
    """The arm of a row by its title, where there are several arms."""
    return [shown("arm", "arm", lambda name: titles.get(name, name))] if len(titles) > 1 else []


def of_text(name: str, caption: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """A table of text alone."""
    places = [str(place) for place in range(len(header))]
    columns = [shown(heading, place, str) for heading, place in zip(header, places, strict=True)]
    return Table(name, caption, pd.DataFrame(list(rows), columns=places), columns)


def filled(table: Table) -> list[Table]:
    """The table, or none where it has no rows."""
    return [table] if table.rows else []

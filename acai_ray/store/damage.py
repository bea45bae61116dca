"""What is damaged in a study: which file breaks which rule, and what to do about it."""

from collections.abc import Sequence
from dataclasses import dataclass

FROM_THE_ORIGIN = "again from where it was made"


@dataclass(frozen=True)
class Damage:
    """A file or folder of a study that is left out, wholly or in part; `str` gives the sentence for a user.

    Attributes:
        folder: the sub-folder of the study, which for a table is the table's name.
        name: the file or folder in it.
        rule: what must hold, e.g. "a table's file must be whole".
        remedy: what is left out, and what the user can do about it.
        value: what is there instead, e.g. "its columns differ"; empty where the rule says it all.
    """

    folder: str
    name: str
    rule: str
    remedy: str
    value: str = ""

    @property
    def file(self) -> str:
        """Its path from the study's folder, e.g. `runs/s00012.parquet`."""
        return f"{self.folder}/{self.name}"

    def __str__(self) -> str:
        value = f", but {self.value}" if self.value else ""
        return f"{self.file}: {self.rule}{value}; {self.remedy}"


class TableFileError(ValueError):
    """A file is no whole file of a table of this study; its text is the rule and what is there instead."""

    def __init__(self, rule: str, value: str) -> None:
        """Args: the rule and what is there instead."""
        super().__init__(f"{rule}, but {value}")
        self.rule, self.value = rule, value


class FormerTablesError(Exception):
    """A file is whole, and of a former version of the tables, which is the exception's text."""


def unreadable(table: str, name: str, error: TableFileError) -> Damage:
    """A table's file that cannot be read and is left out."""
    return Damage(table, name, error.rule, f"the file is left out, copy it {FROM_THE_ORIGIN}", error.value)


def bad_rows(table: str, name: str, rule: str, n: int) -> Damage:
    """A table's file of which `n` rows break a rule and are left out."""
    rows = "1 row that breaks this rule is" if n == 1 else f"{n:,} rows that break this rule are"
    return Damage(table, name, rule, f"{rows} left out, copy the file {FROM_THE_ORIGIN}")


def lost_metrics(name: str, run_ids: Sequence[str]) -> Damage:
    """A file of `metrics` that lacks the numbers of runs marked done."""
    value = f"{', '.join(run_ids)} has none and enters no comparison"
    rule = "every run marked done must have its numbers"
    return Damage("metrics", name, rule, f"copy the file {FROM_THE_ORIGIN}", value)


def lost_subjects(name: str) -> Damage:
    """A file of `subjects` that is missing although its trial finished."""
    rule = "every finished trial must have the numbers of each person"
    value = "the file is missing and its runs enter no verdict"
    return Damage("subjects", name, rule, f"copy it {FROM_THE_ORIGIN}", value)


def lost_runs(name: str) -> Damage:
    """A file of `runs` that is missing although the numbers of its runs are there."""
    rule = "every number must belong to a run of this table"
    value = "the file is missing and its trial is left out"
    return Damage("runs", name, rule, f"copy it {FROM_THE_ORIGIN}", value)

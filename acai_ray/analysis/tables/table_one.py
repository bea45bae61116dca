"""Table I of the report beside this study's numbers."""

import math

import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.controls import controls
from acai_ray.analysis.compare.table1 import CHANGE, COLUMNS, beside_report, changes, factor
from acai_ray.analysis.tables.report_tables import lambda_or_control, with_controls
from acai_ray.analysis.tables.table import Column, Table, shown
from acai_ray.analysis.wording import MISSING, number, signed
from acai_ray.common.frames import Row
from acai_ray.protocol.primary import with_split

AGREEMENT = {"same": "=", "opposite": "≠", "open": "·"}
"""Of our change and the report's."""


def table_one(analysis: Analysis) -> Table:
    """Table I: ours, the report's in brackets; no rows where this study has measured none of its cells."""
    frame = beside_report(analysis)
    if not frame[[f"ours {name}" for name in COLUMNS]].notna().any(axis=None):
        frame = frame.iloc[:0]
    names = {"lam": "lambda"} | {f"ours {name}": f"ours_{column}" for name, column in COLUMNS.items()}
    frame = frame.rename(columns=names | {name: f"report_{column}" for name, column in COLUMNS.items()})
    frame = with_controls(frame, _ours(controls(analysis)))
    columns = [
        shown("d", "latent_dim"),
        Column("λ", lambda_or_control),
        shown("seeds", "seeds", lambda count: str(count or MISSING)),
        *(_beside(name, column) for name, column in COLUMNS.items()),
    ]
    return Table("table_one", "Ours, the mean over seeds (in brackets the report's)", frame, columns)


def table_one_changes(analysis: Analysis) -> Table:
    """What ACAI changes in Table I's cells, ours and the report's."""
    kinds = {"report": "report", "ours": "difference", "low": "ci95_low", "high": "ci95_high", "agreement": "agreement"}
    names = {f"{kind} {name}": f"{column}_{kinds[kind]}" for name, column in COLUMNS.items() for kind in CHANGE}
    frame = changes(analysis).rename(columns=names | {"lam": "lambda"})
    columns = [
        shown("d", "latent_dim"),
        shown("λ", "lambda", _three),
        shown("pairs", "pairs", str),
        *(_changed(name, column) for name, column in COLUMNS.items()),
    ]
    signs = ", ".join(f"{symbol} {word}" for word, symbol in AGREEMENT.items())
    caption = f"ACAI − vanilla: ours, the mean over seeds (in brackets the report's); {signs}"
    return Table("table_one_changes", caption, frame, columns)


def _changed(heading: str, column: str) -> Column:
    def text(row: Row) -> str:
        ours, report = signed(row[f"{column}_difference"]), signed(round(row[f"{column}_report"], 2))
        return f"{AGREEMENT.get(row[f'{column}_agreement'], '')} {ours} ({report})".lstrip()

    return Column(heading, text)


def _beside(name: str, column: str) -> Column:
    def text(row: Row) -> str:
        ours, report = number(row[f"ours_{column}"], 3), row[f"report_{column}"]
        return f"{ours} ({report:.2f})" if math.isfinite(report) else ours

    return Column(name, text)


def _ours(beside: pd.DataFrame) -> pd.DataFrame:
    """Controls under the names of Table I's columns, curves on the published code's scale."""
    measures = {
        f"ours_{column}": beside[with_split(column, "test")] * factor(column)
        for column in COLUMNS.values()
        if with_split(column, "test") in beside
    }
    return beside[["latent_dim", "label"]].assign(seeds=beside["runs"], **measures)


def _three(value: float) -> str:
    return number(value, 3)

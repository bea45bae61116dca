"""The tables of several studies as text cells."""

from collections.abc import Sequence

import pandas as pd

from acai_ray.analysis.tables.report_tables import SYMBOLS
from acai_ray.analysis.tables.table import Table, of_text
from acai_ray.analysis.wording import MISSING, clean, counted, estimate, number
from acai_ray.common.frames import rows_of
from acai_ray.protocol.primary import PRIMARY, Metric

FINGERPRINT = 8
"""Characters of a data fingerprint that are shown."""


def overview(frame: pd.DataFrame, settings: pd.DataFrame) -> Table:
    """One row a study; the first cell is its name."""
    theirs = {str(name): row for name, row in zip(settings.index, rows_of(settings), strict=True)}
    rows = [
        [
            clean(row["study"]),
            clean(row["question"]),
            clean(row["data"]) or MISSING,
            clean(row["fingerprint"][:FINGERPRINT]) or "unknown",
            "synthetic" if row["synthetic"] else "recorded",
            number(row["mean_pose_loss_m2"], 3),
            str(row["cells"]),
            str(row["seeds"]),
            f"{clean(row['status'])}, {row['done']} of {row['runs']} runs done",
            str(row["damaged"] or "none"),
            *(_values(values) for values in theirs[row["study"]].values()),
        ]
        for row in rows_of(frame)
    ]
    header = ["study", "question", "data", "fingerprint", "poses", "L_rec of the mean pose (m²)"]
    header += ["cells", "seeds", "status", "damaged files", *map(str, settings)]
    return of_text("studies", "The studies, with the settings in which they differ", header, rows)


def differences(rows: pd.DataFrame, names: Sequence[str], metric: Metric) -> Table:
    """One row a cell, one column a study: verdict, difference and interval, each from that study alone."""
    mine = rows[rows["metric"] == metric.name]
    texts = [
        f"{SYMBOLS[row['verdict']]} {estimate(row['mean'], row['low'], row['high'])}, "
        + counted(int(row["n_people"]), "people", "person")
        for row in rows_of(mine)
    ]
    signs = ", ".join(f"{symbol} {word}" for word, symbol in SYMBOLS.items())
    caption = f"{metric.title}, {metric.better} is better: ACAI − vanilla, mean and 95 % interval; {signs}."
    return _beside(mine, texts, _present(rows, names), caption, [])


def absolute(rows: pd.DataFrame, names: Sequence[str]) -> Table:
    """Means of both arms for studies measured alike, one row a cell and metric, one column a study."""
    titles = {metric.name: metric.title for metric in PRIMARY}
    texts = [f"{number(row['vanilla'])} → {number(row['acai'])}" for row in rows_of(rows)]
    rows = rows.assign(title=rows["metric"].map(titles))
    present = _present(rows, names)
    caption = f"Means of vanilla → ACAI, on the same {rows['split'].iloc[0]} poses: {', '.join(map(clean, present))}"
    return _beside(rows, texts, present, caption, ["title"])


def _beside(rows: pd.DataFrame, texts: list[str], names: Sequence[str], caption: str, extra: list[str]) -> Table:
    by_cell: dict[tuple[str, ...], dict[str, str]] = {}
    for row, text in zip(rows_of(rows), texts, strict=True):
        setting = [number(row["latent_dim"]), number(row["lam"], 3), number(row["gamma"], 3)]
        key = (*setting, str(row["again"]), *(row[name] for name in extra))
        by_cell.setdefault(key, {})[row["study"]] = text
    cells = [[*key[:3], *key[4:], *(of.get(name, MISSING) for name in names)] for key, of in by_cell.items()]
    header = ["d", "λ", "γ", *(["metric"] if extra else []), *map(clean, names)]
    return of_text("beside", caption, header, cells)


def _present(rows: pd.DataFrame, names: Sequence[str]) -> list[str]:
    return [name for name in names if (rows["study"] == name).any()]


def _values(values: Sequence[object]) -> str:
    return ", ".join(clean(f"{value:g}" if isinstance(value, float) else value) for value in values) or MISSING

"""Table I of the report beside this study's numbers, which are shown with it and never tested against it."""

import numpy as np
import pandas as pd

from acai_ray.analysis.compare import Analysis
from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import with_split

COLUMNS = {
    "ANCI, mean": "anci",
    "ANCI, median": "anci_median",
    "Ratio, mean": "smoothness_ratio",
    "Ratio, median": "smoothness_ratio_median",
    "Mean Distance (m)": "mean_distance_euclidean_m",
    "Precision (m)": "prior_precision_euclidean_m",
    "Recall (m)": "prior_recall_euclidean_m",
}
"""Table I's columns and ours, without the split."""

CURVE_FACTOR = 100 / 99
"""The published code divides by points, not transitions: ours × this is on its scale."""

_LAMBDA = {16: [0, 0.0001, 0.001, 0.01, 0.1, 0.3, 0.5, 0.8, 1], 8: [0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.8, 1, 2]}
_REPORT = {
    16: [
        [1.08, 1.08, 1.09, 1.14, 1.20, 1.23, 1.22, 1.23, 1.25],
        [1.08, 1.09, 1.09, 1.09, 1.09, 1.10, 1.07, 1.11, 1.10],
        [1.86, 1.99, 2.34, 3.31, 4.65, 4.17, 3.39, 3.12, 4.05],
        [1.75, 1.89, 2.25, 2.74, 4.24, 3.70, 3.06, 2.75, 3.62],
        [0.45, 0.46, 0.44, 0.43, 0.43, 0.45, 0.48, 0.48, 0.49],
        [1.94, 1.78, 2.11, 1.86, 2.67, 3.76, 2.04, 2.75, 3.26],
        [1.52, 1.44, 1.53, 1.46, 2.19, 1.89, 1.71, 1.63, 1.77],
    ],
    8: [
        [1.24, 1.23, 1.28, 1.41, 1.41, 1.30, 1.45, 1.42, 1.40],
        [1.22, 1.21, 1.24, 1.31, 1.27, 1.18, 1.40, 1.34, 1.30],
        [1.96, 2.23, 3.00, 4.98, 5.51, 3.78, 5.90, 5.90, 5.44],
        [1.87, 2.14, 2.62, 4.43, 4.90, 3.38, 5.47, 5.90, 4.18],
        [0.45, 0.43, 0.44, 0.43, 0.43, 0.46, 0.44, 0.46, 0.48],
        [1.05, 1.02, 0.90, 1.47, 1.73, 0.86, 4.89, 4.90, 0.97],
        [0.80, 0.81, 0.74, 0.97, 0.96, 0.72, 1.20, 1.17, 0.80],
    ],
}

HALF_A_DIGIT = 0.005
"""Table I has two decimals."""

CHANGE = ("report", "ours", "low", "high", "agreement")

REPORT_GAMMA = 0.05
"""The report's γ, in all cells."""


def report_table() -> pd.DataFrame:
    """The report's Table I: `latent_dim lam` and the columns of `COLUMNS`."""
    parts = [
        pd.DataFrame(values, index=list(COLUMNS)).T.assign(latent_dim=size, lam=_LAMBDA[size])
        for size, values in _REPORT.items()
    ]
    return pd.concat(parts, ignore_index=True)[["latent_dim", "lam", *COLUMNS]]


def beside_report(analysis: Analysis) -> pd.DataFrame:
    """Table I's rows of the latent sizes this study has, each with ours.

    Returns:
        `latent_dim lam seeds` and, for each name of `COLUMNS`, that name (the report's) and `ours <name>` (the mean
        over seeds, curves on the published code's scale, NaN where this study has no such cell).
    """
    report = report_table()
    runs = analysis.done[analysis.done["phase"] != Phase.CONFIRM]
    runs = runs[(runs["lam"] == 0) | np.isclose(runs["gamma"], REPORT_GAMMA)]
    rows = []
    for row in rows_of(report[report["latent_dim"].isin(runs["latent_dim"])]):
        mine = _in_cell(runs, row)
        ours = {f"ours {name}": _mean(mine, column) * factor(column) for name, column in COLUMNS.items()}
        rows.append({**row, "seeds": mine["seed"].nunique(), **ours})
    columns = [*report.columns, "seeds", *(f"ours {name}" for name in COLUMNS)]
    return pd.DataFrame(rows, columns=columns)


def changes(analysis: Analysis) -> pd.DataFrame:
    """What ACAI changes in Table I's cells: the report's one run a cell beside our pairs.

    Returns:
        A row a cell with λ > 0 that both have: `latent_dim lam pairs` and, for each name of `COLUMNS`, ACAI − vanilla
        as `report <name>`, `ours <name>` with its 95 % interval `low <name>` and `high <name>`, and
        `agreement <name>`: `same` or `opposite` by the sign, `open` where our interval holds 0 or the report's two
        decimals show no change, empty where ours was not measured.
    """
    family, report = analysis.sweep, report_table()
    if family is None or family.split != "test":
        return pd.DataFrame(columns=_change_columns())
    estimates = family.estimates([with_split(column, "test") for column in COLUMNS.values()])
    estimates = estimates[np.isclose(estimates["gamma"], REPORT_GAMMA)]
    vanilla = {row["latent_dim"]: row for row in rows_of(report[report["lam"] == 0])}
    rows = []
    for row in rows_of(report[report["lam"] > 0]):
        mine = _in_cell(estimates, row)
        if mine["n"].any():
            rows.append(_changed_row(row, vanilla[row["latent_dim"]], mine))
    return pd.DataFrame(rows, columns=_change_columns())


def _in_cell(frame: pd.DataFrame, row: Row) -> pd.DataFrame:
    same_lam = np.isclose(frame["lam"], row["lam"], rtol=1e-6, atol=0)
    rows: pd.DataFrame = frame[(frame["latent_dim"] == row["latent_dim"]) & same_lam]
    return rows


def _changed_row(row: Row, vanilla: Row, estimates: pd.DataFrame) -> Row:
    changed: Row = {"latent_dim": row["latent_dim"], "lam": row["lam"], "pairs": estimates["n"].max()}
    for name, column in COLUMNS.items():
        change = _change(row[name] - vanilla[name], estimates, column)
        changed |= {f"{kind} {name}": value for kind, value in change.items()}
    return changed


def _change(report: float, estimates: pd.DataFrame, column: str) -> Row:
    ours = estimates[estimates["metric"] == with_split(column, "test")].iloc[0]
    mean, low, high = (float(ours[name]) * factor(column) for name in ("mean", "low", "high"))
    if not np.isfinite(mean):
        return dict.fromkeys(CHANGE, float("nan")) | {"report": report, "agreement": ""}
    decided = (low > 0 or high < 0) and abs(report) > HALF_A_DIGIT
    agreement = ("same" if (mean > 0) == (report > 0) else "opposite") if decided else "open"
    return {"report": report, "ours": mean, "low": low, "high": high, "agreement": agreement}


def _change_columns() -> list[str]:
    return ["latent_dim", "lam", "pairs", *(f"{kind} {name}" for name in COLUMNS for kind in CHANGE)]


def recall_references(analysis: Analysis) -> int:
    """How many generated poses our recall in Table I was searched among; 0 where it was not measured."""
    rows = analysis.results.metrics
    chosen = rows[(rows["metric"] == "recall") & (rows["sampler"] == "prior") & (rows["split"] == "test")]
    return int(chosen["n_reference"].max()) if len(chosen) else 0


def _mean(runs: pd.DataFrame, column: str) -> float:
    name = with_split(column, "test")
    return float(runs[name].mean()) if name in runs and len(runs) else float("nan")


def factor(column: str) -> float:
    """What brings our mean of a column onto the published code's scale."""
    return CURVE_FACTOR if column.startswith("anci") else 1.0

"""The report's tables as plain text cells, for the terminal and for the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from acai_ray.analysis.compare import Analysis, Family, cells, varied
from acai_ray.analysis.primary import PRIMARY, measured
from acai_ray.analysis.records import Row, records
from acai_ray.analysis.table1 import COLUMNS, beside_report
from acai_ray.analysis.wording import clean, interval, number, probability, signed

SYMBOLS = {"better": "▲", "worse": "▼", "inconclusive": "·"}


@dataclass(frozen=True)
class Table:
    """A caption, a header and rows of text; `kinds` names each row's verdict where it has one."""

    caption: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    kinds: Sequence[str] = ()


def verdicts(family: Family) -> Table:
    """Every test of a family in full."""
    labels = {metric.name: metric.title for metric in PRIMARY}
    extra = _extra_settings(family)
    rows = [
        [
            *_setting(test),
            *extra.get(test["cell"], ()),
            labels[test["metric"]],
            number(test["vanilla"]),
            number(test["acai"]),
            signed(test["mean"]),
            interval(test["low"], test["high"]),
            _pairs(test["n"], test["n_left_out"]),
            probability(test["p"]),
            probability(test["p_adjusted"]),
            number(test["correlation"], 2),
            test["verdict"],
            test["reason"],
        ]
        for test in records(family.tests)
    ]
    header = ["d", "λ", "γ", *varied(family.pairs), "metric", "vanilla", "ACAI", "ACAI − vanilla", "95 % interval"]
    header += ["pairs", "p", "adjusted p", "r", "verdict", "why"]
    return Table(f"{family.group.title}, on {family.split} poses", header, rows, list(family.tests["verdict"]))


def overview(family: Family) -> Table:
    """One row a cell, one column a primary metric: the verdict's sign, the difference and its interval."""
    extra = _extra_settings(family)
    rows, by_cell = [], _by_cell(family)
    for cell, by_metric in by_cell.items():
        shown = [by_metric[metric.name] for metric in PRIMARY]
        texts = [f"{SYMBOLS[t['verdict']]} {signed(t['mean'])} {interval(t['low'], t['high'])}" for t in shown]
        pairs = _pairs(max(t["n"] for t in shown), shown[0]["n_left_out"])
        rows.append([*_setting(shown[0]), *extra.get(cell, ()), pairs, *texts])
    arrows = {"lower": "lower is better", "higher": "higher is better"}
    header = ["d", "λ", "γ", *varied(family.pairs), "pairs", *(f"{m.title}, {arrows[m.better]}" for m in PRIMARY)]
    signs = ", ".join(f"{symbol} {word}" for word, symbol in SYMBOLS.items())
    caption = f"{family.group.title}, on {family.split} poses: ACAI − vanilla, mean and 95 % interval; {signs}."
    return Table(caption, header, rows)


def exploratory(family: Family) -> Table:
    """Every other metric of a family with its interval, without a verdict."""
    rows = [
        [
            *_setting(test),
            clean(test["metric"]),
            number(test["vanilla"]),
            number(test["acai"]),
            signed(test["mean"]),
            interval(test["low"], test["high"]),
            str(test["n"]),
        ]
        for test in records(family.exploratory)
    ]
    header = ["d", "λ", "γ", "metric", "vanilla", "ACAI", "ACAI − vanilla", "95 % interval", "pairs"]
    return Table(f"{family.group.title}: every other metric, exploratory", header, rows)


def table_one(analysis: Analysis) -> Table:
    """Table I: ours, the report's in brackets; no rows where this study has measured none of its cells."""
    frame = beside_report(analysis)
    if not frame[[f"ours {name}" for name in COLUMNS]].notna().any(axis=None):
        frame = frame.iloc[:0]
    rows = [
        [str(row["latent_dim"]), number(row["lam"], 3), str(row["seeds"] or "–")]
        + [f"{number(row[f'ours {name}'], 3)} ({row[name]:.2f})" for name in COLUMNS]
        for row in records(frame)
    ]
    return Table("Ours, the mean over seeds (in brackets the report's)", ["d", "λ", "seeds", *COLUMNS], rows)


def critic_health(analysis: Analysis) -> Table:
    """How the critics do on validation poses (else test poses), by latent size and λ, mean over seeds."""
    columns = {
        "α-MSE": "critic_alpha_mse",
        "real term": "critic_real_mse",
        "sum": "critic_loss",
        "correlation with α": "critic_correlation",
        "AUC": "critic_auc",
    }
    splits = ("valid", "test")
    chosen = {name: c for name, stem in columns.items() if (c := measured(analysis.done, stem, splits))}
    rows = _means(analysis, chosen) if chosen else []
    where = "test" if any(column.startswith("test_") for column in chosen.values()) else "validation"
    return Table(f"Critic health on {where} poses, mean over seeds", ["d", "λ", "γ", "runs", *chosen], rows)


def codes(analysis: Analysis) -> Table:
    """How the codes lie on the sphere and the prior's distances, which never decide."""
    stems = {
        "resultant length": "code_resultant_length",
        "participation ratio": "code_participation_ratio",
        "prior recall (m)": "prior_recall_euclidean_m",
        "prior precision (m)": "prior_precision_euclidean_m",
        "path recall (m)": "path_recall_euclidean_m",
        "path precision (m)": "path_precision_euclidean_m",
    }
    chosen = {name: c for name, stem in stems.items() if (c := measured(analysis.done, stem))}
    rows = _means(analysis, chosen) if chosen else []
    return Table("Codes on the sphere and nearest distances, mean over seeds", ["d", "λ", "γ", "runs", *chosen], rows)


def controls(analysis: Analysis) -> Table:
    """The control runs: what each primary metric and each metric of the report gives without a trained model."""
    runs = analysis.summary[analysis.summary["phase"] == "control"]
    stems = {m.title: m.column for m in PRIMARY} | {"ANCI": "anci"} | {k: COLUMNS[k] for k in list(COLUMNS)[4:]}
    stems |= {"prior coverage": "prior_coverage", "prior density": "prior_density", "path density": "path_density"}
    chosen = {name: c for name, stem in stems.items() if (c := measured(runs, stem))}
    rows = [
        [
            clean(run["run_id"]),
            number(run["latent_dim"]),
            clean(run["status"]),
            *(number(run[c]) for c in chosen.values()),
        ]
        for run in records(runs)
    ]
    return Table("Controls", ["control", "d", "status", *chosen], rows)


def left_out(analysis: Analysis) -> Table:
    """The runs that entered no pair, with the reason."""
    rows = [
        [clean(run["run_id"]), clean(run["phase"]), *_setting(run), number(run["seed"], 12), clean(run["why"])]
        for run in records(analysis.left_out)
    ]
    return Table("Runs that entered no comparison", ["run", "phase", "d", "λ", "γ", "seed", "why"], rows)


def weights(analysis: Analysis, mean_pose_loss: float) -> Table:
    """Every λ of the study, and λ relative to the mean pose's loss, which compares across data sets."""
    found = sorted({float(lam) for lam in _own(analysis)["lam"].dropna() if lam > 0})
    rows = [[number(lam, 3), number(lam / mean_pose_loss, 3)] for lam in found]
    return Table("λ on the scale of the data", ["λ", "λ / L_rec(mean pose)"], rows)


def _setting(row: Mapping[str, float]) -> list[str]:
    return [number(row["latent_dim"]), number(row["lam"], 3), number(row["gamma"], 3)]


def _pairs(n: float, n_left_out: float) -> str:
    return f"{n:g} of {n + n_left_out:g}" if n_left_out else f"{n:g}"


def _extra_settings(family: Family) -> dict[int, list[str]]:
    columns = varied(family.pairs)
    settings = cells(family.pairs)
    return {cell: [clean(row[c]) for c in columns] for cell, row in zip(settings.index, records(settings), strict=True)}


def _by_cell(family: Family) -> dict[int, dict[str, Row]]:
    found: dict[int, dict[str, Row]] = {}
    for test in records(family.tests):
        found.setdefault(test["cell"], {})[test["metric"]] = test
    return found


def _means(analysis: Analysis, columns: Mapping[str, str]) -> list[list[str]]:
    keys = ["latent_dim", "lam", "gamma"]
    groups = analysis.done.groupby(keys, dropna=False)[list(columns.values())].mean().reset_index()
    sizes = analysis.done.groupby(keys, dropna=False).size()
    return [
        [*_setting(row), str(size), *(number(row[column]) for column in columns.values())]
        for row, size in zip(records(groups), sizes, strict=True)
    ]


def _own(analysis: Analysis) -> pd.DataFrame:
    """The study's runs without its controls."""
    runs = analysis.results.runs
    return runs[runs["phase"] != "control"]

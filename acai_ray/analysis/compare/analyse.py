"""ACAI against its vanilla twins: frames in, frames out."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from acai_ray.analysis.compare.columns import other_columns
from acai_ray.analysis.compare.pairs import CELL, CHAOS, GROUPS, Group, pair_runs, unfinished
from acai_ray.common.frames import Row, rows_of
from acai_ray.protocol import statistics
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY, Metric, with_split
from acai_ray.protocol.verdicts import PairedTest, Verdict, decide
from acai_ray.store import SETTINGS, Results

_DIFFERENCES = ["cell", "latent_dim", "lam", "gamma", "metric", "seed", "vanilla", "acai", "difference"]
_ESTIMATES = ["cell", "latent_dim", "lam", "gamma", "metric", "n", "mean", "low", "high", "vanilla", "acai"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Family:
    """The comparisons of one group of runs: one Holm family of primary tests, the rest exploratory.

    Attributes:
        split: the poses the numbers come from.
        pairs: one row a pair: the ACAI run's columns, `twin` and `cell`, the number of its settings.
        tests: one row a cell and primary metric: `cell latent_dim lam gamma metric n mean low high vanilla acai p
            correlation n_left_out p_adjusted chaos margin family_size verdict reason`; `n` counts the pairs that have
            the metric, `chaos` is the `chaos_floor` at that latent size, `verdict` and `reason` are a `Word` and a
            `Reason` of `protocol.verdicts`.
        differences: every single paired difference behind `tests`.
        summary: one wide row a run, of all runs.
    """

    group: Group
    split: str
    pairs: pd.DataFrame
    tests: pd.DataFrame
    differences: pd.DataFrame
    summary: pd.DataFrame

    @property
    def size(self) -> int:
        """How many tests Holm's adjustment counts: those that have a pair."""
        return int(self.tests["p"].notna().sum())

    @cached_property
    def exploratory(self) -> pd.DataFrame:
        """One row a cell and every other metric it has, named by its `summary()` column: `tests` as far as `acai`.

        Computed when asked for: a search of many trials has tens of thousands of rows, and the report shows none.
        """
        estimates = self.estimates(other_columns(self.summary, self.split))
        return estimates[estimates["n"] > 0].reset_index(drop=True)

    def estimates(self, columns: Sequence[str]) -> pd.DataFrame:
        """One row a cell and column of `summary`: `tests` as far as `acai`."""
        differences = _differences(self.pairs, self.summary.set_index("run_id"), columns)
        return _by_cell(differences, cells(self.pairs), columns, _estimate)


@dataclass(frozen=True, eq=False)
class Analysis:
    """A study compared.

    Attributes:
        results: what was analysed.
        summary: one wide row a run.
        margins: the difference that matters, by name of primary metric.
        families: in the order of their authority.
        left_out: one row a run that is in no pair: `run_id phase latent_dim lam gamma seed status obstacle twin`;
            `obstacle` is one of `protocol.obstacles`, `twin` the vanilla run that it is about, if any.
    """

    results: Results
    summary: pd.DataFrame
    margins: Mapping[str, float]
    families: tuple[Family, ...]
    left_out: pd.DataFrame

    @property
    def answer(self) -> Family | None:
        """The family that decides, None while there is no pair."""
        return self.families[0] if self.families else None

    @property
    def sweep(self) -> Family | None:
        """The family that covers most settings: the grid or the search, else the answer."""
        wide = [family for family in self.families if family.group.name in (Phase.GRID, Phase.SEARCH)]
        return wide[0] if wide else self.answer

    @property
    def done(self) -> pd.DataFrame:
        """The rows of `summary` that are done and no control."""
        return self.summary[(self.summary["status"] == "done") & (self.summary["phase"] != Phase.CONTROL)]


def analyse(results: Results, margins: Mapping[str, float]) -> Analysis:
    """Compare every ACAI run of a study with its vanilla twin.

    Args:
        results: what `store.load` returned.
        margins: the difference that matters, by name of primary metric.
    """
    summary = results.summary()
    families, left_out = [], [unfinished(results.runs)]
    for group in GROUPS:
        pairs, out = pair_runs(results.runs, group)
        left_out.append(out)
        if len(pairs):
            families.append(_family(group, _numbered(pairs), out, summary, results.runs, margins))
    rows = pd.concat(left_out).drop_duplicates("run_id").merge(results.runs, on="run_id")
    columns = ["run_id", "phase", "latent_dim", "lam", "gamma", "seed", "status", "obstacle", "twin"]
    return Analysis(results, summary, margins, tuple(families), rows[columns].sort_values("run_id", ignore_index=True))


def cells(pairs: pd.DataFrame) -> pd.DataFrame:
    """One row a cell, indexed by its number, with the columns of `CELL`."""
    return pairs.drop_duplicates("cell").set_index("cell")[list(CELL)]


def varied(pairs: pd.DataFrame) -> list[str]:
    """The settings that differ between the cells, beside latent size, λ and γ."""
    return [column for column in SETTINGS if len(pairs[column].drop_duplicates()) > 1]


def _numbered(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs.assign(cell=pairs.groupby(list(CELL), dropna=False, sort=False).ngroup())


def _family(
    group: Group,
    pairs: pd.DataFrame,
    out: pd.DataFrame,
    summary: pd.DataFrame,
    runs: pd.DataFrame,
    margins: Mapping[str, float],
) -> Family:
    split = _measured_split(group, summary)
    values = summary.set_index("run_id")
    columns = {with_split(metric.column, split): metric for metric in PRIMARY}
    differences = _differences(pairs, values, list(columns))
    left_out = _left_out_by_cell(pairs, runs[runs["run_id"].isin(out["run_id"])])
    tests = _by_cell(differences, cells(pairs), list(columns), _test)
    tests = tests.assign(
        n_left_out=tests["cell"].map(left_out).astype(int), p_adjusted=statistics.holm(tests["p"].to_numpy())
    )
    floor = chaos_floor(runs, values, list(columns))
    tests["chaos"] = [floor.get(key, float("nan")) for key in zip(tests["latent_dim"], tests["metric"], strict=True)]
    return Family(
        group=group,
        split=split,
        pairs=pairs,
        tests=_with_verdicts(tests, columns, margins),
        differences=differences.assign(metric=differences["metric"].map({c: m.name for c, m in columns.items()})),
        summary=summary,
    )


def chaos_floor(runs: pd.DataFrame, values: pd.DataFrame, columns: Sequence[str]) -> "pd.Series[float]":
    """Mean absolute difference between vanilla runs and their chaos twins, by latent size and column.

    Training is chaotic: a λ of 1e-6 changes every weight in the end. Smaller mean differences are not effects.
    """
    pairs, _ = pair_runs(runs, CHAOS)
    differences = _differences(pairs.assign(cell=0), values, columns)
    sizes = differences["difference"].astype(float).abs()
    return sizes.groupby([differences["latent_dim"], differences["metric"]]).mean()


def _measured_split(group: Group, summary: pd.DataFrame) -> str:
    """The group's split, or the other one where the study has measured only that."""
    other = {"test": "valid", "valid": "test"}[group.split]
    rows = summary[summary["phase"].isin(group.phases)]
    measured = [
        split
        for split in (group.split, other)
        if any(rows[c].notna().any() for m in PRIMARY if (c := with_split(m.column, split)) in rows)
    ]
    return measured[0] if measured else group.split


def _differences(pairs: pd.DataFrame, values: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """One row a pair and metric, ACAI − vanilla; pairs without a finite number on both sides are absent."""
    parts = []
    for column in columns:
        if column not in values:
            continue
        acai, vanilla = (values[column].reindex(pairs[run]).to_numpy(dtype=float) for run in ("run_id", "twin"))
        part = pairs[["cell", "latent_dim", "lam", "gamma", "seed"]].assign(
            metric=column, vanilla=vanilla, acai=acai, difference=acai - vanilla
        )
        parts.append(part[np.isfinite(part["difference"])])
    return pd.concat(parts, ignore_index=True)[_DIFFERENCES] if parts else pd.DataFrame(columns=_DIFFERENCES)


def _by_cell(
    differences: pd.DataFrame,
    which: pd.DataFrame,
    columns: Sequence[str],
    statistic: Callable[[Floats, Floats, Floats], Row],
) -> pd.DataFrame:
    """One row a cell and metric: what the statistic says of its differences and of both arms."""
    places = differences.groupby(["cell", "metric"]).indices
    arrays = [differences[name].to_numpy(dtype=float) for name in ("difference", "vanilla", "acai")]
    rows = []
    settings = rows_of(which[["latent_dim", "lam", "gamma"]].reset_index())
    for setting, column in itertools.product(settings, columns):
        place = places.get((setting["cell"], column), np.empty(0, dtype=int))
        rows.append({**setting, "metric": column, **statistic(*(array[place] for array in arrays))})
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=_ESTIMATES)


def _estimate(values: Floats, vanilla: Floats, acai: Floats) -> Row:
    low, high = statistics.t_interval(values)
    means = [array.mean() if array.size else float("nan") for array in (values, vanilla, acai)]
    return {"n": values.size, "mean": means[0], "low": low, "high": high, "vanilla": means[1], "acai": means[2]}


def _test(values: Floats, vanilla: Floats, acai: Floats) -> Row:
    estimate = _estimate(values, vanilla, acai)
    return {**estimate, "p": statistics.sign_flip_p(values), "correlation": statistics.correlation(vanilla, acai)}


def _with_verdicts(tests: pd.DataFrame, columns: Mapping[str, Metric], margins: Mapping[str, float]) -> pd.DataFrame:
    size = int(tests["p"].notna().sum())
    rows: list[Row] = []
    for test in rows_of(tests):
        metric = columns[test["metric"]]
        row = {**test, "metric": metric.name, "margin": margins[metric.name], "family_size": size}
        verdict = _verdict(row, metric)
        rows.append({**row, "verdict": verdict.word.value, "reason": verdict.reason.value})
    return pd.DataFrame(rows)


def _verdict(row: Row, metric: Metric) -> Verdict:
    numbers = ("n", "mean", "low", "high", "p", "p_adjusted", "margin", "chaos", "family_size")
    return decide(PairedTest(better=metric.better, **{name: row[name] for name in numbers}))


def _left_out_by_cell(pairs: pd.DataFrame, out: pd.DataFrame) -> "pd.Series[int]":
    """How many runs of each cell's trials have no place in a pair."""
    trials = pairs[["cell", "trial_id"]].drop_duplicates()
    counts = trials["trial_id"].map(out["trial_id"].value_counts()).fillna(0)
    return counts.groupby(trials["cell"]).sum().astype(int)

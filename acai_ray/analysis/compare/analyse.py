"""ACAI against its vanilla twins: frames in, frames out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from acai_ray.analysis.compare.arm_titles import arm_titles, lambda_label, one_word
from acai_ray.analysis.compare.columns import other_columns
from acai_ray.analysis.compare.estimates import by_cell, differences_of
from acai_ray.analysis.compare.pairs import CELL, CHAOS, GROUPS, Group, pair_runs, unfinished
from acai_ray.analysis.compare.people import SETTING, bodies_of, over_folds, person_differences
from acai_ray.protocol import judge, statistics
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.primary import PRIMARY
from acai_ray.store import SETTINGS, Results

_TEST = ["cell", "metric"]

AT_ONCE = 8
"""Analyses whose costly parts are kept: a study of several regularizers has one of each, asked for twice."""

Margins = Mapping[str, float]


@dataclass(frozen=True)
class Family:
    """The comparisons of one group of runs: one Holm family of primary tests, the rest exploratory.

    Attributes:
        split: the poses the numbers come from.
        pairs: one row a pair: the ACAI run's columns, `twin` and `cell`, the number of its settings.
        tests: one row a cell and primary metric: `cell arm latent_dim lam gamma metric`, what `protocol.judge` says,
            and beside that `n` pairs of runs that have the metric and `n_left_out` that have no pair, `n_bodies` of the
            people, the means of `vanilla` and `acai`, `p_sign_flip` over folds, `seeds_low seeds_high` (the interval
            over seeds on the same people: training noise alone) and `family_size`, the tests that Holm's adjustment
            counts.
        differences: every person's difference behind `tests`, as `people.person_differences` gives them.
        summary: one wide row a run, of all runs.
        titles: what its regularizers are called, by their names.
    """

    group: Group
    split: str
    pairs: pd.DataFrame
    tests: pd.DataFrame
    differences: pd.DataFrame
    summary: pd.DataFrame
    titles: Mapping[str, str]

    @property
    def arm(self) -> str:
        """What is compared with vanilla, in one word."""
        return one_word(self.titles)

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
        differences = differences_of(self.pairs, self.summary.set_index("run_id"), columns)
        return by_cell(differences, cells(self.pairs), columns)


@dataclass(frozen=True, eq=False)
class Analysis:
    """A study compared.

    Attributes:
        results: what was analysed.
        summary: one wide row a run.
        margins: the difference that matters, by name of primary metric.
        families: in the order of their authority.
        left_out: one row a run that is in no pair: `run_id phase arm latent_dim lam gamma seed status obstacle twin`;
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
    def arms(self) -> list[str]:
        """The regularizers that are compared with vanilla, or would be, in the order of `study.json`."""
        return list(self.titles)

    @property
    def titles(self) -> dict[str, str]:
        """What they are called; where none is compared, those whose runs are done."""
        compared = {arm for family in self.families for arm in family.titles}
        return arm_titles(self.results.study, compared or set(self.done.loc[self.done["lam"] > 0, "arm"]))

    @property
    def arm(self) -> str:
        """What is compared with vanilla, in one word."""
        return one_word(self.titles)

    @property
    def lambda_label(self) -> str:
        """λ with its unit."""
        return lambda_label(self.results.study, self.titles)

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
    """Compare every run with a regularizer with its vanilla twin.

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
            families.append(_family(group, _numbered(pairs), out, summary, results, margins))
    rows = pd.concat(left_out).drop_duplicates("run_id").merge(results.runs, on="run_id")
    columns = ["run_id", "phase", "arm", "latent_dim", "lam", "gamma", "seed", "status", "obstacle", "twin"]
    return Analysis(results, summary, margins, tuple(families), rows[columns].sort_values("run_id", ignore_index=True))


def cells(pairs: pd.DataFrame) -> pd.DataFrame:
    """One row a cell, indexed by its number, with the columns of `CELL`."""
    return pairs.drop_duplicates("cell").set_index("cell")[list(CELL)]


def varied(pairs: pd.DataFrame) -> list[str]:
    """What differs between the cells beside latent size, λ and γ: the arm, and any other setting."""
    return [column for column in ("arm", "options", *SETTINGS) if len(pairs[column].drop_duplicates()) > 1]


def _numbered(pairs: pd.DataFrame) -> pd.DataFrame:
    return pairs.assign(cell=pairs.groupby(list(CELL), dropna=False, sort=False).ngroup())


def _family(
    group: Group, pairs: pd.DataFrame, out: pd.DataFrame, summary: pd.DataFrame, results: Results, margins: Margins
) -> Family:
    split = _measured_split(group, pairs, results)
    differences = person_differences(results, pairs, split)
    floor = chaos_floor(results, split)
    asked = cells(pairs).reset_index()
    chaos = {
        (cell, metric.name): floor.get((size, codes, metric.name), float("nan"))
        for cell, size, codes in zip(asked["cell"], asked["latent_dim"], asked["codes"], strict=True)
        for metric in PRIMARY
    }
    asked = asked[SETTING]
    judged = judge(_with_every_test(differences, asked["cell"]), margins, chaos)
    tests = asked.merge(judged, on="cell")
    return Family(
        group=group,
        split=split,
        pairs=pairs,
        tests=_described(tests, differences, pairs, results, out),
        differences=differences,
        summary=summary,
        titles=arm_titles(results.study, pairs["arm"]),
    )


def chaos_floor(results: Results, split: str) -> "pd.Series[float]":
    """What a λ without effect changes in the mean over people: the mean size over pairs.

    Training is chaotic: a λ of 1e-6 changes every weight in the end. Smaller mean differences are not effects.

    Returns:
        Values indexed by latent size, kind of codes and metric.
    """
    differences = chaos_differences(results, split).merge(results.runs[["run_id", "codes"]], on="run_id")
    kinds = ["latent_dim", "codes", "metric"]
    by_pair = differences.groupby([*kinds, "run_id"])["value"].mean().astype(float).abs()
    return by_pair.groupby(level=kinds).mean()


def chaos_differences(results: Results, split: str) -> pd.DataFrame:
    """Every person's difference between a vanilla run and its chaos twin, as `person_differences` has them."""
    pairs, _ = pair_runs(results.runs, CHAOS)
    return person_differences(results, pairs.assign(cell=0), split)


def _with_every_test(differences: pd.DataFrame, of: "pd.Series[int]") -> pd.DataFrame:
    """The differences, and for each cell and primary metric a row without a value, so that none is missing."""
    places = pd.MultiIndex.from_product([of, [metric.name for metric in PRIMARY]], names=["cell", "metric"])
    nothing = places.to_frame(index=False).assign(person="", seed=0, fold=np.nan, value=np.nan)
    return pd.concat([nothing, differences[nothing.columns]], ignore_index=True) if len(differences) else nothing


def _described(
    tests: pd.DataFrame, differences: pd.DataFrame, pairs: pd.DataFrame, results: Results, out: pd.DataFrame
) -> pd.DataFrame:
    """The tests with what stands beside a verdict and takes no part in it."""
    beside = _beside(differences, results).reset_index().astype({"cell": tests["cell"].dtype})
    counts = {"n": 0, "n_bodies": 0}
    tests = tests.merge(beside, on=_TEST, how="left").fillna(counts).astype(dict.fromkeys(counts, int))
    left_out = _left_out_by_cell(pairs, results.runs[results.runs["run_id"].isin(out["run_id"])])
    n_left_out = tests["cell"].map(left_out).astype(int)
    return tests.assign(n_left_out=n_left_out, family_size=int(tests["p"].notna().sum()))


def _beside(differences: pd.DataFrame, results: Results) -> pd.DataFrame:
    """One row a cell and metric that has a pair.

    Indexed by them, with `vanilla acai n n_bodies seeds_low seeds_high p_sign_flip`. The sign-flip p is NaN for one
    fold, the interval over seeds for one seed.
    """
    rows = differences.assign(
        fold=differences["fold"].fillna(-1),
        body=bodies_of(results, differences["person"]),
        value=differences["value"].astype(float),
    )
    by_fold = rows.groupby([*_TEST, "fold", "person"])["value"].mean().groupby(level=[*_TEST, "fold"]).mean()
    by_seed = rows.groupby([*_TEST, "seed", "fold"])["value"].mean().groupby(level=[*_TEST, "seed"]).mean()
    counts = rows.groupby(_TEST, sort=False).agg(n=("run_id", "nunique"), n_bodies=("body", "nunique"))
    intervals = by_seed.groupby(level=_TEST).agg(
        seeds_low=lambda values: statistics.t_interval(values)[0],
        seeds_high=lambda values: statistics.t_interval(values)[1],
    )
    frame = over_folds(rows, ["vanilla", "acai"]).join(counts).join(intervals)
    return frame.assign(p_sign_flip=by_fold.groupby(level=_TEST).agg(_sign_flip_over_folds))


def _sign_flip_over_folds(means: "pd.Series[float]") -> float:
    return statistics.sign_flip_p(np.asarray(means, dtype=float)) if len(means) > 1 else float("nan")


def _measured_split(group: Group, pairs: pd.DataFrame, results: Results) -> str:
    """The group's split, or the other one where the study has measured only that."""
    other = {"test": "valid", "valid": "test"}[group.split]
    subjects = results.subjects[results.subjects["run_id"].isin(pairs["run_id"])]
    return next((split for split in (group.split, other) if (subjects["split"] == split).any()), group.split)


def _left_out_by_cell(pairs: pd.DataFrame, out: pd.DataFrame) -> "pd.Series[int]":
    """How many runs of each cell's trials have no place in a pair."""
    trials = pairs[["cell", "trial_id"]].drop_duplicates()
    counts = trials["trial_id"].map(out["trial_id"].value_counts()).fillna(0)
    return counts.groupby(trials["cell"]).sum().astype(int)

"""Simulated studies: how often the rule of a verdict errs, and how often it finds a difference that is there.

All sizes are in margins: the margin of every metric is 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from acai_ray.protocol.judging import judge
from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.statistics import LEVEL, estimate_over_folds, holm
from acai_ray.protocol.verdicts import Word

METRICS = tuple(metric.name for metric in PRIMARY)
MARGINS = dict.fromkeys(METRICS, 1.0)

Floats = npt.NDArray[np.float64]
Tails = Literal["normal", "t3"]


@dataclass(frozen=True)
class Scenario:
    """How the differences of a study come about; a difference is the sum of the effect and four kinds of noise.

    Attributes:
        people: how many people are tested in each fold.
        seeds: seeds of each fold.
        cells: settings that are compared with the same vanilla runs.
        effect: the mean difference of every cell and metric, over all people there are.
        person: standard deviation of what people differ by in the effect; a person's own in every cell.
        fold: standard deviation of what the folds' training sets differ by.
        run: standard deviation of what training runs differ by, of an ACAI run and its vanilla twin together.
        rest: standard deviation of what remains of one person in one run.
        shared: share of the variance of persons and folds that all cells of a study have in common. What runs and the
            rest add comes half from the vanilla runs, which all cells share.
        tails: how the noise is distributed; `t3` is Student's t with three degrees of freedom, of the same variance.
    """

    people: tuple[int, ...]
    seeds: int = 1
    cells: int = 4
    effect: float = 0.0
    person: float = 1.0
    fold: float = 0.5
    run: float = 0.4
    rest: float = 0.5
    shared: float = 0.5
    tails: Tails = "normal"

    @property
    def tests(self) -> int:
        """How many verdicts a study gives."""
        return self.cells * len(METRICS)


@dataclass(frozen=True)
class Rates:
    """What became of simulated studies, as shares.

    Attributes:
        false: studies with at least one false verdict: better or worse in the wrong direction or without any effect,
            or equivalent although the effect is at least a margin.
        found: tests that say what there is: better or worse of an effect, equivalent where there is none.
        studies: how many were simulated.
    """

    false: float
    found: float
    studies: int

    @property
    def error(self) -> float:
        """The standard error of `false`, if it were at the level that is promised."""
        return float((LEVEL * (1 - LEVEL) / self.studies) ** 0.5)


def simulate(scenario: Scenario, studies: int, seed: int = 0, *, by_seeds: bool = False) -> Rates:
    """Judge simulated studies.

    Args:
        scenario: how they come about.
        studies: how many.
        seed: of the random numbers.
        by_seeds: judge the same people over seeds instead, Student's t over the seeds' means: what a study without
            folds does that takes its people for all people.
    """
    rng = np.random.default_rng(seed)
    false = found = 0
    for _ in range(studies):
        words = _words(differences(scenario, rng), by_seeds)
        wrong, right = _scores(words, scenario.effect)
        false += wrong > 0
        found += right
    return Rates(false / studies, found / studies / scenario.tests, studies)


def differences(scenario: Scenario, rng: np.random.Generator) -> pd.DataFrame:
    """One simulated study, as `judge` takes it."""
    folds, cells = len(scenario.people), scenario.cells
    fold_of = np.repeat(np.arange(folds), scenario.people)
    shape = (cells, len(METRICS))
    person = scenario.person * _of_cells((*shape, len(fold_of)), scenario, rng)
    fold = scenario.fold * _of_cells((*shape, folds), scenario, rng)
    run = scenario.run * _of_runs((*shape, folds, scenario.seeds), scenario.tails, rng)
    rest = scenario.rest * _of_runs((*shape, len(fold_of), scenario.seeds), scenario.tails, rng)
    values = scenario.effect + (person + fold[..., fold_of])[..., None] + run[..., fold_of, :] + rest
    cell, metric, who, seed = (place.ravel() for place in np.indices(values.shape))
    return pd.DataFrame(
        {
            "cell": cell,
            "metric": np.array(METRICS, dtype=object)[metric],
            "person": who,
            "seed": seed,
            "fold": fold_of[who],
            "value": values.ravel(),
        }
    )


def _of_cells(shape: tuple[int, ...], scenario: Scenario, rng: np.random.Generator) -> Floats:
    """Noise of variance 1 of which all cells (the first axis) have a share in common."""
    own, common = (_noise(size, scenario.tails, rng) for size in (shape, (1, *shape[1:])))
    noise: Floats = np.sqrt(1 - scenario.shared) * own + np.sqrt(scenario.shared) * common
    return noise


def _of_runs(shape: tuple[int, ...], tails: Tails, rng: np.random.Generator) -> Floats:
    """Noise of variance 1 of pairs of runs: of each cell's own minus that of the vanilla runs, which they share."""
    acai, vanilla = (_noise(size, tails, rng) for size in (shape, (1, *shape[1:])))
    noise: Floats = (acai - vanilla) / np.sqrt(2)
    return noise


def _noise(shape: tuple[int, ...], tails: Tails, rng: np.random.Generator) -> Floats:
    return rng.standard_normal(shape) if tails == "normal" else rng.standard_t(3, shape) / np.sqrt(3)


def _words(study: pd.DataFrame, by_seeds: bool) -> Iterator[tuple[str, Word]]:
    """The metric and the verdict of each test."""
    judged = _judge_by_seeds(study) if by_seeds else judge(study, MARGINS)
    yield from zip(judged["metric"], map(Word, judged["verdict"]), strict=True)


def _judge_by_seeds(study: pd.DataFrame) -> pd.DataFrame:
    """Verdicts of Student's t over the means of each run, folds and seeds alike, as if there were no other people."""
    by_run = study.pivot_table(index=["cell", "metric"], columns=["fold", "seed"], values="value", sort=False)
    estimate = estimate_over_folds(by_run.to_numpy(dtype=float))
    differs = (holm(estimate.p_of_zero()) <= LEVEL) & (np.abs(estimate.mean) > 1)
    metrics = by_run.index.get_level_values("metric")
    better = np.array([(mean < 0) == _lower_is_better(m) for mean, m in zip(estimate.mean, metrics, strict=True)])
    words = np.where(differs, np.where(better, Word.BETTER, Word.WORSE), Word.UNDECIDED)
    return pd.DataFrame({"metric": metrics, "verdict": words})


def _lower_is_better(name: str) -> bool:
    return next(metric.better for metric in PRIMARY if metric.name == name) == "lower"


def _scores(words: Iterator[tuple[str, Word]], effect: float) -> tuple[int, int]:
    """How many verdicts are false, and how many say what there is."""
    wrong = right = 0
    for metric, word in words:
        better = Word.BETTER if (effect < 0) == _lower_is_better(metric) else Word.WORSE
        if effect == 0:
            right += word is Word.EQUIVALENT
            wrong += word.differs
        else:
            right += word is better
            wrong += (word.differs and word is not better) or (word is Word.EQUIVALENT and abs(effect) >= 1)
    return wrong, right

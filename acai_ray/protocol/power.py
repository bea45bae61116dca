"""What a study can find: how its numbers vary between people, folds and runs, and the smallest difference it shows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from acai_ray.protocol.statistics import LEVEL

POWER = 0.8
"""The probability with which a difference of the smallest size that is told would be shown."""

PARTS = ("person", "fold", "run", "rest")
"""What a difference varies by: see `Noise`."""


@dataclass(frozen=True)
class Noise:
    """Standard deviations of the difference ACAI − vanilla, in the metric's unit.

    Attributes:
        person: between people, whatever run tests them.
        fold: between folds, beyond their people and runs: between training sets.
        run: between pairs of runs that differ in their seed.
        rest: what remains, of one person in one pair of runs.
    """

    person: float
    fold: float
    run: float
    rest: float

    def error(self, people: Sequence[int], seeds: int) -> float:
        """The standard error of the mean over folds.

        Args:
            people: how many are tested in each fold.
            seeds: of each fold.
        """
        of_fold = self.fold**2 + self.run**2 / seeds
        of_person = self.person**2 + self.rest**2 / seeds
        variances = [of_fold + of_person / count for count in people]
        return float(np.sqrt(sum(variances)) / len(people))


def smallest_difference(noise: Noise, people: Sequence[int], seeds: int, margin: float, tests: int) -> float:
    """The smallest true difference that is called better or worse with a probability of at least `POWER`.

    Its p must be small enough for the first step of Holm's adjustment, and its mean beyond the margin. That is exact
    but for folds of unequal size, of which Student's t is then an approximation.

    Args:
        noise: of the metric.
        people: how many are tested in each fold, at least two folds.
        seeds: of each fold.
        margin: the difference that matters, in the metric's unit.
        tests: how many tests share the family.
    """
    from scipy.optimize import brentq
    from scipy.stats import nct, norm, t

    freedom, error = len(people) - 1, noise.error(people, seeds)
    if error == 0:
        return margin
    critical = t.isf(LEVEL / tests / 2, freedom)
    shift = brentq(lambda size: nct.sf(critical, freedom, size) - POWER, 0.0, 1e4)
    return float(max(shift * error, margin + norm.isf(1 - POWER) * error))


def noise_of(differences: pd.DataFrame, chaos: pd.DataFrame | None = None) -> Noise:
    """The noise of one metric, by the method of moments over all cells; a part that is not told apart is 0.

    With one seed a fold, what runs add is in `person` and `fold`, unless `chaos` tells it: differences between twins of
    which one has a λ without effect are run noise alone.

    Args:
        differences: `cell person seed fold value` of that metric, several folds.
        chaos: `person seed fold value` of the chaos control's pairs.
    """
    parts = [_of_cell(rows) for _, rows in differences.groupby("cell", sort=False)]
    person, fold, run, rest = (float(np.mean(values)) for values in zip(*parts, strict=True))
    if chaos is not None and len(set(differences["seed"])) == 1:
        fold_of_chaos, person_of_chaos = _between(chaos)
        run, rest = fold_of_chaos, person_of_chaos
        person, fold = person - rest, fold - run
    return Noise(*(float(np.sqrt(max(0.0, part))) for part in (person, fold, run, rest)))


def _of_cell(rows: pd.DataFrame) -> tuple[float, float, float, float]:
    """Variances: person, fold, run, rest."""
    seeds = rows["seed"].nunique()
    over_seeds = rows.groupby(["fold", "person"], as_index=False)[["value"]].mean()
    fold, person = _between(over_seeds)
    if seeds < 2:
        return person, fold, 0.0, 0.0
    centred = rows["value"] - rows.groupby(["fold", "person"])["value"].transform("mean")
    by_run = centred.groupby([rows["fold"], rows["seed"]]).transform("mean")
    people = over_seeds.groupby("fold").size()
    freedom = int(((people - 1) * (seeds - 1)).sum())
    rest = float(np.square(centred - by_run).sum()) / freedom if freedom else 0.0
    means = by_run.groupby([rows["fold"], rows["seed"]]).first()
    share = float((1 / people).mean())
    run = float(np.square(means).sum()) / (len(people) * (seeds - 1)) - rest * share
    run = max(0.0, run)
    return person - rest / seeds, fold - run / seeds, run, rest


def _between(rows: pd.DataFrame) -> tuple[float, float]:
    """Variances between folds, beyond what their people explain, and between people of one fold."""
    by_fold = rows.groupby("fold")["value"]
    count = by_fold.size()
    freedom = int((count - 1).sum())
    person = float(np.square(rows["value"] - by_fold.transform("mean")).sum()) / freedom if freedom else 0.0
    folds = float(by_fold.mean().var()) if len(count) > 1 else 0.0
    return folds - person * float((1 / count).mean()), person

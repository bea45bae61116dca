"""The error of verdicts in simulated studies: a small form of `python -m benchmarks.verdicts`."""

import pytest

from acai_ray.protocol.simulation import Scenario, simulate
from acai_ray.protocol.statistics import LEVEL

FOLDS = (3,) * 12
UNEQUAL = (10, *(2,) * 4, *(1,) * 7)
STUDIES = 120

NULLS = {
    "people differ by two margins": Scenario(FOLDS, person=2, run=1, fold=0.5, rest=1.5),
    "people differ by one margin, folds by one": Scenario(FOLDS, person=1, fold=1),
    "heavy tails": Scenario(FOLDS, person=2, fold=0.5, tails="t3"),
    "unequal folds": Scenario(UNEQUAL, person=2, run=1, fold=0.5, rest=1.5),
    "cells alike": Scenario(FOLDS, person=2, shared=0.95),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NULLS)
def test_few_null_studies_have_a_false_verdict(name: str) -> None:
    rates = simulate(NULLS[name], STUDIES)
    assert rates.false <= LEVEL + 2.5 * rates.error


@pytest.mark.slow
def test_without_folds_most_null_studies_have_a_false_verdict() -> None:
    """What the fold as a unit is for: six people who are always the same are not all people."""
    alone = Scenario((6,), seeds=12, person=1, fold=0.5)
    assert simulate(alone, 30, by_seeds=True).false > 0.8


@pytest.mark.slow
def test_effects_are_found_and_larger_ones_more_often() -> None:
    found = [simulate(Scenario(FOLDS, person=1, effect=effect), 30).found for effect in (1.0, 1.5, 3.0)]
    assert found == sorted(found)
    assert found[-1] > 0.95


def test_a_study_has_every_person_seed_and_test_once() -> None:
    import numpy as np

    from acai_ray.protocol.simulation import differences

    study = differences(Scenario((2, 1), seeds=3, cells=2), np.random.default_rng(0))
    assert len(study) == 2 * 4 * 3 * 3
    assert not study.duplicated(["cell", "metric", "person", "seed"]).any()
    assert study.groupby("person")["fold"].nunique().eq(1).all()

"""The smallest difference that a study shows, and the noise it is computed from."""

import numpy as np
import pytest

from acai_ray.protocol.power import PARTS, POWER, Noise, noise_of, smallest_difference
from acai_ray.protocol.simulation import Scenario, differences, simulate

SCENARIO = Scenario((3,) * 12, seeds=2, person=1.5, run=0.8, fold=0.6, rest=1.0)


def test_the_standard_error_is_that_of_simulated_studies() -> None:
    rng = np.random.default_rng(0)
    means = []
    for _ in range(300):
        study = differences(SCENARIO, rng)
        of_test = study[(study["cell"] == 0) & (study["metric"] == "bones")]
        means.append(of_test.groupby(["fold", "person"])["value"].mean().groupby("fold").mean().mean())
    noise = Noise(person=1.5, fold=0.6, run=0.8, rest=1.0)
    assert np.std(means) == pytest.approx(noise.error(SCENARIO.people, 2), rel=0.12)


def test_the_noise_is_found_again() -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(40):
        study = differences(SCENARIO, rng)
        found.append(noise_of(study[study["metric"] == "bones"]))
    squares = {part: np.mean([getattr(noise, part) ** 2 for noise in found]) for part in PARTS}
    assert np.sqrt(list(squares.values())) == pytest.approx([1.5, 0.6, 0.8, 1.0], abs=0.15)


def test_chaos_tells_the_noise_of_runs_where_there_is_one_seed() -> None:
    rng = np.random.default_rng(0)
    scenario = Scenario((4,) * 12, person=1.5, run=0.8, fold=0.6, rest=1.0)
    chaos = Scenario((4,) * 12, cells=1, person=0, run=0.8, fold=0, rest=1.0)
    pairs = [[differences(of, rng) for of in (scenario, chaos)] for _ in range(40)]
    found = [noise_of(*(study[study["metric"] == "bones"] for study in pair)) for pair in pairs]
    squares = {part: np.mean([getattr(noise, part) ** 2 for noise in found]) for part in PARTS}
    assert np.sqrt(list(squares.values())) == pytest.approx([1.5, 0.6, 0.8, 1.0], abs=0.2)


@pytest.mark.slow
def test_the_smallest_difference_is_found_as_often_as_is_said() -> None:
    """One test alone, so that the first step of Holm's adjustment is the only one."""
    noise, people = Noise(person=2, fold=0.5, run=1, rest=1.5), (3,) * 12
    size = smallest_difference(noise, people, 1, margin=1.0, tests=4)
    scenario = Scenario(people, cells=1, person=2, fold=0.5, run=1, rest=1.5, effect=size)
    assert simulate(scenario, 150).found >= POWER - 0.04


def test_more_folds_find_smaller_differences() -> None:
    noise = Noise(person=2, fold=0.5, run=1, rest=1.5)
    sizes = [smallest_difference(noise, (3,) * folds, 1, 1.0, 16) for folds in (6, 12, 24)]
    assert sizes == sorted(sizes, reverse=True)
    assert smallest_difference(Noise(0, 0, 0, 0), (1, 1), 1, 1.0, 4) == 1.0

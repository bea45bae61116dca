"""A search of many very small trials: no suggestion is repeated or lost when its driver is killed half-way."""

from pathlib import Path

import pytest

from acai_ray.sweep.space import Space
from tests.helpers import kills, many_trials

TRIALS = 50


@pytest.mark.slow
def test_many_trials_and_a_kill(tmp_path: Path) -> None:
    """`python -m benchmarks.many_trials` does it with as many as one likes."""
    space = Space(**many_trials.SPACE, trials=TRIALS)
    many_trials.session(tmp_path, space, until=TRIALS // 2)
    finished = kills.finished_files(tmp_path)
    assert many_trials.ended(tmp_path) >= TRIALS // 2
    many_trials.session(tmp_path, space)
    assert many_trials.lost(tmp_path, TRIALS, finished) == []

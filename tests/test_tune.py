"""What the command says of a session that ended."""

from pathlib import Path
from typing import Any

import pytest

from acai_ray.sweep.study import Outcome
from acai_ray.tune import _sentences

WELL = {"trials": 9, "unfinished": 0, "bad_runs": 0, "out_of_time": False, "unconfirmed": False, "uncompiled": 0}


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        ({"tried_all": True}, "the search ended early: it has tried all its settings"),
        ({"picked_after": 7, "out_of_time": True}, "the search is over after 7 trials, since its picks were made then"),
        ({"out_of_time": True}, "the time budget ended the search; the same command goes on with it"),
        ({"unconfirmed": True}, "nothing was confirmed"),
        ({"stopped": 4}, "4 trials were stopped at a rung, since others were ahead"),
    ],
)
def test_how_a_search_ended_is_one_sentence(ended: dict[str, Any], says: str) -> None:
    outcome = Outcome(**(WELL | {"tried_all": False, "picked_after": None} | ended))
    first, *between, last = _sentences(outcome, Path("results/mine"))
    assert first == "9 trials in results/mine"
    assert len(between) == 1
    assert between[0].startswith(says)
    assert last == "next: python -m acai_ray.analysis results/mine"

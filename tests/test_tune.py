"""What the commands say: first what they do, at the end how a session ended."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from acai_ray.sweep.study import Outcome
from acai_ray.tune import _sentences
from tests.helpers.pages import ROOT

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


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ("acai_ray.tune --space smoke --study s --gpus-per-trial -1", "reading the search space smoke ..."),
        ("acai_ray.train --config search_spaces/experiments/quick.yaml --threads 0", "reading the experiment"),
    ],
)
def test_a_command_says_what_it_does_before_it_loads_the_libraries(command: str, line: str, tmp_path: Path) -> None:
    words = [sys.executable, "-X", "importtime", "-m", *command.split(), "--results", str(tmp_path)]
    said = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, timeout=600, check=False).stderr.splitlines()
    told = next(place for place, text in enumerate(said) if text.startswith(line))
    heavy = [place for place, text in enumerate(said) if text.split("|")[-1].strip() in ("torch", "ray", "pandas")]
    assert told < min(heavy)
    assert any(text.startswith("error: ") for text in said)

"""A small study whose driver is killed at chosen moments, and what two studies do not have in common."""

import contextlib
import itertools
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pandas as pd

from acai_ray import store
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.space import Space
from acai_ray.sweep.study import finished_trials
from acai_ray.trials.trial import Trial, from_runs

TRIAL = {"epochs": 3, "steps_per_epoch": 20, "width": 16, "lr": 1e-3, "norm": "none", "critic_norm": "none"}


EVALUATION = {"pairs": 12, "transitions": 10, "distance_pairs": 4, "distance_points": 3, "generated": 60} | {
    "targets": 30,
    "critic_draws": 50,
    "person_poses": 10,
    "person_draws": 2,
    "gallery": 4,
}


COMMON = {"seeds": 2, "trial": TRIAL, "evaluation": EVALUATION, "data_options": {"every": 20}}


SPACES: dict[str, dict[str, Any]] = {
    "grid": {"grid": {"latent_dim": [4, 8], "lambda": [0.1, 0.3]}, **COMMON},
    "search": {
        "search": {"latent_dim": {"choice": [4]}, "lambda": {"log_uniform": [0.001, 0.1]}},
        "trials": 4,
        "confirm": {"picks": ["strong"], "seeds": 2},
        "objectives": {"path_bone_excess_mm": "min", "path_coverage": "max"},
        "controls": False,
        **COMMON,
    },
}


VARYING = ["wall_s", "device", "node", "train_s", "eval_s"]
"""Columns that may differ between two runs of the same study."""


@dataclass(frozen=True)
class Kill:
    """After how many seconds a driver was killed, and how many trials had ended by then."""

    after_s: float
    ended: int


def command(space: Path, folder: Path, concurrent: int = 1) -> list[str]:
    """The command a user types; by default one trial at a time, so that a search is the same each time."""
    arguments = ["--space", str(space), "--results", str(folder), "--study", "study"]
    return [sys.executable, "-m", "acai_ray.tune", *arguments, "--max-concurrent", str(concurrent)]


def to_its_end(space: Path, folder: Path, concurrent: int = 1) -> list[float]:
    """Run the study, or what is left of it; returns the seconds until each trial's end, from the end before.

    Raises:
        RuntimeError: it ended otherwise than well.
    """
    started = time.time()
    done = subprocess.run(command(space, folder, concurrent), capture_output=True, text=True, timeout=3600, check=False)
    if done.returncode:
        raise RuntimeError(f"the study ended with {done.returncode}: {done.stderr[-2000:]}")
    ends = sorted(path.stat().st_mtime for path in measured(folder))
    return [end - before for before, end in itertools.pairwise([started, *ends])]


def kill_once(space: Path, folder: Path, moment: float, spans_s: list[float], concurrent: int = 1) -> Kill:
    """Begin or go on, and kill the driver at a moment; its workers find that out and end by themselves.

    Args:
        space: the study's file.
        folder: where it is killed.
        moment: in trials: 2.3 is after two finished trials and 0.3 of the third one's time.
        spans_s: seconds until each trial's end, from the end before.
        concurrent: how many trials run at once.
    """
    started = time.monotonic()
    driver = subprocess.Popen(command(space, folder, concurrent), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while driver.poll() is None and len(measured(folder)) < int(moment):
        time.sleep(0.01)
    with contextlib.suppress(subprocess.TimeoutExpired):
        driver.wait(timeout=(moment % 1) * spans_s[int(moment)])
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    return Kill(time.monotonic() - started, len(measured(folder)))


def measured(folder: Path) -> list[Path]:
    """The files that a trial's end brings."""
    return list((folder / "study" / "metrics").glob("*.parquet"))


def finished_files(folder: Path) -> dict[Path, bytes]:
    """The files of the trials that ended."""
    runs = runs_of(folder)
    ended = set(runs.loc[runs["status"] != "running", "trial_id"])
    return {path: path.read_bytes() for path in (folder / "study").glob("*/*.parquet") if path.stem in ended}


def runs_of(folder: Path) -> pd.DataFrame:
    """The table of runs, empty before the study has begun."""
    begun = (folder / "study" / "study.json").is_file()
    return store.load(folder / "study").runs if begun else store.SCHEMAS["runs"].empty_table().to_pandas()


def trials_of(folder: Path) -> dict[str, Trial]:
    """The trials that have begun, with their settings."""
    return {trial.trial_id: trial for trial in from_runs(runs_of(folder))}


@dataclass(frozen=True)
class Kept:
    """What a fault must leave as it is: the files of the trials that ended, and the settings of those that began."""

    files: dict[Path, bytes]
    trials: dict[str, Trial]

    @classmethod
    def of(cls, folder: Path) -> Self:
        """What is there now."""
        return cls(finished_files(folder), trials_of(folder))

    def lost(self, later: Self) -> list[str]:
        """What is not there any more, or is otherwise."""
        return [
            *(f"{path.name} changed" for path, content in self.files.items() if later.files.get(path) != content),
            *(f"{name} has other settings" for name, trial in self.trials.items() if later.trials.get(name) != trial),
        ]


def differences(whole: Path, killed: Path) -> list[str]:
    """What two studies' tables do not have in common."""
    one, other = (store.load(folder / "study") for folder in (whole, killed))
    twice = [] if other.runs["run_id"].is_unique else ["a run stands twice"]
    return [*(f"damaged: {text}" for text in other.damaged), *twice, *differing_tables(one, other)]


def differing_tables(one: store.Results, other: store.Results) -> list[str]:
    """Where the tables of two runs of the same study are not the same bit for bit."""
    found = []
    for table in store.TABLES:
        a, b = (getattr(results, table).drop(columns=VARYING, errors="ignore") for results in (one, other))
        try:
            pd.testing.assert_frame_equal(a, b, obj=table, check_exact=True)
        except AssertionError as error:
            found.append(" ".join(str(error).split()))
    return found


def broken_promises(folder: Path) -> list[str]:
    """What is wrong with a search that ended, whatever it suggested."""
    results = store.load(folder / "study")
    runs, space = results.runs, Space.model_validate(results.study["space"])
    trials = trials_of(folder)
    search = [trial.config for trial in trials.values() if trial.phase == "search"]
    plan = Plan(space, dict(trials))
    objectives = finished_trials(results, space.judged)
    plan.add_confirmation({name: found for name, found in objectives.items() if found})
    wrong = {
        f"{len(search)} trials of {space.trials}": len(search) != space.trials,
        "a suggestion was repeated": len(set(search)) != len(search),
        "a run stands twice": not runs["run_id"].is_unique,
        "a run is not done": not (runs["status"] == "done").all(),
        "a run has no numbers": set(runs["run_id"]) != set(results.metrics["run_id"]),
        "others should have been confirmed": plan.trials != trials,
    }
    return [*(f"damaged: {text}" for text in results.damaged), *(text for text, is_so in wrong.items() if is_so)]


def one_round(
    space: Path, whole: Path | None, folder: Path, moments: list[float], spans_s: list[float], concurrent: int = 1
) -> tuple[list[Kill], list[str]]:
    """Kill at each of these moments of a new session, then let it end.

    Args:
        space: the study's file.
        whole: where it was left alone; none where it would not be the same twice.
        folder: where it is killed.
        moments: one for each kill, in trials.
        spans_s: seconds until each trial's end, from the end before.
        concurrent: how many trials run at once.

    Returns:
        The kills, and what was lost.
    """
    kills: list[Kill] = []
    lost: list[str] = []
    kept = Kept({}, {})
    for moment in [*moments, None]:
        if moment is None:
            to_its_end(space, folder, concurrent)
        else:
            kills.append(kill_once(space, folder, moment, spans_s, concurrent))
        now = Kept.of(folder)
        lost += kept.lost(now)
        kept = now
    return kills, lost + (broken_promises(folder) if whole is None else differences(whole, folder))

"""Why a test has its verdict and why a run was left out, in words: the one place where these sentences are made."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acai_ray.analysis.wording import counted, number, probability
from acai_ray.protocol.obstacles import Obstacle
from acai_ray.protocol.statistics import LEVEL, family_capacity, seeds_needed, smallest_p
from acai_ray.protocol.verdicts import Reason

Row = Mapping[str, Any]

WHY: Mapping[Reason, str] = {
    Reason.BEYOND_MARGIN: "adjusted p = {p_adjusted}, beyond the margin of {margin}",
    Reason.NO_PAIRS: "no pair has this number",
    Reason.BELOW_CHAOS_FLOOR: "smaller than the chaos floor of {chaos}",
    Reason.BELOW_MARGIN: "smaller than the margin of {margin}",
    Reason.WITHIN_MARGIN: "the interval lies within the margin of ±{margin}",
    Reason.TOO_FEW_SEEDS: (
        "too few seeds: {seeds} can never reach p ≤ {level}; the smallest p is 2/2^{n} = {smallest_p}"
    ),
    Reason.NOT_SIGNIFICANT: "p = {p}, above {level}",
    Reason.TOO_FEW_SEEDS_FOR_FAMILY: "too few seeds for {tests}: {seeds} carry {capacity}",
    Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT: "p = {p} becomes {p_adjusted} among {tests}",
}
"""Of one test, with its own numbers."""

WHY_IN_GENERAL: Mapping[Reason, str] = {
    Reason.BEYOND_MARGIN: "the adjusted p is at most {level}, and the difference is beyond its margin",
    Reason.NO_PAIRS: "no pair has the number",
    Reason.BELOW_CHAOS_FLOOR: "the difference is smaller than the chaos floor",
    Reason.BELOW_MARGIN: "the difference is smaller than its margin",
    Reason.WITHIN_MARGIN: "the interval lies within its margin",
    Reason.TOO_FEW_SEEDS: "too few seeds: fewer than {fewest} can never reach p ≤ {level}",
    Reason.NOT_SIGNIFICANT: "p is above {level}",
    Reason.TOO_FEW_SEEDS_FOR_FAMILY: "too few seeds for a family of {tests}",
    Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT: "p is above {level} after Holm's adjustment for {tests}",
}
"""Of several tests of one family: only what is true of all that have this reason."""


def why(test: Row) -> str:
    """Why a test has its verdict, with the test's own numbers.

    Args:
        test: a row of `Family.tests`: its `reason`, and `n low high p p_adjusted margin chaos family_size`.
    """
    reason, n = Reason(test["reason"]), int(test["n"])
    if reason is Reason.NOT_SIGNIFICANT and test["low"] <= 0 <= test["high"]:
        return "the interval includes 0"
    return WHY[reason].format(
        n=n,
        seeds=counted(n, "seed"),
        margin=f"{test['margin']:g}",
        chaos=number(test["chaos"], 3),
        level=f"{LEVEL:g}",
        p=probability(test["p"]),
        p_adjusted=probability(test["p_adjusted"]),
        smallest_p=number(smallest_p(n), 3),
        tests=counted(test["family_size"], "test"),
        capacity=family_capacity(n),
    )


def why_in_general(reason: Reason, family_size: int) -> str:
    """The same in words that are right for every test of a family that has this reason."""
    tests = counted(family_size, "test")
    return WHY_IN_GENERAL[reason].format(level=f"{LEVEL:g}", fewest=seeds_needed(1), tests=tests)


def why_left_out(obstacle: Obstacle, run: Row, twin: Row) -> str:
    """Why a run is in no pair.

    Args:
        obstacle: what keeps it out.
        run: its row of the table `runs`.
        twin: that of the vanilla run which the obstacle is about; empty where it is about the run alone.
    """
    match obstacle:
        case Obstacle.NOT_DONE:
            return _state(run)
        case Obstacle.NOT_ALL_EPOCHS:
            return f"trained for {_length(run)}, {run['epochs_planned']:g} epochs were planned"
        case Obstacle.NO_TWIN:
            return "no vanilla twin with the same seed and settings"
        case Obstacle.TWIN_NOT_DONE:
            return f"its vanilla twin {twin['run_id']} did not finish ({_state(twin)})"
        case Obstacle.OTHER_LENGTH:
            return f"trained for {_length(run)}, its vanilla twin {twin['run_id']} for {_length(twin)}"
        case Obstacle.OTHER_WAY:
            return f"computed with {_way(run)}, its vanilla twin with {_way(twin)}; only the same gives exact twins"
        case Obstacle.REPEATED:
            return "another run has the same seed and settings"


def _length(run: Row) -> str:
    return " and ".join(f"{'?' if pd.isna(run[part]) else int(run[part])} {part}" for part in ("epochs", "steps"))


def _state(run: Row) -> str:
    reason = run["reason"]
    return f"{run['status']}: {reason}" if isinstance(reason, str) and reason else str(run["status"])


def _way(run: Row) -> str:
    return f"{run['threads']:g} threads in mode {run['mode']}"

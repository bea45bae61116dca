"""Why a test has its verdict and why a run was left out, in words: the one place where these sentences are made."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acai_ray.analysis.wording import counted, number, probability
from acai_ray.protocol.obstacles import Obstacle
from acai_ray.protocol.statistics import LEVEL
from acai_ray.protocol.verdicts import Reason

Row = Mapping[str, Any]

WHY: Mapping[Reason, str] = {
    Reason.BEYOND_MARGIN: "adjusted p = {p_adjusted}, beyond the margin of {margin}",
    Reason.WITHIN_MARGIN: "within the margin of ±{margin}, adjusted p = {p_equivalent_adjusted}",
    Reason.NO_PAIRS: "no pair has this number",
    Reason.TOO_FEW_PEOPLE: "one person alone says nothing about people",
    Reason.TOO_FEW_SEEDS: "one training run for all people says nothing about training",
    Reason.BELOW_CHAOS_FLOOR: "smaller than the chaos floor of {chaos}",
    Reason.BELOW_MARGIN: "a difference, but not shown to be larger or smaller than the margin of {margin}",
    Reason.NOT_SIGNIFICANT: "p = {p}, above {level}; adjusted p of equivalence = {p_equivalent_adjusted}",
    Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT: "p = {p} becomes {p_adjusted} among {tests}",
}
"""Of one test, with its own numbers."""

WHY_IN_GENERAL: Mapping[Reason, str] = {
    Reason.BEYOND_MARGIN: "the adjusted p is at most {level}, and the difference is beyond its margin",
    Reason.WITHIN_MARGIN: "the difference is smaller than its margin, with an adjusted p of at most {level}",
    Reason.NO_PAIRS: "no pair has the number",
    Reason.TOO_FEW_PEOPLE: "only one person was tested, which says nothing about people",
    Reason.TOO_FEW_SEEDS: "there is one training run for all people, which says nothing about training; give --folds "
    "or --seeds",
    Reason.BELOW_CHAOS_FLOOR: "the difference is smaller than the chaos floor",
    Reason.BELOW_MARGIN: "there is a difference, but it is not shown to be larger or smaller than its margin",
    Reason.NOT_SIGNIFICANT: "neither a difference nor its absence could be shown: p is above {level}",
    Reason.NOT_SIGNIFICANT_AFTER_ADJUSTMENT: "p is above {level} after Holm's adjustment for {tests}",
}
"""Of several tests of one family: only what is true of all that have this reason."""


def why(test: Row) -> str:
    """Why a test has its verdict, with the test's own numbers.

    Args:
        test: a row of `Family.tests`: its `reason`, and `p p_adjusted p_equivalent_adjusted margin chaos family_size`.
    """
    return WHY[Reason(test["reason"])].format(
        margin=f"{test['margin']:g}",
        chaos=number(test["chaos"], 3),
        level=f"{LEVEL:g}",
        **{name: probability(test[name]) for name in ("p", "p_adjusted", "p_equivalent_adjusted")},
        tests=counted(test["family_size"], "test"),
    )


def why_in_general(reason: Reason, family_size: int) -> str:
    """The same in words that are right for every test of a family that has this reason."""
    return WHY_IN_GENERAL[reason].format(level=f"{LEVEL:g}", tests=counted(family_size, "test"))


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

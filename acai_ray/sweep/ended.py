"""How a session of a study ended, as plain data for other programs."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from acai_ray.protocol.statuses import RunStatus
from acai_ray.store import Results
from acai_ray.sweep.study import Outcome

MEANINGS = {
    0: "finished",
    3: "finished, with runs that failed or diverged",
    130: "not finished: the same command goes on",
}
"""What an exit code says of a study."""


def ended(outcome: Outcome, results: Results, code: int) -> dict[str, Any]:
    """The facts of `--json`, but the verdicts; `acai_ray.tune` says what the keys mean.

    Args:
        outcome: of the session.
        results: the study's tables after it.
        code: the exit code.
    """
    counts = {**trial_counts(results.runs), "not_finished": outcome.unfinished}
    return {
        "study": results.path.name,
        "folder": results.path,
        "exit_code": code,
        "meaning": MEANINGS[code],
        "trials": {"begun": outcome.trials, **counts},
        "failed_runs": outcome.bad_runs,
        "out_of_time": outcome.out_of_time,
        "tried_all": outcome.tried_all,
        "picked_after": outcome.picked_after,
        "unconfirmed": outcome.unconfirmed,
        "uncompiled": outcome.uncompiled,
    }


def trial_counts(runs: pd.DataFrame) -> Mapping[str, int]:
    """How many trials ended well, failed or diverged in any seed, or were stopped at a rung."""
    statuses = runs.groupby("trial_id")["status"].agg(set)
    ended = [found for found in statuses if RunStatus.RUNNING not in found]
    failed = [found for found in ended if found & {RunStatus.FAILED, RunStatus.DIVERGED}]
    return {
        "done": sum(found == {RunStatus.DONE} for found in ended),
        "failed": len(failed),
        "stopped": sum(RunStatus.STOPPED in found and found not in failed for found in ended),
    }

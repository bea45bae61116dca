"""Runs that are shown though nothing is compared: those of a single experiment, or of one arm alone."""

from collections.abc import Sequence

import pandas as pd

from acai_ray.analysis.compare.analyse import Analysis
from acai_ray.common.frames import Row, rows_of
from acai_ray.common.twin_advice import twin_advice
from acai_ray.protocol.phases import Phase

YET = (
    "There is nothing to compare yet: no run with a regularizer is done together with its vanilla twin "
    "(same seed, settings)."
)


def alone(analysis: Analysis) -> pd.DataFrame:
    """The done runs of a study without a single pair, controls left out: rows of `summary`; else no rows."""
    return analysis.done if analysis.answer is None else analysis.done.head(0)


def alone_split(analysis: Analysis) -> str:
    """The poses whose numbers are shown: validation poses while a search may still pick by them, else test poses."""
    return "valid" if (alone(analysis)["phase"] == Phase.SEARCH).any() else "test"


def firsts(runs: pd.DataFrame) -> Sequence[Row]:
    """The first seed of each trial, by latent size, λ and γ; `twin` is empty."""
    order = runs.sort_values(["latent_dim", "lam", "gamma", "trial_id", "seed"])
    return rows_of(order.drop_duplicates("trial_id").assign(twin=""))


def nothing_to_compare(analysis: Analysis) -> str:
    """Why there is no verdict, and how to get one."""
    runs = alone(analysis)
    if runs.empty or analysis.results.study.get("status") != "finished":
        return YET
    first = firsts(runs)[0]
    point = {name: first[name] for name in ("latent_dim", "lam", "gamma", "regularizer")}
    if (runs["lam"] == 0).all():
        why = "every run that is done is vanilla (λ = 0), and none has a regularizer to set beside it"
    elif (runs["lam"] > 0).all():
        why = "no vanilla run (λ = 0) is done beside the runs with a regularizer"
    else:
        return "There is nothing to compare: no run with a regularizer has a vanilla twin of its seed and settings."
    return f"There is nothing to compare: {why}. What they learned is shown alone; {twin_advice(**point)}."

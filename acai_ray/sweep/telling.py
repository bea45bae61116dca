"""What Optuna is told of a trial of the search: how it stands, its objectives, and what a rung measured of it."""

from collections.abc import Mapping
from typing import NamedTuple

import optuna
from optuna.trial import TrialState, create_trial

from acai_ray.sweep.rungs import Rungs
from acai_ray.sweep.sampler import distributions
from acai_ray.sweep.setting_names import value_of
from acai_ray.sweep.space import Space
from acai_ray.trials.trial import Trial


class Told(NamedTuple):
    """What Optuna is told.

    Attributes:
        state: `PRUNED` for a trial that a rung stopped, `FAIL` for one that lacks an objective.
        values: the objectives in their order; none where it has not ended, or not well.
        steps: for a stopped trial of one objective, its values at the rungs. Of several Optuna's sampler cannot take
            them: it is told only that the trial was pruned, which counts as bad.
    """

    state: TrialState
    values: list[float] | None = None
    steps: Mapping[int, float] = {}


def told_of(trial_id: str, finished: Mapping[str, Mapping[str, float] | None], rungs: Rungs) -> Told:
    """What is to be told of a trial.

    Args:
        trial_id: its name.
        finished: the metrics of the trials that ended; None for one without.
        rungs: which trials were stopped, and what was measured of them.
    """
    if trial_id not in finished:
        return Told(TrialState.RUNNING)
    values = finished[trial_id]
    if values:
        return Told(TrialState.COMPLETE, [values[name] for name in rungs.objectives])
    if trial_id not in rungs.stopped:
        return Told(TrialState.FAIL)
    return Told(TrialState.PRUNED, steps=rungs.intermediate(trial_id) if len(rungs.objectives) == 1 else {})


def remember(study: optuna.Study, space: Space, trial: Trial, told: Told) -> None:
    """Add a trial of an earlier session to a study, which is then as it would be had it seen the trial itself."""
    wanted = distributions(space, trial.config.regularizer)
    last = [told.steps[max(told.steps)]] if told.steps else None  # what `tell` makes the value of a pruned trial
    study.add_trial(
        create_trial(
            state=told.state,
            values=told.values or last,
            params={name: value_of(trial.config, name) for name in wanted},
            distributions=wanted,
            user_attrs={"trial_id": trial.trial_id},
            intermediate_values=dict(told.steps),
        )
    )


def tell(study: optuna.Study, number: int, told: Told) -> None:
    """Tell a study in memory, where a trial's number is its id, how a trial ended."""
    for step, value in told.steps.items():
        optuna.trial.Trial(study, number).report(value, step)
    study.tell(number, told.values, state=told.state)

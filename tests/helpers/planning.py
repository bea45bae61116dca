"""A planner at work without Ray: made-up outcomes, told as Tune would tell them."""

from collections.abc import Callable
from typing import Any

from ray.tune.search import Searcher

from acai_ray.sweep.plan import Plan
from acai_ray.sweep.planner import Objectives, Planner
from acai_ray.sweep.reports import Report, pack
from acai_ray.sweep.space import Space
from acai_ray.trials.trial import Trial


def measured(trial: Trial) -> Objectives:
    """A made-up outcome that depends on the settings alone."""
    config = trial.config
    return {
        "reconstruction_mpjpe_mm": 50 + config.latent_dim / 10 + config.lam,
        "path_bone_excess_mm": 5 + abs(config.lam - 0.05) * 10,
        "path_coverage": 0.5 - abs(config.gamma - 0.2),
    }


def finished(values: Objectives | None) -> dict[str, Any]:
    """What Tune hands over when a trial ends."""
    return pack(Report(epoch=3, all_done=values is not None, objectives=values or {}))


def planner(space: Space, trials: list[Trial], ended: dict[str, Objectives | None], **options: Any) -> Planner:
    plan = Plan(space, {trial.trial_id: trial for trial in sorted(trials, key=lambda trial: trial.trial_id)})
    budget_s = options.pop("budget_s", None)
    return Planner(plan, ended, lambda trial: None, budget_s, **options)


def work(one: Planner, stop_after: int = 1000, outcome: Callable[[Trial], Objectives | None] = measured) -> list[Trial]:
    """Run trials one after another; the one after the last is handed out but not finished."""
    done: list[Trial] = []
    while (config := one.suggest(f"t{len(done)}")) != Searcher.FINISHED:
        assert isinstance(config, dict)
        done.append(Trial.of_config(config))
        if len(done) > stop_after:
            break
        one.on_trial_complete(f"t{len(done) - 1}", finished(outcome(done[-1])))
    return done

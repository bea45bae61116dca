"""What a study will do and how long it will take, said before it starts."""

import time
from datetime import timedelta

import torch
import yaml

from acai_ray.common.command_line import doing
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.evaluation import evaluate
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.sweep.counting import (
    count_controls,
    count_trials,
    describe_trials,
    most_steps_saved,
    typical_config,
)
from acai_ray.sweep.folding import divided
from acai_ray.sweep.ray_cluster import Options, cluster
from acai_ray.sweep.reach import describe_reach
from acai_ray.sweep.space import Space
from acai_ray.sweep.study import check
from acai_ray.training import compiled
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train

STEPS = 40
"""Training is timed over so many steps, after as many that do not count."""

SHARES = (1 / 20, 1 / 5)
"""The evaluation is timed at these shares of its counts and extrapolated; the reference sets keep their size."""


def describe(space: Space, poses: PoseSet, options: Options) -> str:
    """The resolved study with its trials, model-steps, resources, estimated time, and what its seeds can decide."""
    space, data = divided(space, poses)
    check(space, poses)
    with cluster(options) as resources:
        pass
    trials = count_trials(space)
    trained, untrained = count_controls(space)
    members = sum(n * seeds for n, seeds in trials.values()) + trained
    config = typical_config(space)
    doing(f"timing {'compiled' if compiled.mode(config, options.compiling) == 'compiled' else 'eager'} training steps")
    training_s, evaluation_s = measure(space, poses, max(1, int(resources.cpu)), options.compiling)
    model_steps = members * config.epochs * config.steps_per_epoch
    total_s = (model_steps * training_s + (members + untrained) * evaluation_s) / resources.concurrent
    lines = [
        yaml.safe_dump(space.model_dump(mode="json", exclude_none=True), sort_keys=False, allow_unicode=True).rstrip(),
        "",
        f"data: {poses.name}, "
        + ", ".join(f"{len(poses.split(split)):,} {split}" for split in poses.splits)
        + " poses",
        describe_trials(space),
        f"controls: {trained} models trained, {untrained} measured without training",
        f"models: {members}, {model_steps:,} model-steps{_saved(space, model_steps)}",
        f"each trial: {resources.cpu:g} CPUs, {resources.gpu:g} GPUs; {resources.concurrent} at once",
        f"measured here: {1 / training_s:,.0f} model-steps a second, {evaluation_s:.0f} s to evaluate a model",
        f"estimated time: {timedelta(seconds=round(total_s))} (on CPUs like this one's)",
        *describe_reach(space, data),
    ]
    return "\n".join(lines)


def _saved(space: Space, model_steps: int) -> str:
    """What stopping may save of the model-steps; nothing where no trial is stopped."""
    if space.stop is None:
        return ""
    saved = most_steps_saved(space)
    return f" at most; stopping hopeless trials saves up to {saved:,} of them ({saved / model_steps:.0%})"


def measure(space: Space, poses: PoseSet, threads: int, compiling: compiled.Wanted) -> tuple[float, float]:
    """Seconds of one model-step and of one model's evaluation, from a short run."""
    typical = typical_config(space)
    config = typical.model_copy(update={"epochs": 2, "steps_per_epoch": STEPS})
    mode = compiled.mode(typical, compiling)
    state = TrainState.start(config, range(space.seeds), threads=threads, mode=mode)
    *_, last = train(poses, state)
    step_s = last.rows[0]["train_s"] / (STEPS * space.seeds) if last.rows else 0.0
    model = PoseModel.of_member(state.networks, 0, config)
    seconds = [_evaluation_s(model, poses, space.evaluation, share) for share in SHARES]
    slope = max(0.0, (seconds[1] - seconds[0]) / (SHARES[1] - SHARES[0]))
    return step_s, seconds[0] + slope * (1 - SHARES[0])


def _evaluation_s(model: PoseModel, poses: PoseSet, evaluation: EvaluationConfig, share: float) -> float:
    counts = ("pairs", "distance_pairs", "targets", "critic_draws")
    fewer = {name: max(20, int(getattr(evaluation, name) * share)) for name in counts}
    yardstick = Yardstick(poses, evaluation.model_copy(update=fewer))
    evaluate(model, yardstick)  # the first time prepares what later ones use again, so it is not timed
    started = time.perf_counter()
    with torch.no_grad():
        evaluate(model, yardstick)
    return time.perf_counter() - started

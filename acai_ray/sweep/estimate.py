"""What a study will do and how long it will take, before it starts."""

import time
from datetime import timedelta

import torch
import yaml

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.trial_config import TrialConfig
from acai_ray.evaluation import evaluate
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.protocol.statistics import LEVEL, family_capacity, seeds_needed
from acai_ray.sweep.plan import LATENT_CONTROLS, POSE_SPACE_CONTROLS, Plan
from acai_ray.sweep.ray_cluster import Options, cluster
from acai_ray.sweep.space import Space
from acai_ray.sweep.study import check
from acai_ray.training import compiled
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train

STEPS = 40
SHARES = (1 / 20, 1 / 5)
"""The evaluation is timed at these shares of its counts and extrapolated; the reference sets keep their size."""

PRIMARY_METRICS = 4


def describe(space: Space, poses: PoseSet, options: Options) -> str:
    """The resolved study with its trials, model-steps, resources, estimated time, and what its seeds can decide."""
    check(space, poses)
    with cluster(options) as resources:
        pass
    trials = count_trials(space)
    trained, untrained = count_controls(space)
    members = sum(n * seeds for n, seeds in trials.values()) + trained
    config = _typical(space)
    training_s, evaluation_s = measure(space, poses, max(1, int(resources.cpu)), options.compiling)
    model_steps = members * config.epochs * config.steps_per_epoch
    total_s = (model_steps * training_s + (members + untrained) * evaluation_s) / resources.concurrent
    lines = [
        yaml.safe_dump(space.model_dump(mode="json", exclude_none=True), sort_keys=False, allow_unicode=True).rstrip(),
        "",
        f"data: {poses.name}, "
        + ", ".join(f"{len(poses.split(split)):,} {split}" for split in poses.splits)
        + " poses",
        "trials: " + ", ".join(f"{n} {phase} × {seeds} seeds" for phase, (n, seeds) in trials.items()),
        f"controls: {trained} models trained, {untrained} measured without training",
        f"models: {members}, {model_steps:,} model-steps",
        f"each trial: {resources.cpu:g} CPUs, {resources.gpu:g} GPUs; {resources.concurrent} at once",
        f"measured here: {1 / training_s:,.0f} model-steps a second, {evaluation_s:.0f} s to evaluate a model",
        f"estimated time: {timedelta(seconds=round(total_s))} (on CPUs like this one's)",
        carries(space),
    ]
    return "\n".join(lines)


def count_trials(space: Space) -> dict[str, tuple[int, int]]:
    """Phase → (trials, seeds of each); for a search, what it will come to if each distinct setting is tried."""
    plan = Plan(space)
    if space.search is None:
        plan.add_cells()
        counted = {"grid": len(plan.of_phase("grid")), "baseline": len(plan.of_phase("baseline"))}
    else:
        counted = {"search": space.trials, "baseline": min(space.trials, _settings(space)) if space.baseline else 0}
    phases = {phase: (n, space.seeds) for phase, n in counted.items() if n}
    if space.confirm is not None:
        phases["confirm"] = (2 * _confirmed(space), space.confirm.seeds)
    return phases


def count_controls(space: Space) -> tuple[int, int]:
    """Models trained as controls, and controls that are measured without training."""
    if not space.controls:
        return 0, 0
    sizes = _latent_sizes(space)
    return sizes * (space.seeds + 1), len(POSE_SPACE_CONTROLS) + sizes * (len(LATENT_CONTROLS) - 1)


def carries(space: Space) -> str:
    """How many tests the study's answer needs, and how many its seeds can carry."""
    if space.confirm is not None:
        cells, seeds, what = _confirmed(space), space.confirm.seeds, "confirmation"
    elif space.search is None:
        cells = sum(space.trial_config(cell).arm == "acai" for cell in space.cells())
        seeds, what = space.seeds, "grid"
    else:
        cells, seeds, what = space.trials, space.seeds, "search"
    tests = cells * PRIMARY_METRICS
    capacity = family_capacity(seeds)
    verdict = "enough" if capacity >= tests else f"too few: {seeds_needed(tests)} seeds would do"
    return (
        f"tests: {cells} cells × {PRIMARY_METRICS} primary metrics of the {what} are one Holm family of {tests}; "
        f"{seeds} seeds carry {capacity} at p ≤ {LEVEL:g} ({verdict})"
    )


def measure(space: Space, poses: PoseSet, threads: int, compiling: compiled.Wanted) -> tuple[float, float]:
    """Seconds of one model-step and of one model's evaluation, from a short run."""
    typical = _typical(space)
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
    evaluate(model, yardstick)  # once for what is prepared only once
    started = time.perf_counter()
    with torch.no_grad():
        evaluate(model, yardstick)
    return time.perf_counter() - started


def _typical(space: Space) -> TrialConfig:
    """The first setting of the space, with ACAI on."""
    if space.search is None:
        points = [space.trial_config(cell) for cell in space.cells()]
        return next((point for point in points if point.arm == "acai"), points[0])
    return space.trial_config({name: dimension.extremes[0] for name, dimension in space.search.items()})


def _settings(space: Space) -> int:
    """Distinct settings other than λ and γ that a search can try; unbounded where one of them is continuous."""
    count = 1
    for name, dimension in (space.search or {}).items():
        if name not in ("lam", "gamma"):
            count *= len(dimension.choice) if dimension.choice else space.trials
    return count


def _confirmed(space: Space) -> int:
    """Configurations that will be confirmed."""
    assert space.confirm is not None
    return space.confirm.per_latent * _latent_sizes(space)


def _latent_sizes(space: Space) -> int:
    """How many latent sizes there will be, at most."""
    if space.search is None:
        return len({space.trial_config(cell).latent_dim for cell in space.cells()})
    dimension = space.search.get("latent_dim")
    if dimension is None:
        return 1
    if dimension.choice is not None:
        return len(set(dimension.choice))
    low, high = dimension.extremes
    return int(min(space.trials, high - low + 1))

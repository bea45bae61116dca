"""Evaluating one model at the report's sizes, compared with the straightforward way: `python -m benchmarks.evaluate`.

Two things are timed. The task: 10,000 real poses searched among 180,000 generated ones and 10,000 generated among
180,000 real ones, by both distances, and 10,000 paths of 100 steps. The whole: everything that a trial is measured by,
for every split. What is prepared once for all models is counted in full for this one; compiling is not counted,
because it happens once for each installation.

The straightforward way is `torch.cdist` joint by joint for chunks of queries, and one path after another. It is timed
on a sample and scaled, and has to find the same distances. Work that both ways do alike is counted for both. The last
line is JSON: the seconds of the whole, how many times faster ours is, the most memory that our process held, and the
same seconds of the task.
"""

import argparse
import json
import re
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from acai_ray import load_model, metrics, poses
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.trial_config import TrialConfig
from acai_ray.evaluation import Evaluation, evaluate_model
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import DISTANCES
from acai_ray.evaluation.parts import samples
from acai_ray.evaluation.parts.paths import paths
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.training import augment, trainer
from acai_ray.training.state import TrainState
from benchmarks import neighbours

SAMPLE_PARTS = ("_recall", "_precision", "_sets", "_diversity")
"""The functions that the samplers' part of an evaluation is made of."""


class Stopwatch:
    """Seconds of each part; the time of a part within another counts for the outer one."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.running = False

    def __call__(self, part: str, action: Callable[[], Any]) -> Any:
        """Run the action and return what it returns."""
        if self.running:
            return action()
        self.running, start = True, time.perf_counter()
        try:
            return action()
        finally:
            self.running = False
            self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - start

    def wrapped(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed."""
        return lambda *given: self(part, lambda: function(*given))


def short_model(people: PoseSet, epochs: int) -> PoseModel:
    config = TrialConfig(lam=0.1, epochs=epochs)
    state = TrainState.start(config, [0])
    for _ in trainer.train(people, state):
        pass
    return PoseModel.of_member(state.networks, 0, config)


def many_real(people: PoseSet, n: int) -> Tensor:
    """`n` training poses: each is repeated until there are enough, with another augmentation every time."""
    once = torch.from_numpy(people.split("train").poses)
    flip, angle = augment.draw((n,), 30.0, 0.5, np.random.default_rng(0))
    return augment.augment(once[torch.arange(n) % len(once)], flip, angle)


def plain_rates(model: PoseModel, yardstick: Yardstick, sample: int, sets: tuple[Tensor, Tensor]) -> dict[str, float]:
    """Seconds of the straightforward way per pair of poses by each distance, and per path."""
    queries, references = sets
    some, rates = queries[:sample], {}
    for distance in DISTANCES:
        seconds, found = neighbours.timed(neighbours.plain, some, references, distance)
        torch.testing.assert_close(found, metrics.nearest_distances(some, references, distance), rtol=1e-5, atol=1e-7)
        rates[distance] = seconds / (len(some) * len(references))
    start = time.perf_counter()
    first, second = (ends[:sample] for ends in yardstick.pairs[yardstick.splits[-1]])
    for a, b in zip(first.split(1), second.split(1), strict=True):
        path = model.interpolate(a, b, yardstick.config.transitions)
        curve = metrics.transition_curve(path)
        metrics.smoothness_ratio(curve), metrics.path_energy_ratio(path)
    rates["path"] = (time.perf_counter() - start) / len(first)
    return rates


def task(model: PoseModel, yardstick: Yardstick, real: Tensor) -> dict[str, float]:
    """Our seconds for the task."""
    watch, split, n = Stopwatch(), yardstick.splits[-1], yardstick.config.targets
    of = MeasuredModel(model, yardstick)
    generated = watch("generation", lambda: of.prior)
    for part, queries, references in (
        ("recall", yardstick.targets[split], generated),
        ("precision", generated[:n], real),
    ):
        for distance in DISTANCES:
            watch(f"{part}, {distance}", partial(metrics.nearest_distances, queries, references, distance))
    watch("paths", lambda: paths(of, split, Evaluation()))
    return watch.seconds


def plain_task(ours: dict[str, float], rates: dict[str, float], yardstick: Yardstick) -> dict[str, float]:
    """The straightforward way's seconds for the task."""
    config = yardstick.config
    queries = {"recall": len(yardstick.targets[yardstick.splits[-1]]), "precision": config.targets}
    searches = {
        f"{part}, {distance}": rates[distance] * n * config.generated
        for part, n in queries.items()
        for distance in DISTANCES
    }
    return ours | searches | {"paths": rates["path"] * config.pairs}


def whole(model: PoseModel, yardstick: Yardstick) -> tuple[pd.DataFrame, dict[str, float]]:
    """The metric rows of a whole evaluation, and our seconds."""
    watch = Stopwatch()

    def prepared(*given: Any) -> MeasuredModel:
        of = MeasuredModel(*given)
        watch("encoding", lambda: of.codes)
        watch("generation", lambda: of.samples)
        return of

    names = {part: part.__name__.replace("_", " ") for part in evaluate_model.PARTS}
    parts = [p if p is evaluate_model.samples else watch.wrapped(name, p) for p, name in names.items()]
    with ExitStack() as stack:
        stack.enter_context(patch.object(evaluate_model, "MeasuredModel", prepared))
        stack.enter_context(patch.object(evaluate_model, "PARTS", parts))
        for name in SAMPLE_PARTS:
            timed = watch.wrapped(name.removeprefix("_"), getattr(samples, name))
            stack.enter_context(patch.object(samples, name, timed))
        watch("preparation", lambda: (yardstick.references, yardstick.radii))
        evaluation = evaluate_model.evaluate(model, yardstick)
    return pd.DataFrame(evaluation.metrics), watch.seconds


def plain_whole(
    rows: pd.DataFrame, ours: dict[str, float], rates: dict[str, float], config: EvaluationConfig
) -> dict[str, float]:
    """The straightforward way's seconds for a whole evaluation: one table of distances for each set of rows.

    Density and coverage take two tables, from real poses to real ones and to generated ones.
    """
    means = rows[rows["statistic"].isin(["mean", "value"])]
    pairs = means.groupby(["split", "sampler", "metric", "distance"]).apply(
        lambda each: float((each["n"] * each["n_reference"]).max()), include_groups=False
    )
    seconds = dict(ours)
    for part, names in {
        "mean distance": ["mean_distance", "mean_distance_plain"],
        "recall": ["recall"],
        "precision": ["precision", "precision_plain"],
    }.items():
        of_part = pairs[pairs.index.isin(names, level="metric")].groupby("distance").sum()
        seconds[part] = sum(rates[distance] * n for distance, n in of_part.items())
    seconds["sets"] = 2 * rates["euclidean"] * pairs.xs("density", level="metric").sum()  # density and coverage alone
    seconds["paths"] = rates["path"] * config.pairs * rows["split"].nunique()
    return seconds


def held_mb() -> float:
    """The most memory that this process has held."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def table(title: str, plain: dict[str, float], ours: dict[str, float]) -> tuple[float, float]:
    """Print the parts; returns both sums."""
    seconds = pd.DataFrame({"plain": plain, "ours": ours})
    seconds.loc["sum"] = seconds.sum()
    print(f"{title}, seconds\n{seconds.to_string(float_format='{:.2f}'.format)}\n")
    return float(seconds.loc["sum", "plain"]), float(seconds.loc["sum", "ours"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="synthetic", help="people to measure on")
    parser.add_argument("--model", help="a saved model's folder (default: a model that is trained briefly)")
    parser.add_argument("--epochs", type=int, default=2, help="epochs of that training, of 1,000 steps each")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--sample", type=int, default=100, help="queries and paths the straightforward way is timed on")
    for name in ("pairs", "transitions", "generated", "targets"):
        parser.add_argument(f"--{name}", type=int, default=EvaluationConfig.model_fields[name].default)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    sizes = {name: getattr(options, name) for name in ("pairs", "transitions", "generated", "targets")}
    people, config = poses.load(options.data), EvaluationConfig(**sizes)
    model = load_model(options.model) if options.model else short_model(people, options.epochs)
    compiling = Stopwatch()
    compiling("compiling", lambda: metrics.nearest_distances(torch.zeros(1, 17, 3), torch.zeros(1, 17, 3)))
    print(f"compiling, or loading what is compiled: {compiling.seconds['compiling']:.1f} s\n")
    rows, ours_whole = whole(model, Yardstick(people, config))
    yardstick, real = Yardstick(people, config), many_real(people, config.generated)
    ours_task = task(model, yardstick, real)
    peak_mb = held_mb()
    rates = plain_rates(model, yardstick, options.sample, (yardstick.targets[yardstick.splits[-1]], real))
    plain, ours = table("task", plain_task(ours_task, rates, yardstick), ours_task)
    of_task = {"task_plain": plain, "task_ours": ours, "task_ratio": plain / ours}
    plain, ours = table("whole", plain_whole(rows, ours_whole, rates, config), ours_whole)
    print(json.dumps({"plain": plain, "ours": ours, "ratio": plain / ours, "peak_mb": peak_mb, **of_task}))


if __name__ == "__main__":
    main()

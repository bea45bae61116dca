"""Training steps, compared with a plain PyTorch loop on one core: `python -m benchmarks.train`.

Both train the report's network with BatchNorm (or without: `--norm none`) on the synthetic people, in turn, in several
rounds. A model-step is one update of one model's autoencoder and critic. Ours, compiled or eager (`--mode eager`),
include drawing and augmenting the epoch's batches, but not compiling, the seconds of which are printed. The limit is
what one core could do if a step consisted only of its matrix products, at the speed of a large one. The last line is
JSON, with the medians. With `--profile` the time of a model-step is printed by kind of operation, for both loops.
"""

import argparse
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable

import numpy as np
import torch
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from acai_ray import poses
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import POSES
from acai_ray.training import compiled, trainer
from acai_ray.training.batches import draw_for_regularizer
from acai_ray.training.regularizers import Batch
from acai_ray.training.state import TrainState
from acai_ray.training.step import step
from benchmarks.plain_loop import PlainLoop

LARGE = 1024
KINDS = {
    "matrix products": ("mm", "linear", "addmm"),
    "optimizer": ("foreach", "optimizer", "lerp_mul_sqrt"),
    "calls of the program": ("call compiledfxgraph", "aotdispatcher"),
    "augmentation and loading": ("dataloader", "index", "stack"),
}
"""Kinds of operations, told by parts of their names; the rest are element-wise operations, reductions and calls."""


def products_per_second() -> float:
    """Floating-point operations per second of one core in a large matrix product."""
    a = torch.randn(LARGE, LARGE)
    seconds = []
    for _ in range(12):
        start = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - start)
    return 2 * LARGE**3 / min(seconds)


def operations(config: TrialConfig) -> int:
    """Floating-point operations of the matrix products in a model-step."""
    state = TrainState.start(config, [0])
    drawn = draw_for_regularizer(config, np.random.default_rng(0), 1, POSES)
    x = torch.randn(1, config.batch_size, POSES.size)
    with FlopCounterMode(display=False) as counter:
        step(state.networks, state.optimizer, config, Batch(x, drawn))
    return counter.get_total_flops()


def shares(run: Callable[[], object], model_steps: int) -> str:
    """Milliseconds of a model-step by kind of operation."""
    with profile(activities=[ProfilerActivity.CPU]) as profiled:
        run()
    spent: Counter[str] = Counter()
    for event in profiled.key_averages():
        name = event.key.lower()
        kind = next((kind for kind, parts in KINDS.items() if any(part in name for part in parts)), "the rest")
        spent[kind] += event.self_cpu_time_total / 1000 / model_steps
    return ", ".join(f"{kind} {milliseconds:.2f} ms" for kind, milliseconds in spent.most_common())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mode", choices=["compiled", "eager"], default="compiled")
    parser.add_argument("--norm", choices=["batch", "none"], default="batch")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)
    people = poses.load("synthetic")
    settings = {"lam": 0.1, "norm": options.norm, "critic_norm": options.norm, "steps_per_epoch": options.steps}
    config = TrialConfig(**settings, epochs=options.rounds + 2)
    plain = PlainLoop(torch.from_numpy(people.split("train").poses), config)
    state = TrainState.start(config, range(options.members), mode=options.mode)
    if options.mode == "compiled":
        compiled.CPU_OPTIONS["cpp.enable_kernel_profile"] = options.profile
    reports = trainer.train(people, state)
    plain.train(20)
    start = time.perf_counter()
    next(reports)
    print(f"{state.mode}: {time.perf_counter() - start:.0f} s until the first {options.steps} steps were done")
    if options.profile:
        print("plain:", shares(lambda: plain.train(options.steps), options.steps))
        print("ours: ", shares(lambda: next(reports), options.steps * options.members))
    steps_per_s: dict[str, list[float]] = {"plain": [], "ours": [], "limit": []}
    for _ in range(options.rounds):
        steps_per_s["plain"].append(options.steps / plain.train(options.steps))
        row = next(reports).rows[0]
        steps_per_s["ours"].append(options.members * options.steps / row["train_s"])
        steps_per_s["limit"].append(products_per_second() / operations(config))
        print("  ".join(f"{name} {rates[-1]:6.0f}/s" for name, rates in steps_per_s.items()))
    middle = {name: statistics.median(rates) for name, rates in steps_per_s.items()}
    ratio, share = middle["ours"] / middle["plain"], middle["ours"] / middle["limit"]
    print(json.dumps({"plain": middle["plain"], "ours": middle["ours"], "ratio": ratio, "share_of_limit": share}))


if __name__ == "__main__":
    main()

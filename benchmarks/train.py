"""Training steps, compared with other programs on one core: `python -m benchmarks.train`.

Four of them train the report's network with BatchNorm (or without: `--norm none`) in turn, in several rounds:

- plain: the PyTorch loop that one would usually write;
- jax: a good engineer's JAX program, step and Adam as one jitted scan (left out where JAX is not installed);
- floor: nothing but the matrix products of a step, by PyTorch's own kernels, and a fused Adam;
- ours, compiled or eager (`--mode eager`), with drawing and augmenting the epoch's batches.

A model-step is one update of one model's autoencoder and critic. The limit is what the core could do if a step
consisted only of its products at the speed of a large one. Compiling is not included; its seconds are printed. Times
are those of the processor, which others that use the machine disturb least. The last line is JSON, with the medians of
the rates and of the ratios within a round. With `--profile` the time of a model-step is printed by kind of operation.
"""

import argparse
import json
import os
import statistics
import time
from collections import Counter
from collections.abc import Callable
from importlib.util import find_spec

import torch
from torch.profiler import ProfilerActivity, profile

from acai_ray import poses
from acai_ray.common.trial_config import TrialConfig
from acai_ray.poses import PoseSet
from acai_ray.training import compiled, trainer
from acai_ray.training.batches import draw_epoch
from acai_ray.training.pose_tensor import pose_tensor
from acai_ray.training.state import TrainState
from benchmarks.floor import Floor
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


def rate(steps: int, run: Callable[[], object]) -> float:
    """Steps a second of the processor."""
    start = time.process_time()
    run()
    return steps / (time.process_time() - start)


def others(people: PoseSet, config: TrialConfig, steps: int) -> dict[str, Callable[[], object]]:
    """What does that many steps of one model, by its name; each has been called once."""
    train = people.split("train").poses
    plain, floor = PlainLoop(torch.from_numpy(train), config), Floor(config)
    programs: dict[str, Callable[[], object]] = {
        "plain": lambda: plain.train(steps),
        "floor": lambda: floor.run(steps),
    }
    if find_spec("jax") is None:
        print("jax is left out, because it is not installed (`pip install -e '.[benchmarks]'`)")
    else:
        from benchmarks.jax_scan import JaxScan  # an extra

        scan = JaxScan(train, config)
        programs["jax"] = lambda: scan.train(steps)
    for program in programs.values():
        program()
    return programs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mode", choices=["compiled", "eager"], default="compiled")
    parser.add_argument("--norm", choices=["batch", "none"], default="batch")
    parser.add_argument("--profile", action="store_true")
    options = parser.parse_args()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # JAX, too, then has one thread
    torch.set_num_threads(1)
    people = poses.load("synthetic")
    settings = {"lam": 0.1, "norm": options.norm, "critic_norm": options.norm, "steps_per_epoch": options.steps}
    config = TrialConfig(**settings, epochs=options.rounds + 2)
    state = TrainState.start(config, range(options.members), mode=options.mode)
    if options.mode == "compiled":
        compiled.CPU_OPTIONS["cpp.enable_kernel_profile"] = options.profile
    learned = pose_tensor(people, "train")
    reports = trainer.train_on(lambda seed, epoch: draw_epoch(config, seed, epoch, learned), state)
    start = time.perf_counter()
    next(reports)
    print(f"{state.mode}: {time.perf_counter() - start:.0f} s until the first {options.steps} steps were done")
    programs = others(people, config, options.steps)
    if options.profile:
        print("plain:", shares(programs["plain"], options.steps))
        print("ours: ", shares(lambda: next(reports), options.steps * options.members))
    operations = Floor(config).operations
    rates: dict[str, list[float]] = {name: [] for name in (*programs, "ours", "limit")}
    for _ in range(options.rounds):
        for name, program in programs.items():
            rates[name].append(rate(options.steps, program))
        rates["ours"].append(rate(options.members * options.steps, lambda: next(reports)))
        rates["limit"].append(products_per_second() / operations)
        print("  ".join(f"{name} {values[-1]:5.0f}/s" for name, values in rates.items()))
    beside = {name: [mine / its for mine, its in zip(rates["ours"], rates[name], strict=True)] for name in rates}
    print(json.dumps({
        "a_second": {name: round(statistics.median(values)) for name, values in rates.items()},
        "ours_beside": {name: round(statistics.median(ratios), 3) for name, ratios in beside.items() if name != "ours"},
    }))  # fmt: skip


if __name__ == "__main__":
    main()

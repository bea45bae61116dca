"""Training steps against a plain PyTorch loop, side by side on one core: `python -m benchmarks.train`.

Both train the report's network with BatchNorm (or without: `--norm none`) on the synthetic people, one after the other
in several rounds. A model-step is one update of one model's autoencoder and critic; ours include drawing and augmenting
the epoch's batches, compiled or eager (`--mode eager`), without the seconds of compiling, which are printed. The limit
is what one core would do if a step were its matrix products alone, at the speed of a large one. The last line is JSON,
of the medians.
"""

import argparse
import json
import statistics
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from acai_ray import poses, trainer
from acai_ray.config import TrialConfig
from acai_ray.state import TrainState
from acai_ray.step import step
from benchmarks.plain_loop import PlainLoop

LARGE = 1024


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
    half = torch.rand(1, config.batch_size // 2)
    x = torch.randn(1, config.batch_size, 51)
    with FlopCounterMode(display=False) as counter:
        step(state.networks, state.optimizer, config, x, half)
    return counter.get_total_flops()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mode", choices=["compiled", "eager"], default="compiled")
    parser.add_argument("--norm", choices=["batch", "none"], default="batch")
    options = parser.parse_args()
    torch.set_num_threads(1)
    people = poses.load("synthetic")
    settings = {"lam": 0.1, "norm": options.norm, "critic_norm": options.norm, "steps_per_epoch": options.steps}
    config = TrialConfig(**settings, epochs=options.rounds + 1)
    plain = PlainLoop(torch.from_numpy(people.split("train").poses), config)
    state = TrainState.start(config, range(options.members), mode=options.mode)
    reports = trainer.train(config, people, state)
    plain.train(20)
    start = time.perf_counter()
    next(reports)
    print(f"{state.mode}: {time.perf_counter() - start:.0f} s until the first {options.steps} steps were done")
    found: dict[str, list[float]] = {"plain": [], "ours": [], "limit": []}
    for _ in range(options.rounds):
        found["plain"].append(options.steps / plain.train(options.steps))
        row = next(reports).rows[0]
        found["ours"].append(options.members * options.steps / row["train_s"])
        found["limit"].append(products_per_second() / operations(config))
        print("  ".join(f"{name} {rates[-1]:6.0f}/s" for name, rates in found.items()))
    middle = {name: statistics.median(rates) for name, rates in found.items()}
    ratio, share = middle["ours"] / middle["plain"], middle["ours"] / middle["limit"]
    print(json.dumps({"plain": middle["plain"], "ours": middle["ours"], "ratio": ratio, "share_of_limit": share}))


if __name__ == "__main__":
    main()

"""Training steps of every regularizer, compared with those of ACAI on one core: `python -m benchmarks.arms`.

All train the report's network without normalisation (or with it: `--norm batch`) on the synthetic people, in turn, in
several rounds, with the kind of codes that each takes by itself, and vanilla without a critic. A model-step is one
update of one model and of whatever network its regularizer has. Times are the processor's, so that other programs
matter less; they include drawing and augmenting the epoch's batches and the error on validation poses, but not
compiling. The last line is JSON: how many times as long as ACAI each takes, the median over rounds of the ratio within
a round.
"""

import argparse
import json
import statistics
import time
from collections.abc import Iterator

import torch

from acai_ray import poses
from acai_ray.common.trial_config import TrialConfig
from acai_ray.training import trainer
from acai_ray.training.regularizers import REGULARIZERS, with_defaults
from acai_ray.training.state import TrainState

VANILLA = "vanilla"


def settings_of(arm: str, norm: str, rounds: int, steps: int) -> TrialConfig:
    """An arm's trial; λ is the geometric mean of the range it is searched in, and changes no time."""
    fixed = {"norm": norm, "critic_norm": norm, "steps_per_epoch": steps, "epochs": rounds + 1}
    if arm == VANILLA:
        return TrialConfig(lam=0.0, critic=False, **fixed)
    low, high = REGULARIZERS[arm].lam_range
    return TrialConfig.model_validate(with_defaults({"regularizer": arm, "lam": (low * high) ** 0.5, **fixed}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--steps", type=int, default=200, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mode", choices=["compiled", "eager"], default="compiled")
    parser.add_argument("--norm", choices=["batch", "none"], default="none")
    options = parser.parse_args()
    torch.set_num_threads(1)
    people = poses.load("synthetic")
    reports: dict[str, Iterator[trainer.Report]] = {}
    for arm in (*REGULARIZERS, VANILLA):
        config = settings_of(arm, options.norm, options.rounds, options.steps)
        reports[arm] = trainer.train(people, TrainState.start(config, range(options.members), mode=options.mode))
        next(reports[arm])
    seconds: dict[str, list[float]] = {arm: [] for arm in reports}
    for _ in range(options.rounds):
        for arm, of_arm in reports.items():
            start = time.process_time()
            next(of_arm)
            seconds[arm].append(time.process_time() - start)
        model_steps = options.members * options.steps
        print("  ".join(f"{arm} {model_steps / times[-1]:.0f}/s" for arm, times in seconds.items()), flush=True)
    ratios = {
        arm: statistics.median(own / acai for own, acai in zip(times, seconds["acai"], strict=True))
        for arm, times in seconds.items()
    }
    print(json.dumps({arm: round(ratio, 2) for arm, ratio in ratios.items()}))


if __name__ == "__main__":
    main()

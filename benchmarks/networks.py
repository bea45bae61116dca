"""Training steps with each network, compared with the perceptron on one core: `python -m benchmarks.networks`.

All have the default settings (or no batch normalisation: `--norm none`) and train on the synthetic people, in turn, in
several rounds. A model-step is one update of one model's autoencoder and critic. The critic is the same in all, so an
encoder and decoder alone differ by more. Drawing, augmenting and measuring the validation error are included, compiling
is not. Times are those of the processor, which others that use the machine disturb least. The table has the median over
the rounds; the last line is JSON, how many times as long as with `mlp` a model-step takes.
"""

import argparse
import json
import statistics
import time

import torch

from acai_ray import poses
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.networks import names
from acai_ray.training import trainer
from acai_ray.training.state import TrainState


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=3)
    parser.add_argument("--steps", type=int, default=100, help="steps of a round")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--mode", choices=["compiled", "eager"], default="compiled")
    parser.add_argument("--norm", choices=["batch", "none"], default="batch")
    options = parser.parse_args()
    torch.set_num_threads(1)
    people = poses.load("synthetic")
    shared = {"lam": 0.1, "norm": options.norm, "critic_norm": options.norm, "steps_per_epoch": options.steps}
    trainings = {}
    for name in names():
        config = TrialConfig(network=name, epochs=options.rounds + 1, **shared)
        state = TrainState.start(config, range(options.members), mode=options.mode)
        trainings[name] = trainer.train(people, state)
        next(trainings[name])  # which compiles
    milliseconds: dict[str, list[float]] = {name: [] for name in trainings}
    for _ in range(options.rounds):
        for name, reports in trainings.items():
            start = time.process_time()
            next(reports)
            milliseconds[name].append(1000 * (time.process_time() - start) / (options.members * options.steps))
    median = {name: statistics.median(values) for name, values in milliseconds.items()}
    ratios = {name: value / median["mlp"] for name, value in median.items()}
    for name, value in median.items():
        print(f"{name:10} {value:6.2f} ms a model-step   {ratios[name]:5.2f} times mlp's")
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()

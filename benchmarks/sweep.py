"""What Tune costs: a real sweep, compared with a bare Python loop over the same trials: `python -m benchmarks.sweep`.

The trials are a grid over λ on the synthetic people, of the report's network without normalisation, with as many steps
as take about `--seconds` on one core. The loop trains and evaluates a sample of them in this process, one by one,
without Ray. The share is the part of the session's core time (cores × seconds, Ray's start and end included) that its
trials spent training and evaluating, by their own clocks. The last line is JSON, in core-seconds of a trial.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from acai_ray import poses, store
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses import PoseSet
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.ray_cluster import Options
from acai_ray.sweep.space import Space
from acai_ray.sweep.study import run
from acai_ray.training.checkpoint import Place
from acai_ray.trials.run_trial import run_trial
from acai_ray.trials.trial import Trial

EVALUATION = {"pairs": 200, "distance_pairs": 50, "generated": 2_000, "targets": 500, "critic_draws": 1_000}
EPOCHS = 5


def space_of(trials: int, steps: int) -> Space:
    weights = [round(0.001 * (1 + number), 6) for number in range(trials)]
    trial = {"norm": "none", "critic_norm": "none", "lr": 1e-3, "epochs": EPOCHS, "steps_per_epoch": steps}
    return Space(grid={"lam": weights}, baseline=False, seeds=3, trial=trial, evaluation=EVALUATION)


@contextmanager
def clock() -> Iterator[list[float]]:
    """A list that holds the seconds of the block after its end."""
    seconds: list[float] = []
    start = time.perf_counter()
    yield seconds
    seconds.append(time.perf_counter() - start)


def bare_loop(space: Space, people: PoseSet, trials: list[Trial]) -> float:
    """Seconds of a trial without Ray."""
    yardstick = Yardstick(people, space.evaluation)
    with clock() as seconds, tempfile.TemporaryDirectory() as folder:
        for trial in trials:
            for _ in run_trial(trial, people, yardstick, Place.at(folder)):
                pass
    return seconds[0] / len(trials)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10, help="length of a trial on one core")
    parser.add_argument("--sample", type=int, default=4, help="trials of the bare loop")
    options = parser.parse_args()
    torch.set_num_threads(1)
    people = poses.load("synthetic")
    short = space_of(options.trials, 20)
    trials = list(_planned(short).values())
    bare_loop(short, people, trials[:1])  # compiles the search
    longer = space_of(options.trials, 60)
    fixed, of_steps = (bare_loop(s, people, list(_planned(s).values())[:1]) for s in (short, longer))
    steps = max(20, round(20 + 40 * (options.seconds - fixed) / max(of_steps - fixed, 1e-3)))
    space = space_of(options.trials, steps)
    plain = bare_loop(space, people, list(_planned(space).values())[: options.sample])
    print(f"bare loop: {plain:.2f} core-seconds a trial of {EPOCHS} × {steps} steps of 3 seeds")
    cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder, clock() as seconds:
        run(space, people, Options(Path(folder) / "study"))
        inside = store.load(Path(folder) / "study").runs.drop_duplicates("trial_id")["wall_s"].sum()
    whole = cores * seconds[0]
    print(f"sweep: {seconds[0]:.0f} s on {cores} cores, {inside:.0f} of {whole:.0f} core-seconds within trials")
    core_seconds = {"plain": plain, "ours": whole / options.trials, "ratio": plain * options.trials / whole}
    print(json.dumps({**core_seconds, "share": inside / whole}))


def _planned(space: Space) -> dict[str, Trial]:
    plan = Plan(space)
    plan.add_cells()
    return plan.trials


if __name__ == "__main__":
    main()

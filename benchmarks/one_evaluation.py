"""Evaluate one model or control at the report's sizes, alone in a process; `benchmarks.before` calls it.

It uses only what earlier versions of the program have too, so that it can be run with one of them as `PYTHONPATH`.
"""

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import torch

from acai_ray import load_model, poses
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.trial_config import TrialConfig
from acai_ray.evaluation import Evaluation, evaluate, evaluate_control, shrunk
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.metrics import nearest_distances


def measured(model: str, what: str, yardstick: Yardstick) -> Evaluation:
    if what == "model":
        return evaluate(load_model(model), yardstick)
    if what == "shrunk":
        return evaluate(shrunk(load_model(model), yardstick), yardstick)
    return evaluate_control(what, TrialConfig(latent_dim=load_model(model).latent_dim), yardstick)


def peak_mb() -> float:
    """The most memory that this process has held."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text(encoding="utf-8"))[0]) / 1024


def main(data: str, model: str, sizes: str, *every: str) -> None:
    """Args: people, a saved model's folder, sizes as JSON, and what is measured, one after the other."""
    torch.set_num_threads(1)
    people = poses.load(data)
    nearest_distances(torch.zeros(1, 17, 3), torch.zeros(1, 17, 3))  # compiles, or loads what is compiled
    yardstick = Yardstick(people, EvaluationConfig(**json.loads(sizes)))
    _ = yardstick.references, yardstick.radii, yardstick.people
    for what in every:
        processor, wall = time.process_time(), time.perf_counter()
        found = measured(model, what, yardstick)
        times = {"processor_s": time.process_time() - processor, "wall_s": time.perf_counter() - wall}
        told: dict[str, Any] = {"what": what, **times, "peak_mb": peak_mb(), "rows": found.metrics + found.subjects}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

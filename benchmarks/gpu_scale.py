"""How large the checks of `benchmarks.gpu` are: on a GPU, and in their rehearsal on a CPU."""

import os
from dataclasses import dataclass, replace
from typing import Any

import torch

from acai_ray import poses
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.trial_config import TrialConfig
from acai_ray.poses import PoseSet
from acai_ray.sweep.space import load_space
from acai_ray.sweep.space_files import find_space
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train

FEW: dict[str, int] = {"pairs": 20, "transitions": 10, "distance_pairs": 6, "distance_points": 3, "critic_draws": 50}
FEWER = EvaluationConfig(**FEW, generated=100, targets=30, gallery=2, person_poses=20, person_draws=1)


@dataclass(frozen=True)
class Scale:
    """The sizes of the checks.

    Attributes:
        device: what is compared with the CPU.
        width: units of each hidden layer.
        steps: steps of a training.
        members: how many are trained together where training is timed.
        searched: queries and references of a search.
        compared: the evaluation whose numbers are compared with the CPU's.
        timed: the evaluation that is timed.
        epochs: of the training whose process is killed.
        every: only each so many-th synthetic pose is taken.
    """

    device: str
    width: int
    steps: int
    members: tuple[int, ...]
    searched: tuple[int, int]
    compared: EvaluationConfig
    timed: EvaluationConfig
    epochs: int
    every: int

    @property
    def rehearsed(self) -> bool:
        """Whether there is no GPU."""
        return self.device == "cpu"

    @property
    def people(self) -> PoseSet:
        """Motion capture where `ACAI_CMU17` says where it is and there is a GPU, else synthetic people."""
        data = None if self.rehearsed else os.environ.get("ACAI_CMU17")
        return poses.load(data) if data else poses.load("synthetic", every=self.every)

    @property
    def everyone(self) -> PoseSet:
        """The same with all poses."""
        return replace(self, every=1).people

    def config(self, **settings: Any) -> TrialConfig:
        """The settings of a trial, ACAI at the report's network unless they say otherwise."""
        plain = {"norm": "none", "critic_norm": "none", "lr": 1e-3, "lam": 0.1, "gamma": 0.2}
        sizes = {"width": self.width, "epochs": 1, "steps_per_epoch": self.steps}
        return TrialConfig.model_validate({**plain, **sizes, **settings})

    def trained(self, config: TrialConfig, device: str, mode: str = "eager", seeds: int = 3) -> TrainState:
        """A trial that was trained to its end."""
        state = TrainState.start(config, range(seeds), mode=mode, device=device)
        for _ in train(self.people, state):
            pass
        return state

    def synchronise(self) -> None:
        """Wait until the device has done what it was given."""
        if not self.rehearsed:
            torch.cuda.synchronize()


def on_gpu() -> Scale:
    """The sizes for a GPU."""
    wide = load_space(find_space("wide")).evaluation
    return Scale("cuda", 256, 100, (1, 3, 8, 64, 256), (10_000, 180_000), wide, EvaluationConfig(), 40, 1)


def rehearsal() -> Scale:
    """Sizes for a CPU, where every part takes seconds."""
    return Scale("cpu", 16, 10, (1, 3), (60, 500), FEWER, FEWER, 60, 20)

"""Small trials trained in the test itself, and what is compared of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import torch

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import POSES
from acai_ray.poses import PoseSet
from acai_ray.training.batches import draw_for_regularizer
from acai_ray.training.regularizers import Batch
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train

OPTIMIZERS = ("sgd", "adam", "adamw", "radam", "nadam", "rmsprop")


def small(**settings: Any) -> TrialConfig:
    return TrialConfig.model_validate(
        {"latent_dim": 5, "width": 16, "epochs": 2, "steps_per_epoch": 8, "lr": 3e-3, "lam": 0.1, **settings}
    )


def trained(config: TrialConfig, seeds: Sequence[int], poses: PoseSet) -> TrainState:
    state = TrainState.start(config, seeds)
    for _ in train(poses, state):
        pass
    return state


def member_of(state: TrainState, member: int, prefix: str = "") -> dict[str, torch.Tensor]:
    return {name: value[member] for name, value in state.networks.state_dict().items() if name.startswith(prefix)}


def differing(a: dict[str, torch.Tensor], b: dict[str, torch.Tensor]) -> list[str]:
    assert a.keys() == b.keys()
    return [name for name in a if not torch.equal(a[name], b[name])]


def numbers(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """History rows without what the clock says; NaN becomes None, which equals itself."""
    return [
        {name: None if value != value else value for name, value in row.items() if name not in ("train_s", "eval_s")}
        for row in rows
    ]


def batch(config: TrialConfig, members: int, dtype: torch.dtype = torch.float32) -> Batch:
    """A batch of random numbers for each member, and what the trial's regularizer draws for it."""
    x = torch.randn(members, config.batch_size, 51, generator=torch.Generator().manual_seed(7), dtype=dtype) / 3
    return Batch(x, draw_for_regularizer(config, np.random.default_rng(7), members, POSES).to(dtype))

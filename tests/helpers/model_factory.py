"""Untrained models saved as a sweep saves them: the right shape, finite, different for every seed."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.layers import initialise
from acai_ray.models.pose_model import PoseModel, save_model
from acai_ray.training.regularizers import networks_of


def save(study: Path, run_id: str, seed: int = 0, **settings: Any) -> PoseModel:
    """Write `models/<run_id>` and return the model."""
    config = TrialConfig(**{"latent_dim": 16, "lam": 0.0} | settings)
    networks = networks_of(1, config)
    generator = np.random.default_rng(seed)
    initialise(networks, [generator])
    for name, buffer in networks.named_buffers():  # running statistics that are not those of the start
        low, high = (0.05, 0.5) if name.endswith("variance") else (-0.05, 0.05)
        buffer.copy_(torch.from_numpy(generator.uniform(low, high, tuple(buffer.shape))))
    weights = {name: value[0] for name, value in networks.state_dict().items()}
    save_model(study / "models" / run_id, config, {"last": weights}, run_id=run_id, seed=seed)
    return PoseModel(config, weights)


def save_all(study: Path, runs: dict[str, dict[str, Any]]) -> None:
    """One model a run, by `run_id`."""
    for seed, (run_id, settings) in enumerate(runs.items()):
        save(study, run_id, seed, **settings)

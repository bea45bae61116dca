"""What the tests of networks do with each of them: this program's own and any that is added to their table."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import POSES
from acai_ray.models.layers import initialise
from acai_ray.models.networks import names, network_of

WIDTH = 64
"""A width that every network can have."""

each_network = pytest.mark.parametrize("network", names())
each_norm = pytest.mark.parametrize("norm", ["batch", "none"])
each_part = pytest.mark.parametrize("part", ["encoder", "decoder"])


def settings(network: str, **changes: Any) -> TrialConfig:
    return TrialConfig(**{"network": network, "width": WIDTH, "latent_dim": 5, **changes})


def built(config: TrialConfig, part: str, members: int = 2) -> nn.Module:
    """An encoder or decoder whose member i has the weights of seed i, and running statistics of its own."""
    build: Callable[..., nn.Module] = getattr(network_of(config), part)
    network = build(members, config, POSES)
    initialise(network, [np.random.default_rng(seed) for seed in range(members)])
    for name, value in network.state_dict().items():
        if name.endswith(("mean", "variance")):
            value += torch.rand(value.shape, generator=torch.Generator().manual_seed(3)) / 2
    return network


def batch(config: TrialConfig, part: str, members: int = 2, rows: int = 32, seed: int = 7) -> torch.Tensor:
    """Poses for an encoder, codes for a decoder."""
    size = POSES.size if part == "encoder" else config.latent_dim
    return torch.randn(members, rows, size, generator=torch.Generator().manual_seed(seed)) / 3

"""What each member is judged by after an epoch: its validation error, and whether its numbers are finite."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from acai_ray.common.trial_config import ALIGNED
from acai_ray.common.units import MM
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.training.state import TrainState

VALID_CHUNK = 4_096
"""Poses that are measured at once; bounds the memory."""


@torch.no_grad()
def valid_mpjpe_mm(autoencoder: Autoencoder, poses: Tensor) -> list[float]:
    """Each member's mean reconstruction MPJPE in mm over `(N, 51)` poses, by running statistics.

    Poses of zeros fill the last chunk up to a multiple of `ALIGNED`, so that each member's codes start alike in memory.
    """
    autoencoder.eval()
    members = len(next(autoencoder.parameters()))
    total = poses.new_zeros(members, dtype=torch.float64)
    for chunk in poses.split(VALID_CHUNK):
        x = functional.pad(chunk, (0, 0, 0, -len(chunk) % ALIGNED)).expand(members, -1, -1)
        missed = (autoencoder.decode(autoencoder.encode(x)) - x)[:, : len(chunk)]
        error = missed.unflatten(-1, (autoencoder.domain.points, autoencoder.domain.axes))
        total += error.norm(dim=-1).mean(dim=-1).double().sum(dim=-1)
    return [MM * value for value in (total / len(poses)).tolist()]


def all_finite(state: TrainState, losses: Sequence[Sequence[float]], valid_mm: Sequence[float] | None) -> list[bool]:
    """Whether all numbers that an epoch gave of each member are finite: its losses, weights and validation error.

    Where λ is 0, what the regularizer's own network gave does not count: an idle critic may diverge, and the
    autoencoder is none the worse for it.

    Args:
        state: after the epoch's steps.
        losses: each member's, for each of `loss_names`, the reconstruction first.
        valid_mm: each member's validation error, where there are validation poses.
    """
    if state.config.lam > 0:
        numbers = [*losses, largest_weights(state.networks)]
    else:
        numbers = [losses[0], largest_weights(state.networks.autoencoder)]
    if valid_mm is not None:
        numbers.append(valid_mm)
    return [all(map(math.isfinite, of_member)) for of_member in zip(*numbers, strict=True)]


def largest_weights(network: nn.Module) -> list[float]:
    """Each member's largest weight or running statistic, NaN if one is: no loss shows what the last update did."""
    largest = [value.abs().flatten(1).amax(dim=1) for value in network.state_dict().values()]
    return torch.stack(largest).amax(dim=0).tolist()

"""All random numbers of an epoch: batches of augmented poses, places between them, dropout.

They are drawn from (seed, epoch) alone, so that twins see the same batches, and a resumed run the same as one that was
never stopped.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from acai_ray.common.randomness import Purpose, generator
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.layers import Mask
from acai_ray.training import augment, losses
from acai_ray.training.state import TrainState
from acai_ray.training.step import NO_MASKS, Masks

Draw = Callable[[int, int], tuple[Tensor, Tensor]]
"""One member's epoch from (seed, epoch): S batches `(S, B, n)` of n numbers an example, and α `(S, B/2)`."""


class EpochData(NamedTuple):
    """The batches of an epoch for all members: `x` `(S, R, B, n)` and `alpha` `(S, R, B/2)`."""

    x: Tensor
    alpha: Tensor


def draw_epoch(config: TrialConfig, seed: int, epoch: int, poses: Tensor) -> tuple[Tensor, Tensor]:
    """One member's epoch: augmented batches `(S, B, 51)` and α `(S, B/2)`, from (seed, epoch) alone.

    Args:
        config: sizes and augmentation.
        seed: the member's.
        epoch: 0-based.
        poses: `(N, 17, 3)` training poses.
    """
    rng = generator(seed, Purpose.BATCHES, epoch)
    shape = (config.steps_per_epoch, config.batch_size)
    index = torch.from_numpy(rng.integers(len(poses), size=shape))
    flip, angle = augment.draw(shape, config.rotation_deg, config.flip_probability, rng)
    alpha = rng.uniform(0, losses.ALPHA_MAX, (shape[0], shape[1] // 2)).astype(np.float32)
    return augment.augment(poses[index], flip, angle).flatten(-2), torch.from_numpy(alpha)


def draw_members(state: TrainState, draw: Draw) -> EpochData:
    """The next epoch of all members, on the state's device."""
    drawn = [draw(seed, state.epoch) for seed in state.seeds]
    x, alpha = (torch.stack(parts, dim=1).to(state.device) for parts in zip(*drawn, strict=True))
    return EpochData(x, alpha)


def dropout(state: TrainState) -> Masks:
    """The dropout of the next epoch."""
    if state.config.dropout == 0:
        return NO_MASKS
    return Masks(reconstruction=_mask(state, stream=0), critic=_mask(state, stream=1))


def _mask(state: TrainState, stream: int) -> Mask:
    """Dropout masks, drawn one after the other; each member's come from a stream of its own."""
    generators = [generator(seed, Purpose.DROPOUT, state.epoch, stream) for seed in state.seeds]
    keep = 1 - state.config.dropout

    def mask(activation: Tensor) -> Tensor:
        kept = [rng.random(activation.shape[1:], dtype=np.float32) < keep for rng in generators]
        return torch.from_numpy(np.stack(kept)).to(activation) / keep

    return mask

"""All random numbers of an epoch: batches of augmented poses, what the regularizer needs, dropout.

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
from acai_ray.models.domain import POSES, Domain
from acai_ray.models.layers import Mask
from acai_ray.training import augment
from acai_ray.training.regularizers import NO_MASKS, Masks, regularizer_of
from acai_ray.training.state import TrainState

Draw = Callable[[int, int], tuple[Tensor, Tensor]]
"""One member's epoch from (seed, epoch): S batches `(S, B, n)` of n numbers an example, and what the regularizer needs
for them, `(S, B/2, …)`."""


class EpochData(NamedTuple):
    """An epoch of all members: the batches, `(S, R, B, n)`, and what the regularizer needs, `(S, R, B/2, …)`."""

    x: Tensor
    drawn: Tensor


def draw_epoch(config: TrialConfig, seed: int, epoch: int, poses: Tensor) -> tuple[Tensor, Tensor]:
    """One member's epoch: augmented batches `(S, B, 51)` and what the regularizer needs, from (seed, epoch) alone.

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
    drawn = draw_for_regularizer(config, rng, config.steps_per_epoch, POSES)
    return augment.augment(poses[index], flip, angle).flatten(-2), drawn


def draw_for_regularizer(config: TrialConfig, rng: np.random.Generator, steps: int, domain: Domain) -> Tensor:
    """What a trial's regularizer needs of chance in so many steps, `(S, B/2, …)`.

    It is drawn after the batches and from the same generator, so that every regularizer sees the same batches.
    """
    return torch.from_numpy(regularizer_of(config).draw(rng, steps, config.batch_size // 2, config, domain))


def draw_members(state: TrainState, draw: Draw) -> EpochData:
    """The next epoch of all members, on the state's device."""
    each = [draw(seed, state.epoch) for seed in state.seeds]
    x, drawn = (torch.stack(parts, dim=1).to(state.device) for parts in zip(*each, strict=True))
    return EpochData(x, drawn)


def dropout(state: TrainState) -> Masks:
    """The dropout of the next epoch."""
    if state.config.dropout == 0:
        return NO_MASKS
    return Masks(reconstruction=_mask(state, stream=0), own=_mask(state, stream=1))


def _mask(state: TrainState, stream: int) -> Mask:
    """Dropout masks, drawn one after the other; each member's come from a stream of its own."""
    generators = [generator(seed, Purpose.DROPOUT, state.epoch, stream) for seed in state.seeds]
    keep = 1 - state.config.dropout

    def mask(activation: Tensor) -> Tensor:
        kept = [rng.random(activation.shape[1:], dtype=np.float32) < keep for rng in generators]
        return torch.from_numpy(np.stack(kept)).to(activation) / keep

    return mask

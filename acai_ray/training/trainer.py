"""The training of a trial: autoencoder and critic, all members together, one report an epoch.

Exactly paired and exactly resumable: all randomness of an epoch is drawn from (seed, epoch) before it starts; λ = 0
leaves the critic out of the autoencoder's gradient instead of multiplying by 0.
"""

import gc
import logging
import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from acai_ray.common.randomness import Purpose, generator
from acai_ray.common.skeleton import N_JOINTS, POSE_DIM
from acai_ray.common.trial_config import ALIGNED, TrialConfig
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.models.layers import Mask
from acai_ray.poses import PoseSet
from acai_ray.training import augment, compiled, losses
from acai_ray.training.pose_tensor import pose_tensor
from acai_ray.training.state import TrainState, copy_of
from acai_ray.training.step import LOSSES, Masks, step

logger = logging.getLogger(__name__)

VALID_CHUNK = 4_096

Draw = Callable[[int, int], tuple[Tensor, Tensor]]
"""One member's epoch from (seed, epoch): S batches `(S, B, n)` of n numbers an example, and α `(S, B/2)`."""


@dataclass(frozen=True)
class Report:
    """What one epoch gave: its number and, for each member that is still training, its row of the history table."""

    epoch: int
    rows: dict[int, dict[str, Any]]


class EpochData(NamedTuple):
    """All random numbers and batches of an epoch: `x` `(S, R, B, n)` and `alpha` `(S, R, B/2)`."""

    x: Tensor
    alpha: Tensor


def train(config: TrialConfig, poses: PoseSet, state: TrainState) -> Iterator[Report]:
    """Train from where `state` stands to the last epoch; `state` is complete whenever a report is yielded.

    Args:
        config: the trial's settings, those `state` was started with.
        poses: training poses are augmented and learned, validation poses, where there are any, only measured.
        state: changed in place.

    Raises:
        ValueError: `config` is not the one the state was started with.
    """
    if config != state.config:
        raise ValueError("a state goes on with the settings it was started with, but got others; start a new one")
    learned = pose_tensor(poses, "train")
    valid = pose_tensor(poses, "valid").flatten(1).to(state.device) if "valid" in poses.splits else None
    yield from train_on(lambda seed, epoch: draw_epoch(config, seed, epoch, learned), state, valid)


def train_on(draw: Draw, state: TrainState, valid: Tensor | None = None) -> Iterator[Report]:
    """Train on examples of any domain, as `train` does on poses.

    Args:
        draw: gives the examples.
        state: changed in place.
        valid: poses `(N, 51)` to be measured after each epoch.
    """
    torch.set_num_threads(state.threads)
    if state.mode == "compiled":
        _prepare(state)
    while not state.finished:
        yield _epoch(state, draw, valid)


def _prepare(state: TrainState) -> None:
    """Compile the step; where that is not possible the state goes on eager, with a warning."""
    try:
        compiled.prepare(state)
    except compiled.CannotCompileError as error:
        logger.warning("training is several times slower than it could be, because %s", error)
        state.mode = "eager"


def learning_rate_factor(config: TrialConfig, epoch: int) -> float:
    """The share of the initial learning rate in an epoch (0-based); it depends on the epoch alone."""
    if config.schedule == "constant" or config.epochs == 1:
        return 1.0
    progress = epoch / (config.epochs - 1)
    falling = (1 + math.cos(math.pi * progress)) / 2 if config.schedule == "cosine" else 1 - progress
    return config.final_lr_fraction + (1 - config.final_lr_fraction) * falling


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


def _draw_members(state: TrainState, draw: Draw) -> EpochData:
    drawn = [draw(seed, state.epoch) for seed in state.seeds]
    x, alpha = (torch.stack(parts, dim=1).to(state.device) for parts in zip(*drawn, strict=True))
    return EpochData(x, alpha)


def _epoch(state: TrainState, draw: Draw, valid: Tensor | None) -> Report:
    started = time.perf_counter()
    factor = learning_rate_factor(state.config, state.epoch)
    for group, lr in zip(state.optimizer.param_groups, _learning_rates(state.config), strict=False):
        group["lr"] = lr * factor
    before = copy_of(state.networks)
    data = _draw_members(state, draw)
    state.networks.train()
    with _conditions(state.config):
        total = compiled.epoch(state, *data) if state.mode == "compiled" else _eager_epoch(state, *data)
    mean = (total / len(data.x)).tolist()
    trained = time.perf_counter()
    if state.config.lam > 0:
        measured = [*mean, _worst_weight(state.networks)]
    else:  # an idle critic may come to harm without the autoencoder
        measured = [mean[0], _worst_weight(state.networks.autoencoder)]
    valid_mm = [math.nan] * len(state.seeds)
    if valid is not None:
        valid_mm = valid_mpjpe_mm(state.networks.autoencoder, valid)
        measured = [*measured, valid_mm]
    state.epoch += 1
    _bury(state, before, list(zip(*measured, strict=True)))
    _keep_best(state, valid_mm)
    ended = time.perf_counter()
    state.wall_s += ended - started
    rows = {}
    for member in (m for m, reason in enumerate(state.diverged) if not reason):
        state.member_epochs[member] = state.epoch
        rows[member] = {
            "epoch": state.epoch,
            **{name: mean[term][member] for term, name in enumerate(LOSSES)},
            "valid_mpjpe_mm": valid_mm[member],
            "lr": state.config.lr * factor,
            "train_s": trained - started,
            "eval_s": ended - trained,
        }
        state.history[member].append(rows[member])
    return Report(state.epoch, rows)


@contextmanager
def _conditions(config: TrialConfig) -> Iterator[None]:
    """What holds for an epoch's steps: their matrix precision, and no garbage collection.

    Steps leave no cycles behind, and looking for some in all of torch's modules takes 7 % of the time.
    """
    collecting, precision = gc.isenabled(), torch.get_float32_matmul_precision()
    gc.disable()
    torch.set_float32_matmul_precision(config.matmul_precision)
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(precision)
        if collecting:
            gc.enable()


def _eager_epoch(state: TrainState, batches: Tensor, places: Tensor) -> Tensor:
    """Train all steps; returns `(4, R)`, sums over the steps of the terms named by `LOSSES`."""
    masks = _dropout(state)
    total = torch.zeros(len(LOSSES), len(state.seeds), device=state.device)
    for x, alpha in zip(batches, places, strict=True):
        total += step(state.networks, state.optimizer, state.config, x, alpha, masks)
    return total


def _learning_rates(config: TrialConfig) -> tuple[float, float]:
    return config.lr, config.critic_lr or config.lr


def _dropout(state: TrainState) -> Masks:
    if state.config.dropout == 0:
        return Masks(None, None)
    keep = 1 - state.config.dropout

    def stream(number: int) -> Mask:
        generators = [generator(seed, Purpose.DROPOUT, state.epoch, number) for seed in state.seeds]

        def mask(activation: Tensor) -> Tensor:
            kept = [rng.random(activation.shape[1:], dtype=np.float32) < keep for rng in generators]
            return torch.from_numpy(np.stack(kept)).to(activation) / keep

        return mask

    return Masks(stream(0), stream(1))


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
        error = missed.unflatten(-1, (N_JOINTS, POSE_DIM // N_JOINTS))
        total += error.norm(dim=-1).mean(dim=-1).double().sum(dim=-1)
    return [1000 * value for value in (total / len(poses)).tolist()]


def _worst_weight(network: nn.Module) -> list[float]:
    """Each member's largest weight or running statistic, NaN if one is: the last update shows in no loss."""
    largest = [value.abs().flatten(1).amax(dim=1) for value in network.state_dict().values()]
    return torch.stack(largest).amax(dim=0).tolist()


def _bury(state: TrainState, before: dict[str, Tensor], measured: list[tuple[float, ...]]) -> None:
    """Note the members that gave a number that is not finite, and put back their weights of the last good epoch."""
    for member, values in enumerate(measured):
        if not state.diverged[member] and not all(map(math.isfinite, values)):
            state.diverged[member] = f"a loss, a weight or the validation error is not finite in epoch {state.epoch}"
    dead = [member for member, reason in enumerate(state.diverged) if reason]
    if dead:
        for name, value in state.networks.state_dict().items():
            value[dead] = before[name][dead]


def _keep_best(state: TrainState, valid_mm: list[float]) -> None:
    """Keep the weights of the lowest validation error; without validation poses, the last ones."""
    for member, error in enumerate(valid_mm):
        if not state.diverged[member] and not error >= state.best_valid_mm[member]:
            state.best_valid_mm[member] = error
            for name, value in state.networks.state_dict().items():
                state.best[name][member] = value[member]

"""The training of a trial: all networks of all members together, one report an epoch.

Exactly paired and exactly resumable: all randomness of an epoch is drawn from (seed, epoch) before it starts, and λ = 0
leaves the regularizer out of the autoencoder's gradient instead of multiplying its term by 0.
"""

import gc
import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor

from acai_ray.common.products import products_in
from acai_ray.common.trial_config import TrialConfig
from acai_ray.poses import PoseSet
from acai_ray.training import compiled
from acai_ray.training.batches import Draw, EpochData, draw_epoch, draw_members, dropout
from acai_ray.training.epoch_checks import all_finite, valid_mpjpe_mm
from acai_ray.training.matmul_precision import refuse_without_bf16
from acai_ray.training.pose_tensor import pose_tensor
from acai_ray.training.regularizers import Batch
from acai_ray.training.state import Row, TrainState
from acai_ray.training.step import loss_names, step

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Report:
    """What one epoch gave: its number and, for each member that is still training, its row of the history table."""

    epoch: int
    rows: dict[int, Row]


def train(poses: PoseSet, state: TrainState) -> Iterator[Report]:
    """Train from where `state` stands to the last epoch; `state` is complete whenever a report is yielded.

    Args:
        poses: training poses are augmented and learned, validation poses, where there are any, only measured.
        state: the trial with its settings; changed in place.
    """
    learned = pose_tensor(poses, "train")
    valid = pose_tensor(poses, "valid").flatten(1).to(state.device) if "valid" in poses.splits else None
    yield from train_on(lambda seed, epoch: draw_epoch(state.config, seed, epoch, learned), state, valid)


def train_on(draw: Draw, state: TrainState, valid: Tensor | None = None) -> Iterator[Report]:
    """Train on examples of any domain, as `train` does on poses.

    Args:
        draw: gives the examples.
        state: changed in place.
        valid: poses `(N, 51)` to be measured after each epoch.

    Raises:
        UserError: the settings ask for products in bfloat16, which this device does not have.
    """
    torch.set_num_threads(state.threads)
    refuse_without_bf16(state.config.matmul_precision, state.device)
    if state.mode == "compiled":
        _prepare(state)
    while not state.finished:
        yield _train_epoch(state, draw, valid)


def _prepare(state: TrainState) -> None:
    """Compile the step; where that is not possible the state goes on eager, with a warning."""
    try:
        compiled.prepare(state)
    except compiled.CannotCompileError as error:
        logger.warning("training is several times slower than it could be, because %s", error)
        state.go_on_eager()


def _train_epoch(state: TrainState, draw: Draw, valid: Tensor | None) -> Report:
    """One epoch: all its steps, then the measurement of what they led to."""
    started = time.perf_counter()
    before = state.begin_epoch()
    losses = _take_steps(state, draw_members(state, draw))
    trained = time.perf_counter()
    valid_mm = None if valid is None else valid_mpjpe_mm(state.networks.autoencoder, valid)
    finite = all_finite(state, losses, valid_mm)
    errors = valid_mm or [math.nan] * len(state.seeds)
    state.end_epoch(before, finite, errors)
    ended = time.perf_counter()
    seconds = {"train_s": trained - started, "eval_s": ended - trained}
    rows = {
        member: {
            "epoch": state.epoch,
            **{name: values[member] for name, values in zip(loss_names(state.config), losses, strict=True)},
            "valid_mpjpe_mm": errors[member],
            "lr": state.learning_rates[0],
            **seconds,
        }
        for member in state.members_left
    }
    state.add_history(rows)
    state.took(ended - started)
    return Report(state.epoch, rows)


def _take_steps(state: TrainState, data: EpochData) -> list[list[float]]:
    """Train all steps of an epoch; returns for each of `loss_names` each member's mean over the steps."""
    with _conditions(state.config):
        total = compiled.epoch(state, *data) if state.mode == "compiled" else _eager_epoch(state, *data)
    return (total / len(data.x)).tolist()


@contextmanager
def _conditions(config: TrialConfig) -> Iterator[None]:
    """What holds for an epoch's steps: their matrix precision, and no garbage collection.

    Steps leave no cycles behind, and looking for some in all of torch's modules takes 7 % of the time.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        with products_in(config.matmul_precision):
            yield
    finally:
        if collecting:
            gc.enable()


def _eager_epoch(state: TrainState, batches: Tensor, drawn: Tensor) -> Tensor:
    """Train all steps; returns `(L, R)`, sums over the steps of the values of `loss_names`."""
    masks = dropout(state)
    total = torch.zeros(len(loss_names(state.config)), len(state.seeds), device=state.device)
    for x, of_step in zip(batches, drawn, strict=True):
        total += step(state.networks, state.optimizer, state.config, Batch(x, of_step, masks))
    return total

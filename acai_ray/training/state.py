"""The state of a trial in training: everything a resumed run needs to go on exactly.

Only this module assigns to a state; all others call its methods. A training step changes in place what is its own:
weights, running statistics and the optimizer's moments.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor, nn

from acai_ray.common.randomness import Purpose, generator
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import POSES, Domain
from acai_ray.models.layers import initialise
from acai_ray.training.optimizers import initial_rates, learning_rate_factor, optimizer_of
from acai_ray.training.regularizers import Networks, networks_of

Row = dict[str, Any]
Weights = Mapping[str, Tensor]


@dataclass
class TrainState:
    """A trial between two epochs.

    Attributes:
        config: the trial's settings.
        seeds: one a member.
        networks: weights and running statistics.
        best: the weights of each member's epoch with the lowest validation error.
        optimizer: one for all members and networks.
        epoch: epochs trained so far.
        member_epochs: epochs each member has trained; less than `epoch` for a diverged one.
        diverged: why a member diverged, else an empty string.
        best_valid_mm: the error that goes with `best`; NaN where there are no validation poses.
        history: rows of the history table without `run_id`, one list a member.
        wall_s: seconds of training and evaluation so far.
        threads: CPU threads, fixed when the trial first starts.
        mode: `eager` or `compiled`; how the step is executed, fixed when the trial first starts.
        device: where the weights are.
    """

    config: TrialConfig
    seeds: tuple[int, ...]
    networks: Networks
    best: dict[str, Tensor]
    optimizer: torch.optim.Optimizer
    epoch: int = 0
    member_epochs: list[int] = field(default_factory=list)
    diverged: list[str] = field(default_factory=list)
    best_valid_mm: list[float] = field(default_factory=list)
    history: list[list[Row]] = field(default_factory=list)
    wall_s: float = 0.0
    threads: int = 1
    mode: str = "eager"
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))

    @classmethod
    def start(
        cls,
        config: TrialConfig,
        seeds: Sequence[int],
        *,
        threads: int = 1,
        mode: str = "eager",
        device: str | torch.device = "cpu",
        domain: Domain = POSES,
        draw_weights: Callable[[nn.Module, Sequence[np.random.Generator]], None] = initialise,
    ) -> Self:
        """A new trial: each member's initial weights depend on its seed alone, and are the same for every λ and γ.

        Args:
            config: its settings.
            seeds: one a member.
            threads: CPU threads.
            mode: `eager` or `compiled`.
            device: where the weights are.
            domain: what is autoencoded.
            draw_weights: draws a network's weights, each member's from its own generator.
        """
        networks = networks_of(len(seeds), config, domain)
        draw_weights(networks.autoencoder, [generator(seed, Purpose.AUTOENCODER_WEIGHTS) for seed in seeds])
        if networks.own is not None:
            draw_weights(networks.own, [generator(seed, Purpose.OWN_WEIGHTS) for seed in seeds])
        networks.to(device)
        return cls(
            config=config,
            seeds=tuple(seeds),
            networks=networks,
            best=copy_of(networks),
            optimizer=optimizer_of(config, networks),
            member_epochs=[0] * len(seeds),
            diverged=[""] * len(seeds),
            best_valid_mm=[float("inf")] * len(seeds),
            history=[[] for _ in seeds],
            threads=threads,
            mode=mode,
            device=torch.device(device),
        )

    @property
    def finished(self) -> bool:
        """Whether all epochs are done, or no member is left to train."""
        return self.epoch >= self.config.epochs or all(self.diverged)

    @property
    def members_left(self) -> list[int]:
        """The members that have not diverged."""
        return [member for member, reason in enumerate(self.diverged) if not reason]

    @property
    def learning_rates(self) -> list[float]:
        """Those of the current epoch: the autoencoder's, then that of the regularizer's own network, if it has one."""
        return [group["lr"] for group in self.optimizer.param_groups]

    # What changes it before training

    def begin_with(self, weights: Weights) -> None:
        """Give every member the weights of one model, `(1, …)` each, in place of its initial ones."""
        for name, value in self.networks.state_dict().items():
            value.copy_(weights[name].expand_as(value))
        self.best = copy_of(self.networks)

    def change_settings(self, config: TrialConfig) -> None:
        """Go on with other settings, of which those that give the networks and the optimizer their shape are equal."""
        self.config = config
        for group in self.optimizer.param_groups:
            group["weight_decay"] = config.weight_decay

    def go_on_eager(self) -> None:
        """Execute the steps one operation at a time from now on, because they cannot be compiled here."""
        self.mode = "eager"

    # What changes it in training

    def begin_epoch(self) -> Weights:
        """Set the epoch's learning rates and put the networks into training.

        Returns:
            A copy of the weights, for `end_epoch`.
        """
        factor = learning_rate_factor(self.config, self.epoch)
        for group, rate in zip(self.optimizer.param_groups, initial_rates(self.config), strict=False):
            group["lr"] = rate * factor
        self.networks.train()
        return copy_of(self.networks)

    def end_epoch(self, before: Weights, finite: Sequence[bool], valid_mm: Sequence[float]) -> None:
        """Count an epoch, note the members that diverged in it and keep the best weights of the others.

        Args:
            before: the weights of the last epoch, from `begin_epoch`; a diverged member keeps its own.
            finite: whether all numbers of a member are finite.
            valid_mm: each member's validation error; NaN where there are no validation poses.
        """
        self.epoch += 1
        self._note_diverged(before, finite)
        for member in self.members_left:
            self.member_epochs[member] = self.epoch
            if _takes_the_place(valid_mm[member], self.best_valid_mm[member]):
                self._keep_best(member, valid_mm[member])

    def _note_diverged(self, before: Weights, finite: Sequence[bool]) -> None:
        """Note why members diverge, and put back the weights of all that ever did.

        A member's weights cannot be left out of the next epoch's products, so they are put back after each.
        """
        for member in self.members_left:
            if not finite[member]:
                self.diverged[member] = f"a loss, a weight or the validation error is not finite in epoch {self.epoch}"
        dead = [member for member, reason in enumerate(self.diverged) if reason]
        if dead:
            for name, value in self.networks.state_dict().items():
                value[dead] = before[name][dead]

    def _keep_best(self, member: int, error: float) -> None:
        self.best_valid_mm[member] = error
        for name, value in self.networks.state_dict().items():
            self.best[name][member] = value[member]

    def add_history(self, rows: Mapping[int, Row]) -> None:
        """Append one epoch's rows of the history table, by member."""
        for member, row in rows.items():
            self.history[member].append(row)

    def add_to_newest(self, member: int, numbers: Mapping[str, float]) -> None:
        """Add numbers to a member's newest row of the history table."""
        self.history[member][-1].update(numbers)

    def took(self, seconds: float) -> None:
        """Add to the seconds of training and evaluation."""
        self.wall_s += seconds


def copy_of(module: nn.Module) -> dict[str, Tensor]:
    """A copy of a module's parameters and buffers."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def _takes_the_place(error: float, best: float) -> bool:
    """Whether an epoch's weights are kept as the best.

    An error that is NaN was not measured, because there are no validation poses: then the newest weights are kept.
    """
    return error < best or math.isnan(error) or math.isnan(best)

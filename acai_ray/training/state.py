"""The state of a trial in training: everything a resumed run needs to go on exactly."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import torch
from torch import Tensor, nn

from acai_ray.common.randomness import Purpose, generator
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.autoencoder import POSES, Domain, Networks
from acai_ray.models.layers import initialise

_OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "radam": torch.optim.RAdam,
    "nadam": torch.optim.NAdam,
    "rmsprop": torch.optim.RMSprop,
}


@dataclass
class TrainState:
    """A trial between two epochs.

    Attributes:
        config: the trial's settings.
        seeds: one a member.
        networks: weights and running statistics.
        best: the weights of each member's epoch with the lowest validation error.
        optimizer: one for all members and both networks.
        epoch: epochs trained so far.
        member_epochs: epochs each member has trained; less than `epoch` for a diverged one.
        diverged: why a member diverged, else an empty string.
        best_valid_mm: the error that goes with `best`.
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
    history: list[list[dict[str, Any]]] = field(default_factory=list)
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
    ) -> Self:
        """A new trial: each member's initial weights depend on its seed alone, and are the same for every λ and γ."""
        networks = Networks(len(seeds), config, domain)
        initialise(networks.autoencoder, [generator(seed, Purpose.AUTOENCODER_WEIGHTS) for seed in seeds])
        if networks.critic is not None:
            initialise(networks.critic, [generator(seed, Purpose.CRITIC_WEIGHTS) for seed in seeds])
        networks.to(device)
        return cls(
            config=config,
            seeds=tuple(seeds),
            networks=networks,
            best=copy_of(networks),
            optimizer=_optimizer(config, networks),
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


def copy_of(module: nn.Module) -> dict[str, Tensor]:
    """A copy of a module's parameters and buffers."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def _optimizer(config: TrialConfig, networks: Networks) -> torch.optim.Optimizer:
    groups = [{"params": list(networks.autoencoder.parameters()), "lr": config.lr}]
    if networks.critic is not None:
        groups.append({"params": list(networks.critic.parameters()), "lr": config.critic_lr or config.lr})
    # foreach is the same arithmetic in fewer calls; it works element by element, so that members stay independent.
    return _OPTIMIZERS[config.optimizer](groups, weight_decay=config.weight_decay, foreach=True)  # type: ignore[call-arg]

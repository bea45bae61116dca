"""The optimizers by name, one for all members and networks, and their learning rates."""

import math

import torch
from torch import Tensor

from acai_ray.common.trial_config import TrialConfig
from acai_ray.training.regularizers import Networks

OPTIMIZERS: dict[str, type[torch.optim.Optimizer]] = {
    "sgd": torch.optim.SGD,
    "adam": torch.optim.Adam,
    "adamw": torch.optim.AdamW,
    "radam": torch.optim.RAdam,
    "nadam": torch.optim.NAdam,
    "rmsprop": torch.optim.RMSprop,
}

MOMENTS = ("exp_avg", "exp_avg_sq")
"""What torch's Adam calls its first and its second moment."""


def optimizer_of(config: TrialConfig, networks: Networks) -> torch.optim.Optimizer:
    """A new optimizer with a group of parameters for the autoencoders, and one for what the regularizer trains."""
    parts = [part for part in (networks.autoencoder, networks.own) if part is not None]
    groups = [
        {"params": list(part.parameters()), "lr": rate}
        for part, rate in zip(parts, initial_rates(config), strict=False)  # one group where it trains nothing
    ]
    # `foreach` is the same arithmetic in fewer calls; it works element by element, so that members stay independent.
    return OPTIMIZERS[config.optimizer](groups, weight_decay=config.weight_decay, foreach=True)  # type: ignore[call-arg]


def initial_rates(config: TrialConfig) -> tuple[float, float]:
    """The learning rates of the autoencoder and of the regularizer's own network before any schedule."""
    return config.lr, config.critic_lr or config.lr


def learning_rate_factor(config: TrialConfig, epoch: int) -> float:
    """The share of the initial learning rate in an epoch (0-based); it depends on the epoch alone."""
    if config.schedule == "constant" or config.epochs == 1:
        return 1.0
    progress = epoch / (config.epochs - 1)
    falling = (1 + math.cos(math.pi * progress)) / 2 if config.schedule == "cosine" else 1 - progress
    return config.final_lr_fraction + (1 - config.final_lr_fraction) * falling


def adam_moments(optimizer: torch.optim.Optimizer) -> tuple[list[Tensor], list[Tensor]]:
    """Adam's first and second moments of all parameters, for a step that changes them in place of Adam's own."""
    _begin_adam(optimizer)
    first, second = ([optimizer.state[parameter][name] for parameter in _parameters(optimizer)] for name in MOMENTS)
    return first, second


def adam_steps(optimizer: torch.optim.Optimizer) -> int:
    """How many steps Adam has taken."""
    _begin_adam(optimizer)
    return int(optimizer.state[_parameters(optimizer)[0]]["step"])


def count_adam_steps(optimizer: torch.optim.Optimizer, steps: int) -> None:
    """Have Adam go on as if it had taken some more steps itself."""
    for parameter in _parameters(optimizer):
        optimizer.state[parameter]["step"] += steps


def _begin_adam(optimizer: torch.optim.Optimizer) -> None:
    """Make moments and counts of steps, all 0, as Adam itself does in its first step."""
    for parameter in _parameters(optimizer):
        if not optimizer.state[parameter]:
            zeros = {name: torch.zeros_like(parameter) for name in MOMENTS}
            optimizer.state[parameter] = {"step": torch.zeros(()), **zeros}


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """In the order of `networks.parameters()`."""
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]

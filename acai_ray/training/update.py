"""One update of networks, moments and statistics as a function of tensors alone, for `compiled` to record.

It is the step of `step.step` with Adam (Kingma and Ba 2015) or AdamW (Loshchilov and Hutter 2019) written out.
"""

from collections.abc import Iterable
from itertools import chain, islice
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.func import functional_call

from acai_ray.common.trial_config import TrialConfig
from acai_ray.training.optimizers import adam_moments, adam_steps
from acai_ray.training.regularizers import Batch, Networks, Weights
from acai_ray.training.state import TrainState
from acai_ray.training.step import gradients


class Changed(NamedTuple):
    """What an update changes in place, in four groups; a program takes it flat, one group after the other."""

    parameters: list[Tensor]
    statistics: list[Tensor]
    first_moments: list[Tensor]
    second_moments: list[Tensor]

    @classmethod
    def of(cls, state: TrainState) -> "Changed":
        """A state's parameters and running statistics, and the optimizer's moments of the parameters."""
        groups = (state.networks.parameters(), state.networks.buffers(), *adam_moments(state.optimizer))
        return cls(*([tensor.detach() for tensor in group] for group in groups))

    @property
    def flat(self) -> list[Tensor]:
        """The tensors of all groups."""
        return [tensor for group in self for tensor in group]

    def grouped(self, flat: Iterable[Tensor]) -> "Changed":
        """Other tensors in groups of the same lengths."""
        tensors = iter(flat)
        return Changed(*(list(islice(tensors, len(group))) for group in self))


class Scalars(NamedTuple):
    """The numbers that one step needs.

    Attributes:
        lam: λ.
        gamma: γ.
        weight_decay: added to the gradient as a share of the weight, unless it is decoupled.
        root: what the second moment's root is divided by.
        sizes: the step size of the autoencoder, and of the regularizer's own network where it has one.
        kept: for decoupled weight decay, the share of the weights that stays, of the same networks.
    """

    lam: Tensor
    gamma: Tensor
    weight_decay: Tensor
    root: Tensor
    sizes: tuple[Tensor, ...]
    kept: tuple[Tensor, ...]

    @classmethod
    def of(cls, row: Tensor) -> "Scalars":
        """Of a row of `step_scalars`."""
        lam, gamma, weight_decay, root, *of_networks = row.unbind()
        return cls(lam, gamma, weight_decay, root, sizes=tuple(of_networks[::2]), kept=tuple(of_networks[1::2]))


def step_scalars(state: TrainState, steps: int) -> Tensor:
    """What `Scalars` holds in each of the next steps, `(S, 8)`, or `(S, 6)` where the regularizer has no network.

    The last four, or two, are the step size and the share of the weights that stays, network by network.
    """
    config, rows = state.config, []
    beta1, beta2 = state.optimizer.defaults["betas"]
    taken = adam_steps(state.optimizer)
    for number in range(taken + 1, taken + steps + 1):
        pairs = [(lr / (1 - beta1**number), 1 - lr * config.weight_decay) for lr in state.learning_rates]
        root = (1 - beta2**number) ** 0.5
        rows.append([config.lam, config.gamma, config.weight_decay, root, *chain.from_iterable(pairs)])
    return torch.tensor(rows)


class Update:
    """An update as a function of tensors alone, which stand for those of a state."""

    def __init__(self, state: TrainState) -> None:
        self.step = _Step(state.networks, state.config)
        self.changed = Changed.of(state)
        self.network = [int(name.startswith("own.")) for name, _ in state.networks.named_parameters()]
        self.names = [name for name, _ in (*self.step.named_parameters(), *self.step.named_buffers())]
        self.decayed = state.config.weight_decay > 0
        self.decoupled = state.config.optimizer == "adamw"
        self.betas, self.eps = state.optimizer.defaults["betas"], state.optimizer.defaults["eps"]

    def __call__(self, *inputs: Tensor) -> Tensor:
        """One step; returns the values of `loss_names`.

        Args:
            inputs: the tensors of `Changed.flat`, then a batch, what was drawn for it and a row of `step_scalars`.
        """
        *flat, x, drawn, row = inputs
        changed, scalars = self.changed.grouped(flat), Scalars.of(row)
        leaves = [parameter.detach().requires_grad_() for parameter in changed.parameters]
        tensors = dict(zip(self.names, (*leaves, *changed.statistics), strict=True))
        terms: Tensor
        terms, gradient_of = functional_call(self.step, tensors, (Batch(x, drawn), Weights(scalars.lam, scalars.gamma)))
        with torch.no_grad():
            for number, gradient in enumerate(gradient_of):
                self._adam(changed, scalars, number, gradient)
        return terms

    def _adam(self, changed: Changed, scalars: Scalars, number: int, gradient: Tensor) -> None:
        """Update one parameter and its moments in place."""
        parameter, network = changed.parameters[number], self.network[number]
        first, second = changed.first_moments[number], changed.second_moments[number]
        if self.decayed and self.decoupled:
            parameter.mul_(scalars.kept[network])
        elif self.decayed:
            gradient = gradient + scalars.weight_decay * parameter
        first.lerp_(gradient, 1 - self.betas[0])
        second.mul_(self.betas[1]).addcmul_(gradient, gradient, value=1 - self.betas[1])
        parameter.sub_(scalars.sizes[network] * first / (second.sqrt() / scalars.root + self.eps))


class _Step(nn.Module):
    """`gradients` as a module, so that its networks' tensors can be replaced."""

    def __init__(self, networks: Networks, config: TrialConfig) -> None:
        super().__init__()
        self.networks = networks
        self.config = config

    def forward(self, batch: Batch, weights: Weights) -> tuple[Tensor, list[Tensor]]:
        return gradients(self.networks, self.config, batch, weights)

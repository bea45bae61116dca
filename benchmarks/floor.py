"""The floor of a training step: its matrix products by PyTorch's own kernels, and Adam in one fused call."""

import numpy as np
import torch
from torch import Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import POSES
from acai_ray.training.batches import draw_for_regularizer
from acai_ray.training.state import TrainState
from acai_ray.training.update import Changed, Update, step_scalars

Product = tuple[Tensor, Tensor, Tensor]
"""Two factors and the place of their product."""


class Floor:
    """What no step of one model can be faster than unless its products are: nothing is done but these and Adam.

    The products have the shapes, memory layouts and order of the compiled step's. Their factors are noise, each with a
    place of its own, as the weights, activations and gradients of a step have.

    Args:
        config: the trial's settings.
    """

    def __init__(self, config: TrialConfig) -> None:
        self.products = products_of(config)
        state = TrainState.start(config, [0])
        parameters = [torch.nn.Parameter(parameter.detach().clone()) for parameter in state.networks.parameters()]
        for parameter in parameters:
            parameter.grad = 1e-3 * torch.randn_like(parameter)
        self.optimizer = torch.optim.Adam(parameters, lr=config.lr, fused=True)

    @property
    def operations(self) -> int:
        """Floating-point operations of the products."""
        return sum(2 * a.shape[0] * a.shape[1] * a.shape[2] * b.shape[2] for a, b, _ in self.products)

    @torch.no_grad()
    def run(self, steps: int) -> None:
        """Do that many steps."""
        for _ in range(steps):
            for a, b, product in self.products:
                torch.bmm(a, b, out=product)
            self.optimizer.step()


def products_of(config: TrialConfig) -> list[Product]:
    """All products of one model's step, as the recorded step has them."""
    state = TrainState.start(config, [0])
    drawn = torch.zeros_like(draw_for_regularizer(config, np.random.default_rng(0), 1, POSES))
    batch = torch.zeros(1, config.batch_size, POSES.size)
    recorded = make_fx(Update(state), tracing_mode="fake")(
        *Changed.of(state).flat, batch, drawn, step_scalars(state, 1)[0]
    )
    return [
        (_noise_like(node.args[0].meta["val"]), _noise_like(node.args[1].meta["val"]), _noise_like(node.meta["val"]))
        for node in recorded.graph.nodes
        if node.target is torch.ops.aten.bmm.default
    ]


def _noise_like(tensor: Tensor) -> Tensor:
    """Noise of a tensor's shape and memory layout."""
    extent = 1 + sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    return torch.randn(extent).as_strided(tensor.shape, tensor.stride())

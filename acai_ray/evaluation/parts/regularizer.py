"""Whether a model's regularizer has done what it is for: the health of a critic, for instance."""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import row
from acai_ray.evaluation.streams import Stream
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses.splits import Split
from acai_ray.training.regularizers import Probe, networks_of, regularizer_of

OWN = "own."
"""How the names of the weights of a regularizer's own network begin."""


def regularizer(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """`Regularizer.health` on random pairs of poses of the split; nothing for models that have no regularizer."""
    model = measured.model
    if not isinstance(model, PoseModel):
        return
    poses, n = measured.yardstick.poses[split], measured.yardstick.config.critic_draws
    rng = measured.yardstick.rng_of_split(Stream.REGULARIZER, split)
    first, second = (poses[torch.from_numpy(rng.integers(len(poses), size=n))].cpu() for _ in range(2))
    own = own_network(model)
    encode, decode = (_given_on_cpu(function) for function in (measured.encode, measured.decode))
    probe = Probe(model.config, own, encode, decode, model.between, first, second, rng)
    health = regularizer_of(model.config).health(probe)
    finite = all(map(math.isfinite, health.values()))  # at λ = 0 a critic may diverge while its model does not
    for name, value in health.items():
        if finite:
            out.metrics.append(row(split=split, metric=name, value=value, unit="1", n=n))
        else:
            out.metrics.append(row(split=split, metric=name, value=None, unit="1", n=0, n_left_out=n))


def _given_on_cpu(function: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """So that a regularizer's own measure of health, like the numbers it draws for it, is on the CPU."""
    return lambda values: function(values).cpu()


def own_network(model: PoseModel) -> nn.Module | None:
    """The network that a model's regularizer trained beside it, in evaluation mode; none where there is none."""
    own = networks_of(1, model.config).own
    if own is None:
        return None
    weights = {name.removeprefix(OWN): value[None] for name, value in model.other_weights.items()}
    own.load_state_dict(weights)
    return own.eval().requires_grad_(requires_grad=False).to(model.device)

"""Whether a model's critic has learned what it was trained for."""

import math

import numpy as np
import torch

from acai_ray import metrics
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.generative_model import HasCritic
from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import row
from acai_ray.evaluation.streams import Stream
from acai_ray.poses.splits import Split
from acai_ray.training import losses


def critic(measured: MeasuredModel, split: Split, out: Evaluation) -> None:
    """Critic health over draws of α, each with a random pair of the split; nothing for models without a critic."""
    model = measured.model
    if not isinstance(model, HasCritic) or not model.config.critic:
        return
    poses, n = measured.yardstick.poses[split], measured.yardstick.config.critic_draws
    rng = measured.yardstick.rng_of_split(Stream.CRITIC, split)
    first, second = (poses[torch.from_numpy(rng.integers(len(poses), size=n))] for _ in range(2))
    alpha = torch.from_numpy(rng.uniform(0, losses.ALPHA_MAX, n).astype(np.float32))
    z = measured.encode(first)
    x_hat, mixed = measured.decode(z), measured.decode(measured.model.between(z, measured.encode(second), alpha))
    health = metrics.critic_health(
        mixed=model.critic(mixed).cpu(),
        real=model.critic(losses.mix(first, x_hat, model.config.gamma)).cpu(),
        reconstructed=model.critic(x_hat).cpu(),
        alpha=alpha,
    )
    finite = all(map(math.isfinite, health.values()))  # at λ = 0 a critic may diverge while its model does not
    for name, value in health.items():
        if finite:
            out.metrics.append(row(split=split, metric=f"critic_{name}", value=value, unit="1", n=n))
        else:
            out.metrics.append(row(split=split, metric=f"critic_{name}", value=None, unit="1", n=0, n_left_out=n))

"""Critic health of an autoencoder that has a critic."""

import math

import numpy as np
import torch

from acai_ray import metrics
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.generative import HasCritic
from acai_ray.evaluation.measured import Measured
from acai_ray.evaluation.metric_rows import row
from acai_ray.poses.splits import SPLITS, Split
from acai_ray.training import losses


def critic(of: Measured, split: Split, out: Evaluation) -> None:
    """Critic health over draws of α, each with a random pair of the split; nothing for models without a critic."""
    model = of.model
    if not isinstance(model, HasCritic) or not model.config.critic:
        return
    poses, n = of.yardstick.poses[split], of.yardstick.config.critic_draws
    rng = of.yardstick.rng(5, SPLITS.index(split))
    first, second = (poses[torch.from_numpy(rng.integers(len(poses), size=n))] for _ in range(2))
    alpha = torch.from_numpy(rng.uniform(0, losses.ALPHA_MAX, n).astype(np.float32))
    z = of.encode(first)
    x_hat, mixed = of.decode(z), of.decode(of.model.between(z, of.encode(second), alpha))
    health = metrics.critic_health(
        mixed=model.critic(mixed).cpu(),
        real=model.critic(losses.mix(first, x_hat, model.config.gamma)).cpu(),
        reconstructed=model.critic(x_hat).cpu(),
        alpha=alpha,
    )
    whole = all(map(math.isfinite, health.values()))  # a critic that came to harm at λ = 0 answers NaN
    for name, value in health.items():
        counts = (n, 0, 0) if whole else (0, 0, n)
        out.metrics.append(
            row(split, "none", f"critic_{name}", "none", "value", value if whole else None, "1", *counts)
        )

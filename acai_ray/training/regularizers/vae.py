"""A variational autoencoder (Kingma and Welling 2014) whose KL term has the weight β = λ (Higgins et al. 2017).

`q(z|x)` is normal, with the encoder's `f(x)` for its mean and a variance from a second encoder of the same shape.
`L = L_rec(x, g(f(x) + σ(x) ε)) + λ KL(q(z|x) ‖ N(0, I))`, ε normal. Models are evaluated by the mean. The variance has
an encoder of its own, so that the autoencoder is the same as that of every other regularizer.
"""

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import Domain
from acai_ray.models.layers import MLP
from acai_ray.training import losses
from acai_ray.training.regularizers.regularizer import (
    Batch,
    Losses,
    Networks,
    Probe,
    Regularizer,
    Weights,
    normal,
    of_one,
)

ACTIVE = 0.01
"""A dimension of the code whose mean varies by more than this variance is active (Burda et al. 2016)."""


class Vae(Regularizer):
    """The code is a distribution that is drawn to a normal one."""

    name = "vae"
    title = "VAE"
    weighs = "the divergence of the codes' distributions from a normal one, in nats"
    unit = "m²"
    source = "Kingma & Welling 2014; Higgins et al. 2017"
    codes = ("flat",)
    lam_range = (1e-7, 1e-2)
    terms = ("loss_kl",)

    def network(self, members: int, config: TrialConfig, domain: Domain) -> nn.Module:
        """An encoder of `log σ²`, `(R, B, d)`."""
        hidden = [config.width] * config.depth
        return MLP(members, [domain.size, *hidden, config.latent_dim], config.critic_norm)

    def draw(
        self, rng: np.random.Generator, steps: int, half: int, config: TrialConfig, domain: Domain
    ) -> npt.NDArray[np.float32]:
        """ε, `(steps, half, d)`."""
        return normal(rng, (steps, half, config.latent_dim))

    def losses(self, networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> Losses:
        """Both encoders descend the same loss."""
        assert networks.own is not None
        autoencoder, (first, _), mask = networks.autoencoder, batch.halves, batch.masks.reconstruction
        mean = autoencoder.encode(first, track=0, mask=mask)
        log_variance = networks.own(first, track=0, mask=batch.masks.own)
        x_hat = autoencoder.decode(mean + (log_variance / 2).exp() * batch.drawn, track=0, mask=mask)
        loss_rec = losses.reconstruction(first, x_hat, autoencoder.domain.points)
        loss_kl = kl_to_normal(mean, log_variance).mean(dim=-1)
        total = loss_rec + weights.lam * loss_kl
        return Losses(loss_rec, total, total, (loss_kl,))

    def health(self, probe: Probe) -> dict[str, float]:
        """The KL term in nats, and how many dimensions of the code are active."""
        assert probe.own is not None
        mean = probe.encode(probe.first)
        log_variance = of_one(probe.own, probe.first.flatten(-2))
        active = (mean.var(dim=0) > ACTIVE).sum()
        return {"vae_kl": float(kl_to_normal(mean, log_variance).mean()), "vae_active_units": float(active)}


def kl_to_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """`KL(N(μ, σ²) ‖ N(0, I)) = ½ Σ (μ² + σ² − 1 − log σ²)`, in nats.

    Args:
        mean: `(…, d)`.
        log_variance: `(…, d)`.

    Returns:
        `(…)`.
    """
    return (mean.square() + log_variance.exp() - 1 - log_variance).sum(dim=-1) / 2

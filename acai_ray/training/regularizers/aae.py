"""An adversarial autoencoder (Makhzani et al. 2015): a critic tells codes from samples of the prior.

With `D` the critic's logit for "a sample of the prior", the critic minimises
`mean log(1 + exp(−D(z'))) + mean log(1 + exp(D(f(x))))`, z' from the prior, and the autoencoder adds
`λ · mean log(1 + exp(−D(f(x))))`. The prior is that of the codes: uniform on the sphere, or normal.
"""

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from acai_ray import metrics
from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import CODE_SPACES
from acai_ray.models.domain import Domain
from acai_ray.models.layers import MLP, Mask
from acai_ray.training.regularizers.regularizer import (
    Batch,
    Losses,
    Networks,
    Probe,
    Regularizer,
    Weights,
    normal,
    of_one,
    reconstructed,
)


class CodeCritic(nn.Module):
    """R critics of codes."""

    def __init__(self, members: int, config: TrialConfig) -> None:
        super().__init__()
        hidden = [config.width] * config.depth
        self.network = MLP(members, [config.latent_dim, *hidden, 1], config.critic_norm)

    def forward(self, z: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """The logit of "a sample of the prior", `(R, B)`, for codes `(R, B, d)`; passes as in `MLP`."""
        return self.network(z, passes=passes, track=track, mask=mask).squeeze(-1)  # type: ignore[no-any-return]


class Aae(Regularizer):
    """The distribution of all codes is drawn to the prior by a critic."""

    name = "aae"
    title = "AAE"
    weighs = "how surely a critic tells codes from samples of the prior"
    unit = "m²"
    source = "Makhzani et al. 2015"
    lam_range = (1e-6, 0.1)
    terms = ("loss_adv", "critic_codes")

    def network(self, members: int, config: TrialConfig, domain: Domain) -> nn.Module:
        """The critic of codes."""
        return CodeCritic(members, config)

    def draw(
        self, rng: np.random.Generator, steps: int, half: int, config: TrialConfig, domain: Domain
    ) -> npt.NDArray[np.float32]:
        """Normal numbers `(steps, half, d)`, from which the samples of the prior are made."""
        return normal(rng, (steps, half, config.latent_dim))

    def losses(self, networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> Losses:
        """The plain reconstruction, and the critic's answers to its codes and to the prior."""
        assert networks.own is not None
        path = reconstructed(networks.autoencoder, batch)
        prior = CODE_SPACES[config.codes].project(batch.drawn)
        seen = torch.cat((path.z, prior), dim=1)
        of_codes, of_prior = networks.own(seen, passes=2, track=0, mask=batch.masks.own).chunk(2, dim=1)
        adversarial = passed_for_prior(of_codes)
        of_critic = told_apart(of_codes, of_prior)
        return Losses(path.loss, path.loss + weights.lam * adversarial, of_critic, (adversarial, of_critic))

    def health(self, probe: Probe) -> dict[str, float]:
        """The critic's loss, and its AUC of samples of the prior against codes; 2 log 2 and 0.5 for equal ones."""
        assert probe.own is not None
        codes = probe.encode(probe.first)
        prior = CODE_SPACES[probe.config.codes].project(torch.from_numpy(normal(probe.rng, tuple(codes.shape))))
        of_codes, of_prior = (of_one(probe.own, z) for z in (codes, prior))
        return {
            "aae_critic_loss": float(told_apart(of_codes, of_prior)),
            "aae_critic_auc": float(metrics.auc(of_prior.double(), of_codes.double())),
        }


def passed_for_prior(of_codes: Tensor) -> Tensor:
    """What λ weighs: `mean log(1 + exp(−D(f(x))))` over logits `(…, B)`."""
    return functional.softplus(-of_codes).mean(dim=-1)


def told_apart(of_codes: Tensor, of_prior: Tensor) -> Tensor:
    """The critic's loss: `mean log(1 + exp(D(f(x)))) + mean log(1 + exp(−D(z')))` over logits `(…, B)`."""
    return functional.softplus(of_codes).mean(dim=-1) + functional.softplus(-of_prior).mean(dim=-1)

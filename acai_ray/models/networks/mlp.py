"""The perceptron of the report: n-256-256-d, and back."""

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import Domain
from acai_ray.models.layers import MLP
from acai_ray.models.networks.network import Network


def encoder(members: int, config: TrialConfig, domain: Domain) -> MLP:
    """From the example through `depth` hidden layers of `width` units to d numbers."""
    return MLP(members, [domain.size, *[config.width] * config.depth, config.latent_dim], config.norm)


def decoder(members: int, config: TrialConfig, domain: Domain) -> MLP:
    """The way back."""
    return MLP(members, [config.latent_dim, *[config.width] * config.depth, domain.size], config.norm)


PERCEPTRON = Network("mlp", "A perceptron of `depth` hidden layers with `width` units each.", encoder, decoder)

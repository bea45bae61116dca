"""Autoencoder and critic: shapes, codes of unit length, the sizes of the report."""

import numpy as np
import pytest
import torch

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.models.domain import POSES
from acai_ray.models.layers import initialise
from acai_ray.training.regularizers.acai import Critic


def generators(*seeds: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in seeds]


def normal(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("latent_dim", [2, 3, 7, 16])
def test_codes_have_unit_length_and_shapes_fit(latent_dim: int) -> None:
    autoencoder = Autoencoder(2, TrialConfig(latent_dim=latent_dim, width=16, depth=3))
    initialise(autoencoder, generators(1, 2))
    z = autoencoder.encode(normal(2, 10, 51))
    assert z.shape == (2, 10, latent_dim)
    torch.testing.assert_close(z.norm(dim=-1), torch.ones(2, 10))
    assert autoencoder.decode(z).shape == (2, 10, 51)


def test_the_default_network_is_the_reports() -> None:
    autoencoder, critic = Autoencoder(1, TrialConfig()), Critic(1, TrialConfig(), POSES)
    for network, sizes in (
        (autoencoder.encoder, [51, 256, 256, 16]),
        (autoencoder.decoder, [16, 256, 256, 51]),
        (critic.network, [51, 256, 256, 16]),
    ):
        assert [linear.weight.shape[1] for linear in network.linears] == sizes[:-1]
        assert [linear.weight.shape[2] for linear in network.linears] == sizes[1:]
        assert [norm.scale.shape[2] for norm in network.norms] == sizes[1:-1]


def test_the_critic_answers_with_the_mean_of_its_outputs() -> None:
    critic = Critic(2, TrialConfig(latent_dim=5, width=16), POSES)
    initialise(critic, generators(1, 2))
    x = normal(2, 9, 51)
    torch.testing.assert_close(critic(x), critic.network(x).mean(-1))


def test_norms_of_autoencoder_and_critic_are_chosen_apart() -> None:
    config = TrialConfig(norm="none", critic_norm="batch", width=16)
    assert Autoencoder(1, config).encoder.norms is None
    assert Critic(1, config, POSES).network.norms is not None

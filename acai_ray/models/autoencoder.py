"""The autoencoder and the critic, and both together as a trial's networks."""

from torch import Tensor, nn
from torch.nn import functional

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import POSES, Domain
from acai_ray.models.layers import MLP, Mask
from acai_ray.models.networks import network_of


class Autoencoder(nn.Module):
    """R autoencoders whose codes lie on the unit sphere: `z = f(x) / ||f(x)||`; n numbers an example, 51 of a pose."""

    def __init__(self, members: int, config: TrialConfig, domain: Domain = POSES) -> None:
        super().__init__()
        self.domain = domain
        network = network_of(config, domain)
        self.encoder = network.encoder(members, config, domain)
        self.decoder = network.decoder(members, config, domain)

    def encode(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Codes `(R, B, d)` of unit length for examples `(R, B, n)`; passes as in `MLP`."""
        return functional.normalize(self.encoder(x, passes=passes, track=track, mask=mask), dim=-1)

    def decode(self, z: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Examples `(R, B, n)` for codes `(R, B, d)`; passes as in `MLP`."""
        x: Tensor = self.decoder(z, passes=passes, track=track, mask=mask)
        return x.tanh() if self.domain.bounded else x


class Critic(nn.Module):
    """R critics: the encoder of an mlp, averaged to one number an example (Berthelot et al. 2018, section 2)."""

    def __init__(self, members: int, config: TrialConfig, domain: Domain = POSES) -> None:
        super().__init__()
        hidden = [config.width] * config.depth
        self.network = MLP(members, [domain.size, *hidden, config.latent_dim], config.critic_norm)

    def forward(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """The critic's guess of α, `(R, B)`, for examples `(R, B, n)`; passes as in `MLP`."""
        return self.network(x, passes=passes, track=track, mask=mask).mean(dim=-1)  # type: ignore[no-any-return]


class Networks(nn.Module):
    """The autoencoders and critics of a trial's members."""

    def __init__(self, members: int, config: TrialConfig, domain: Domain = POSES) -> None:
        super().__init__()
        self.autoencoder = Autoencoder(members, config, domain)
        self.critic = Critic(members, config, domain) if config.critic else None

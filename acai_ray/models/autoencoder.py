"""The autoencoder and the critic: three calls of one builder, and both together as a trial's networks."""

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

from acai_ray.common.skeleton import N_JOINTS
from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.layers import MLP, Mask


class Domain(NamedTuple):
    """What is autoencoded.

    Attributes:
        points: joints of a pose, pixels of an image; the reconstruction error is a mean over them.
        axes: numbers of each.
        bounded: whether decoders end in tanh, for values in [−1, 1].
    """

    points: int
    axes: int
    bounded: bool = False

    @property
    def size(self) -> int:
        """Numbers of one example."""
        return self.points * self.axes


POSES = Domain(points=N_JOINTS, axes=3)


class Autoencoder(nn.Module):
    """R autoencoders whose codes lie on the unit sphere: `z = f(x) / ||f(x)||`; n numbers an example, 51 of a pose."""

    def __init__(self, members: int, config: TrialConfig, domain: Domain = POSES) -> None:
        super().__init__()
        self.domain = domain
        hidden = [config.width] * config.depth
        self.encoder = MLP(members, [domain.size, *hidden, config.latent_dim], config.norm)
        self.decoder = MLP(members, [config.latent_dim, *hidden, domain.size], config.norm)

    def encode(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Codes `(R, B, d)` of unit length for examples `(R, B, n)`; passes as in `MLP`."""
        return functional.normalize(self.encoder(x, passes=passes, track=track, mask=mask), dim=-1)

    def decode(self, z: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Examples `(R, B, n)` for codes `(R, B, d)`; passes as in `MLP`."""
        x: Tensor = self.decoder(z, passes=passes, track=track, mask=mask)
        return x.tanh() if self.domain.bounded else x


class Critic(nn.Module):
    """R critics: the encoder's shape, averaged to one number an example (Berthelot et al. 2018, section 2)."""

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

"""The autoencoder, and what it may be an autoencoder of."""

from typing import NamedTuple

from torch import Tensor, nn

from acai_ray.common.skeleton import N_JOINTS
from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import CODE_SPACES
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
    """R autoencoders of examples of n numbers, 51 of a pose.

    Codes are any vectors, or lie on the unit sphere: `z = f(x) / ||f(x)||`, as the setting `codes` says.
    """

    def __init__(self, members: int, config: TrialConfig, domain: Domain = POSES) -> None:
        super().__init__()
        self.domain = domain
        self.code_space = CODE_SPACES[config.codes]
        hidden = [config.width] * config.depth
        self.encoder = MLP(members, [domain.size, *hidden, config.latent_dim], config.norm)
        self.decoder = MLP(members, [config.latent_dim, *hidden, domain.size], config.norm)

    def encode(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Codes `(R, B, d)` for examples `(R, B, n)`; passes as in `MLP`."""
        return self.code_space.project(self.encoder(x, passes=passes, track=track, mask=mask))

    def decode(self, z: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Examples `(R, B, n)` for codes `(R, B, d)`; passes as in `MLP`."""
        x: Tensor = self.decoder(z, passes=passes, track=track, mask=mask)
        return x.tanh() if self.domain.bounded else x

"""The autoencoder: encoder, space of codes, decoder."""

from torch import Tensor, nn

from acai_ray.common.trial_config import TrialConfig
from acai_ray.latent import CODE_SPACES
from acai_ray.models.domain import POSES, Domain
from acai_ray.models.layers import Mask
from acai_ray.models.networks import network_of


class Autoencoder(nn.Module):
    """R autoencoders of examples of n numbers, 51 of a pose.

    Codes are any vectors, or lie on the unit sphere: `z = f(x) / ||f(x)||`, as the setting `codes` says.
    """

    def __init__(self, members: int, config: TrialConfig, domain: Domain = POSES) -> None:
        super().__init__()
        self.domain = domain
        self.code_space = CODE_SPACES[config.codes]
        network = network_of(config, domain)
        self.encoder = network.encoder(members, config, domain)
        self.decoder = network.decoder(members, config, domain)

    def encode(self, x: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Codes `(R, B, d)` for examples `(R, B, n)`; passes as in `MLP`."""
        return self.code_space.project(self.encoder(x, passes=passes, track=track, mask=mask))

    def decode(self, z: Tensor, *, passes: int = 1, track: int | None = None, mask: Mask | None = None) -> Tensor:
        """Examples `(R, B, n)` for codes `(R, B, d)`; passes as in `MLP`."""
        x: Tensor = self.decoder(z, passes=passes, track=track, mask=mask)
        return x.tanh() if self.domain.bounded else x

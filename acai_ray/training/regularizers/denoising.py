"""A denoising autoencoder (Vincent et al. 2008): the pose is to be found again from a pose with noise.

`L_rec(x, g(f(x + λε)))`, ε normal with variance 1 in each number of the pose, is minimised in place of the plain
reconstruction.
"""

import numpy as np
import numpy.typing as npt

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import Domain
from acai_ray.training import losses
from acai_ray.training.regularizers.regularizer import Batch, Losses, Networks, Regularizer, Weights, normal


class Denoising(Regularizer):
    """Reconstruction from noisy input; λ is the noise's standard deviation, for poses in metres."""

    name = "denoising"
    title = "Denoising"
    weighs = "the standard deviation of the noise that is added to the encoder's input"
    unit = "m"
    source = "Vincent et al. 2008"
    lam_range = (1e-3, 0.1)

    def draw(
        self, rng: np.random.Generator, steps: int, half: int, config: TrialConfig, domain: Domain
    ) -> npt.NDArray[np.float32]:
        """ε, `(steps, half, n)`."""
        return normal(rng, (steps, half, domain.size))

    def losses(self, networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> Losses:
        """The reconstruction path from `x + λε`, which moves the running statistics."""
        autoencoder, (first, _), mask = networks.autoencoder, batch.halves, batch.masks.reconstruction
        z = autoencoder.encode(first + weights.lam * batch.drawn, track=0, mask=mask)
        x_hat = autoencoder.decode(z, track=0, mask=mask)
        loss = losses.reconstruction(first, x_hat, autoencoder.domain.points)
        return Losses(loss, loss)

"""Trains an autoencoder of one arm on lines, with the trainer of poses, and measures it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor, nn

from acai_ray.common.randomness import Purpose, generator
from acai_ray.common.trial_config import TrialConfig
from acai_ray.lines.arms import ARMS
from acai_ray.lines.images import SIDE, Images, rays
from acai_ray.lines.scores import Scores, score
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.models.domain import Domain
from acai_ray.models.layers import Linear
from acai_ray.training import compiled
from acai_ray.training.batches import draw_for_regularizer
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train_on

LINES = Domain(points=SIDE * SIDE, axes=1, bounded=True)
PAIRS = 256
IMAGES = 16
"""How many images a path has, its ends included."""
WEIGHT_SCALE = 1.04
"""A weight's initial variance is 1/(WEIGHT_SCALE · fan_in); with smaller ones both twins reconstruct lines worse."""

CONFIG = TrialConfig(
    latent_dim=16,  # with 4, in one pair of nine a twin did not learn all lines
    gamma=0.2,
    width=256,
    depth=4,
    norm="none",  # with batch normalisation ACAI is no better than its twin here
    critic_norm="none",
    critic=False,
    lr=1e-3,
    schedule="linear",
    final_lr_fraction=0.02,
    batch_size=128,
    epochs=60,
    steps_per_epoch=100,
)
"""The plain twin's settings."""


@dataclass(frozen=True)
class Trained:
    """One autoencoder, measured on the same 256 pairs of unseen lines as all others.

    Attributes:
        seed: the seed of its weights and batches.
        arm: one of `arms.ARMS`.
        scores: those of its paths between the pairs.
        reconstruction: mean squared error of a pixel in [−1, 1] over the pairs' lines.
        example: the first pair's path, `(16, 256)`.
        diverged: why the training was stopped early, else an empty string.
    """

    seed: int
    arm: str
    scores: Scores
    reconstruction: float
    example: Images
    diverged: str = ""

    @property
    def sound(self) -> bool:
        """Whether it was trained to the end, and every number is finite."""
        numbers = (self.scores.mean_distance, self.scores.smoothness, self.reconstruction)
        return not self.diverged and all(map(math.isfinite, numbers))


def draw(config: TrialConfig, seed: int, epoch: int) -> tuple[Tensor, Tensor]:
    """Draw an epoch of new lines `(S, B, 256)`, the same for all twins, and what the regularizer needs."""
    rng = generator(seed, Purpose.BATCHES, epoch)
    shape = (config.steps_per_epoch, config.batch_size)
    angles = rng.uniform(0, 2 * np.pi, shape)
    return torch.from_numpy(rays(angles)), draw_for_regularizer(config, rng, config.steps_per_epoch, LINES)


def unseen_pairs() -> Images:
    """The starts and ends of the 256 pairs of lines that are interpolated between, `(2, 256, 256)`."""
    return rays(generator(0, Purpose.EVALUATION).uniform(0, 2 * np.pi, (2, PAIRS)))


def blended() -> Images:
    """Paths that blend the pixels of each pair, `(256, 16, 256)`: what a good interpolation does not look like."""
    start, end = unseen_pairs()[:, :, None]
    t = np.linspace(0, 1, IMAGES, dtype=np.float32)[:, None]
    paths: Images = (1 - t) * start + t * end
    return paths


def train_one(seed: int, arm: str, config: TrialConfig = CONFIG) -> Trained:
    """Train and measure one autoencoder.

    Args:
        seed: the seed of weights and batches, which all arms share.
        arm: one of `arms.ARMS`.
        config: the plain twin's settings.
    """
    settings = config.model_copy(update=ARMS[arm].settings)
    mode = compiled.mode(settings, "auto")
    state = TrainState.start(settings, [seed], domain=LINES, mode=mode, draw_weights=_spread)
    for _ in train_on(lambda member, epoch: draw(settings, member, epoch), state):
        pass
    return replace(measured(state.networks.autoencoder, seed, arm), diverged=state.diverged[0])


@torch.no_grad()
def measured(autoencoder: Autoencoder, seed: int, arm: str) -> Trained:
    """Interpolate between the pairs of unseen lines and score the paths."""
    autoencoder.eval()
    lines = torch.from_numpy(unseen_pairs())
    codes = autoencoder.encode(lines.flatten(0, 1)[None])
    missed = autoencoder.decode(codes)[0] - lines.flatten(0, 1)
    start, end = codes[0, :PAIRS, None], codes[0, PAIRS:, None]
    paths = autoencoder.code_space.between(start, end, torch.linspace(0, 1, IMAGES))
    images = autoencoder.decode(paths.flatten(0, 1)[None])[0].unflatten(0, (PAIRS, IMAGES)).numpy()
    return Trained(seed, arm, score(images), float(missed.square().mean()), images[0])


@torch.no_grad()
def _spread(network: nn.Module, generators: Sequence[np.random.Generator]) -> None:
    """Draw each member's weights from its own generator, normal ones, in place of the trainer's own; biases are 0."""
    for module in network.modules():
        if isinstance(module, Linear):
            _, n_in, n_out = module.weight.shape
            for member, rng in zip(module.weight, generators, strict=True):
                member.copy_(torch.from_numpy(rng.normal(0, (WEIGHT_SCALE * n_in) ** -0.5, (n_in, n_out))))
            if module.bias is not None:
                module.bias.zero_()

"""What the metrics give without training: real poses, the mean pose, lines in pose space, PCA, an untrained network.

Without them a number means nothing: a straight line in pose space has a perfect ANCI while it shrinks the arms.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from acai_ray import metrics
from acai_ray.common.skeleton import N_JOINTS, POSE_DIM
from acai_ray.common.trial_config import TrialConfig
from acai_ray.evaluation.evaluate_model import evaluate
from acai_ray.evaluation.evaluation import Evaluation
from acai_ray.evaluation.generative_model import GenerativeModel
from acai_ray.evaluation.metric_rows import Row
from acai_ray.evaluation.parts.bones import bone_rows
from acai_ray.evaluation.parts.paths import distance_rows
from acai_ray.evaluation.parts.realism import realism_row, too_few
from acai_ray.evaluation.parts.samples import sample_rows
from acai_ray.evaluation.samples import Samples
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.protocol.controls import SHRINKAGE
from acai_ray.training.state import TrainState


@dataclass(frozen=True)
class LinearModel:
    """A linear model of flattened poses around `mean`, whose paths are straight lines of even steps.

    Attributes:
        mean: `(51,)` metres.
        axes: `(51, d)` orthonormal.
        spread: `(d,)` standard deviations of the Gaussian prior along the axes; None for no prior.
    """

    mean: Tensor
    axes: Tensor
    spread: Tensor | None
    spherical: ClassVar[bool] = False

    @classmethod
    def pca(cls, poses: Tensor, latent_dim: int) -> "LinearModel":
        """The principal components of poses `(N, 17, 3)`, at most 51; on the CPU."""
        flat = poses.flatten(1).double().cpu()
        variances, axes = torch.linalg.eigh(torch.cov(flat.T))
        axes, spread = axes.flip(1)[:, :latent_dim], variances.flip(0)[:latent_dim].clamp(min=0).sqrt()
        return cls(flat.mean(0).float(), axes.float().contiguous(), spread.float())

    @property
    def latent_dim(self) -> int:
        """The number of axes."""
        return self.axes.shape[1]

    def encode(self, poses: Tensor) -> Tensor:
        """Coordinates along the axes."""
        return (poses.flatten(1) - self.mean) @ self.axes

    def decode(self, codes: Tensor) -> Tensor:
        """The poses at these coordinates."""
        poses: Tensor = (self.mean + codes @ self.axes.T).unflatten(-1, (N_JOINTS, 3))
        return poses

    def between(self, z1: Tensor, z2: Tensor, t: Tensor) -> Tensor:
        """Linear interpolation."""
        return torch.lerp(z1, z2, t[..., None].to(z1.device))

    def prior_codes(self, n: int, generator: torch.Generator) -> Tensor | None:
        """Coordinates of a Gaussian with the poses' covariance."""
        if self.spread is None:
            return None
        return torch.randn(n, self.latent_dim, generator=generator).to(self.spread.device) * self.spread

    def to(self, device: torch.device) -> "LinearModel":
        """The same on a device."""
        return LinearModel(
            self.mean.to(device), self.axes.to(device), None if self.spread is None else self.spread.to(device)
        )


@dataclass(frozen=True)
class ShrunkModel:
    """A model whose poses are drawn towards `mean`, `(17, 3)`: `reach` 0 gives the mean alone, 1 the model's own."""

    model: GenerativeModel
    mean: Tensor
    reach: float

    @property
    def latent_dim(self) -> int:
        """The model's."""
        return self.model.latent_dim

    @property
    def spherical(self) -> bool:
        """The model's."""
        return self.model.spherical

    def encode(self, poses: Tensor) -> Tensor:
        """The model's codes."""
        return self.model.encode(poses)

    def decode(self, codes: Tensor) -> Tensor:
        """The model's poses, nearer to the mean."""
        return torch.lerp(self.mean.to(codes.device), self.model.decode(codes), self.reach)

    def between(self, z1: Tensor, z2: Tensor, t: Tensor) -> Tensor:
        """The model's paths."""
        return self.model.between(z1, z2, t)

    def prior_codes(self, n: int, generator: torch.Generator) -> Tensor | None:
        """The model's prior."""
        return self.model.prior_codes(n, generator)


def shrunk(model: GenerativeModel, yardstick: Yardstick) -> ShrunkModel:
    """A trained model's poses, drawn towards the mean: a metric that likes them does not measure coverage."""
    return ShrunkModel(model, yardstick.augmented.mean(0), SHRINKAGE)


def evaluate_control(kind: str, config: TrialConfig, yardstick: Yardstick) -> Evaluation:
    """Measure a control that needs no training.

    Args:
        kind: one that `protocol.controls` names and that is not trained.
        config: the latent size, and the network of an untrained one.
        yardstick: as for the models it stands beside.
    """
    return WITHOUT_TRAINING[kind](config, yardstick)


@torch.no_grad()
def _real(_: TrialConfig, yardstick: Yardstick) -> Evaluation:
    """Training poses as if they were generated: no generated poses can be expected to do better."""
    out = Evaluation()
    held_out = yardstick.held_out()
    samples = {"real": Samples.of(held_out, yardstick.config.targets)}
    for split in yardstick.splits:
        sample_rows(samples, yardstick, split, out)
        bone_rows("real", yardstick.targets[split], yardstick, split, out)
        if split != "train":
            distance_rows(yardstick.targets[split], yardstick, split, out)
    out.metrics.extend(_realism_of_real(held_out, yardstick))
    return out


def _realism_of_real(held_out: Tensor, yardstick: Yardstick) -> Iterator[Row]:
    """The AUC of one half of each split's targets against the other half, which shows the same people."""
    splits = [split for split in yardstick.splits if split != "train" and not too_few(yardstick, split)]
    if not splits:
        return
    judge = metrics.realism_judge(yardstick.targets["train"], held_out)
    for split in splits:
        half, other = yardstick.targets[split].tensor_split(2)
        yield realism_row("real", judge, half, other, split)


def _mean(config: TrialConfig, yardstick: Yardstick) -> Evaluation:
    """The mean training pose whatever is asked for."""
    linear, mean = _components(config, yardstick), yardstick.augmented.mean(0)
    return evaluate(ShrunkModel(linear, mean, reach=0.0), yardstick)


def _linear(_: TrialConfig, yardstick: Yardstick) -> Evaluation:
    """Straight lines between real poses: they are perfectly even, and bones shrink on the way."""
    lines = LinearModel(torch.zeros(POSE_DIM), torch.eye(POSE_DIM), None)
    return evaluate(lines.to(yardstick.device), yardstick)


def _pca(config: TrialConfig, yardstick: Yardstick) -> Evaluation:
    """Principal components of the augmented training poses: Gaussian samples, projections and straight lines."""
    return evaluate(_components(config, yardstick), yardstick)


def _components(config: TrialConfig, yardstick: Yardstick) -> LinearModel:
    return LinearModel.pca(yardstick.augmented, config.latent_dim).to(yardstick.device)


def _untrained(config: TrialConfig, yardstick: Yardstick) -> Evaluation:
    """The network with its initial weights of seed 0."""
    networks = TrainState.start(config, [0]).networks
    return evaluate(PoseModel.of_member(networks, 0, config).to(yardstick.device), yardstick)


WITHOUT_TRAINING: dict[str, Callable[[TrialConfig, Yardstick], Evaluation]] = {
    "real": _real,
    "mean": _mean,
    "linear": _linear,
    "pca": _pca,
    "untrained": _untrained,
}
"""How each control of `protocol.controls` that needs no training is measured, by kind."""

"""A model under measurement: what it makes of the yardstick's poses and draws, each computed once."""

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from acai_ray import metrics
from acai_ray.evaluation.generative_model import GenerativeModel
from acai_ray.evaluation.samples import Samples
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses.splits import Split

AT_ONCE, AT_ONCE_ON_DEVICE = 1_024, 65_536
"""Poses whose activations still fit a core's cache, and those that keep a device busy; 67 MB for each layer there."""


@dataclass(frozen=True)
class MeasuredModel:
    """A model and the yardstick, on one device; there is what it gives."""

    model: GenerativeModel
    yardstick: Yardstick

    def encode(self, poses: Tensor) -> Tensor:
        """`(N, 17, 3)` to `(N, d)`, in parts."""
        return torch.cat([self.model.encode(chunk) for chunk in poses.split(self._at_once)])

    def decode(self, codes: Tensor) -> Tensor:
        """`(N, d)` to `(N, 17, 3)`, in parts."""
        return torch.cat([self.model.decode(chunk) for chunk in codes.split(self._at_once)])

    @property
    def _at_once(self) -> int:
        return AT_ONCE if self.yardstick.device.type == "cpu" else AT_ONCE_ON_DEVICE

    def paths(self, start: Tensor, end: Tensor, t: Tensor) -> Tensor:
        """Decoded paths between codes, `(B, d)` twice, at the places `t`, `(K,)`: `(B, K, 17, 3)`."""
        codes = self.model.between(start[:, None], end[:, None], t)
        paths: Tensor = self.decode(codes.flatten(0, 1)).unflatten(0, codes.shape[:2])
        return paths

    @cached_property
    def codes(self) -> dict[Split, Tensor]:
        """The codes of each split's poses."""
        return {split: self.encode(poses) for split, poses in self.yardstick.poses.items()}

    @cached_property
    def prior(self) -> Tensor | None:
        """Poses decoded from the model's prior; None where it has none."""
        codes = self.yardstick.prior_codes(self.model)
        return None if codes is None else self.decode(codes)

    def path_poses(self, n: int, split: Split) -> Tensor:
        """`n` poses anywhere on the paths between codes of a split."""
        return self.decode(self.yardstick.path_codes(self.model, self.codes[split], n, split))

    @cached_property
    def samples(self) -> dict[str, Samples]:
        """What each of the model's samplers gave; paths lie between training codes."""
        path = self.path_poses(self.yardstick.config.generated, "train")
        drawn = {"path": path} if self.prior is None else {"prior": self.prior, "path": path}
        return {sampler: Samples.of(poses, self.yardstick.config.targets) for sampler, poses in drawn.items()}

    def of_same_people(self, split: Split) -> dict[str, Tensor]:
        """By sampler, as many poses as the split has targets, all made of its own codes."""
        targets = self.yardstick.targets[split]
        return {
            "path": self.path_poses(len(targets), split),
            "reconstructed": self.decode(self.encode(targets)),
        }

    @cached_property
    def judges(self) -> dict[str, metrics.RealismJudge]:
        """By sampler, a classifier that learned on training people to tell its poses from real ones."""
        real = self.yardstick.targets["train"]
        return {sampler: metrics.realism_judge(real, made) for sampler, made in self.of_same_people("train").items()}

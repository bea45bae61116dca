"""What every model is measured on: pairs, targets, codes and reference sets, the same for all models.

They depend on the data, the latent size and the evaluation seed alone.
"""

from copy import copy
from functools import cached_property

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from acai_ray import metrics
from acai_ray.common.errors import UserError
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.randomness import Purpose, generator
from acai_ray.common.trial_config import TrialConfig
from acai_ray.evaluation.generative_model import GenerativeModel
from acai_ray.evaluation.streams import Stream
from acai_ray.evaluation.tested_person import TestedPerson
from acai_ray.poses import PoseSet
from acai_ray.poses.instants import before_and_after
from acai_ray.poses.people import with_enough
from acai_ray.poses.splits import SPLITS, Split
from acai_ray.training import augment
from acai_ray.training.pose_tensor import pose_tensor


class Yardstick:
    """The fixed draws and reference sets of an evaluation.

    All draws are made on the CPU, so that they are the same for every device.
    """

    def __init__(self, poses: PoseSet, config: EvaluationConfig, device: str | torch.device = "cpu") -> None:
        """Args: the data, the sizes, and where models are measured: there all poses are."""
        self.splits, self.device = poses.splits, torch.device(device)
        on_cpu = {split: pose_tensor(poses, split) for split in self.splits}
        self.poses = {split: of_split.to(self.device) for split, of_split in on_cpu.items()}
        self.fps = poses.fps
        self._index = {split: poses.split(split).index for split in self.splits}
        self.subjects = {split: self._index[split]["subject"].to_numpy(dtype=str) for split in self.splits}
        self.enough = with_enough(poses, config.person_poses)
        self.bone_limits = metrics.bone_length_range(on_cpu["train"]).to(self.device)
        self._draw(config)

    def _draw(self, config: EvaluationConfig) -> None:
        self.config = config
        self.target_rows = {split: self._some(split, config.targets) for split in self.splits}
        self.targets = {split: self.poses[split][torch.from_numpy(rows)] for split, rows in self.target_rows.items()}
        self.pairs = {split: self._pairs(split) for split in self.splits}

    def resized(self, config: EvaluationConfig) -> "Yardstick":
        """The same data and references with samples of other sizes; nobody is tested, which has sizes of its own."""
        other = copy(self)
        other.enough = ()
        for name in ("arranged_targets", "radii", "people"):
            other.__dict__.pop(name, None)
        other._draw(config)
        return other

    def rng(self, stream: Stream, *numbers: int) -> np.random.Generator:
        """The generator of one stream; `numbers` tell streams for the same thing apart."""
        return generator(self.config.seed, Purpose.EVALUATION, stream, *numbers)

    def rng_of_split(self, stream: Stream, split: Split) -> np.random.Generator:
        """The generator of a stream that each split has its own of."""
        return self.rng(stream, SPLITS.index(split))

    def _some(self, split: Split, n: int) -> NDArray[np.int64]:
        """Which poses of a split are targets."""
        return self.rng_of_split(Stream.TARGETS, split).permutation(len(self.poses[split]))[:n]

    def _pairs(self, split: Split) -> tuple[Tensor, Tensor]:
        """Two different random poses a pair, `(P, 17, 3)` each."""
        poses, rng = self.poses[split], self.rng_of_split(Stream.PAIRS, split)
        first = rng.integers(len(poses), size=self.config.pairs)
        second = (first + rng.integers(1, len(poses), size=self.config.pairs)) % len(poses)
        return poses[torch.from_numpy(first)], poses[torch.from_numpy(second)]

    @cached_property
    def augmented(self) -> Tensor:
        """The training poses, each augmented once with the default augmentation, the same for every model."""
        settings = TrialConfig.model_fields
        rng = self.rng(Stream.AUGMENTATION)
        poses = self.poses["train"].cpu()
        flip, angle = augment.draw(
            (len(poses),), settings["rotation_deg"].default, settings["flip_probability"].default, rng
        )
        return augment.augment(poses, flip, angle).to(self.device)

    @cached_property
    def references(self) -> dict[str, metrics.ReferencePoses]:
        """The poses of each split and the `augmented` ones, arranged for the search once for all models."""
        sets = (*self.poses.items(), ("augmented", self.augmented))
        return {name: metrics.ReferencePoses(poses) for name, poses in sets}

    @cached_property
    def arranged_targets(self) -> dict[Split, metrics.ReferencePoses]:
        """The targets of each split, arranged for the search once for all models."""
        return {split: metrics.ReferencePoses(poses) for split, poses in self.targets.items()}

    @cached_property
    def radii(self) -> dict[tuple[Split, int], Tensor]:
        """By split and k, the radius of each target's ball: the distance to its k-th nearest other target."""
        ks = {self.config.neighbours, self.config.precision_neighbours}
        return {
            (split, k): metrics.neighbour_radii(self.arranged_targets[split], k) for split in self.splits for k in ks
        }

    @cached_property
    def people(self) -> dict[Split, list[TestedPerson]]:
        """The people of each split but the training one who have enough poses to be tested."""
        return {split: self._people(split) for split in self.splits if split != "train"}

    def _people(self, split: Split) -> list[TestedPerson]:
        subjects, poses = self.subjects[split], self.poses[split]
        return [
            TestedPerson.drawn(name, poses[torch.from_numpy(np.flatnonzero(subjects == name))], self.config)
            for name in self.enough
            if name in subjects
        ]

    def prior_codes(self, model: GenerativeModel) -> Tensor | None:
        """Codes of the model's prior, `(generated, d)`; the same for all models of one kind and latent size."""
        seed = int(self.rng(Stream.PRIOR, model.latent_dim).integers(2**62))
        codes = model.prior_codes(self.config.generated, torch.Generator().manual_seed(seed))
        return None if codes is None else codes.to(self.device)

    def path_codes(self, model: GenerativeModel, codes: Tensor, n: int, split: Split) -> Tensor:
        """Codes anywhere on the paths between random pairs of `codes` (those of a split), `(n, d)`."""
        first, second, t = self.path_places(n, split)
        return model.between(codes[first], codes[second], t)

    def path_places(self, n: int, split: Split) -> tuple[Tensor, Tensor, Tensor]:
        """Places on random paths within a split: `(n,)` poses from and to which they go, and `(n,)` t in [0, 1)."""
        rng = self.rng_of_split(Stream.PATHS, split)
        first, second = (torch.from_numpy(rng.integers(len(self.poses[split]), size=n)) for _ in range(2))
        return first, second, torch.from_numpy(rng.random(n, dtype=np.float32)).to(self.device)

    @cached_property
    def _instants(self) -> dict[tuple[Split, float], NDArray[np.int64]]:
        """All that were looked for: by split and seconds, as `before_and_after` gives them."""
        return {}

    def instants(self, split: Split, seconds: float) -> Tensor:
        """Poses of a split that have others of their recording `seconds` before and after them.

        Returns:
            `(M, 3)` rows of the split, M at most `targets`: before, between and after; none where the rate of the poses
            is unknown or no recording is long enough.
        """
        if (split, seconds) not in self._instants:
            self._instants[split, seconds] = before_and_after(self._index[split], self.fps, seconds)
        every = self._instants[split, seconds]
        order = self.rng_of_split(Stream.INSTANTS, split).permutation(len(every))
        return torch.from_numpy(every[order[: self.config.targets]])

    def noise(self, split: Split) -> Tensor:
        """Displacements of the joints of each target, `(targets, 17, 3)`, whose root mean square length is 1."""
        shape = tuple(self.targets[split].shape)
        normal = self.rng_of_split(Stream.NOISE, split).standard_normal(shape, dtype=np.float32)
        return metrics.joint_noise(normal).to(self.device)

    def held_out(self) -> Tensor:
        """Training poses that are no targets (any where too few would be left), at most `generated`, shuffled."""
        poses, order = self.poses["train"], self.rng(Stream.HELD_OUT).permutation(len(self.poses["train"]))
        others = np.setdiff1d(order, self.target_rows["train"], assume_unique=True)
        rows = others if len(others) > self.config.most_neighbours else order
        return poses[torch.from_numpy(rows[: self.config.generated])]


def refuse_small_splits(poses: PoseSet, config: EvaluationConfig) -> None:
    """Refuse data that cannot be measured.

    Raises:
        UserError: a split holds no more poses than the larger k of the sets' metrics.
    """
    k = config.most_neighbours
    for split in poses.splits:
        if len(poses.split(split)) <= k:
            held = len(poses.split(split))
            raise UserError(
                f"each split must hold more than evaluation.neighbours, {k}, poses, but {split} of {poses.name} holds "
                f"{held}; give it more people or lower neighbours"
            )

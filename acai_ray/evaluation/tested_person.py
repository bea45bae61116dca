"""One person who is tested: the poses, and the draws that every model is measured on."""

import hashlib
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from acai_ray import metrics
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.randomness import Purpose, generator
from acai_ray.evaluation.streams import Stream


@dataclass(frozen=True)
class TestedPerson:
    """A person's poses with draws that depend on the person and the evaluation's seed alone, not on other people.

    Attributes:
        name: of the person.
        poses: `(N, 17, 3)`, all there are, all views.
        pairs: `(P, 2)`, places of the ends of paths in `poses`: two different ones each.
        points: `(M, 2)`, the same for single poses on paths.
        point_t: `(M,)`, where on its path each of those lies.
        targets: `(draws, n)`, places in `poses` that coverage looks for.
        radii: `(draws, n)`, the radius of each target's ball, metres.
        sample_ends: `(draws, n, 2)`, places of the ends of the paths that coverage takes poses of.
        sample_t: `(draws, n)`, where on its path each of those lies.
    """

    name: str
    poses: Tensor
    pairs: Tensor
    points: Tensor
    point_t: Tensor
    targets: Tensor
    radii: Tensor
    sample_ends: Tensor
    sample_t: Tensor

    @classmethod
    def drawn(cls, name: str, poses: Tensor, config: EvaluationConfig) -> "TestedPerson":
        """Draw for a person: as many pairs and points as the person has poses, up to the evaluation's sizes."""
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4])
        rng = generator(config.seed, Purpose.EVALUATION, Stream.PERSON, key)
        count, draws, n = len(poses), config.person_draws, config.person_poses
        points = min(config.targets, count)
        pairs = _pairs(rng, count, min(config.pairs, count))
        point_ends, point_t = _pairs(rng, count, points), _places(rng, points)
        targets = torch.from_numpy(np.stack([rng.permutation(count)[:n] for _ in range(draws)]))
        sample_ends = _pairs(rng, count, draws * n).view(draws, n, 2)
        radii = torch.stack([metrics.neighbour_radii(poses[rows], config.neighbours) for rows in targets])
        return cls(
            *(name, poses, pairs, point_ends, point_t, targets, radii),
            sample_ends,
            _places(rng, draws * n).view(draws, n),
        )


def _pairs(rng: np.random.Generator, count: int, n: int) -> Tensor:
    """`(n, 2)`, two different places below `count` each."""
    first = rng.integers(count, size=n)
    second = (first + rng.integers(1, count, size=n)) % count
    return torch.from_numpy(np.stack([first, second], axis=1))


def _places(rng: np.random.Generator, n: int) -> Tensor:
    """`(n,)`, uniform in [0, 1)."""
    return torch.from_numpy(rng.random(n, dtype=np.float32))

"""Eighteen coordinates of each pose whose distances bound those between the poses from below."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from acai_ray.common.skeleton import JOINTS

Distance = Literal["mpjpe", "euclidean"]

FEATURES = 18
"""Six limbs of three coordinates; for `euclidean` the first 17 principal components and the norm of the others."""

LIMBS = (
    {"right_knee": 1, "right_ankle": 1},
    {"left_knee": 1, "left_ankle": 1},
    {"right_elbow": 1, "right_wrist": 1},
    {"left_elbow": 1, "left_wrist": 1},
    {"spine": 1, "thorax": 1, "neck": 1, "head": 1, "right_shoulder": 1, "left_shoulder": 1},
    {"right_hip": 1, "left_hip": -1},
)
"""Joints that move together, with the sign of their movement: the hips turn about the pelvis between them."""

SIGNS = torch.tensor([[limb.get(joint, 0) for joint in JOINTS] for limb in LIMBS], dtype=torch.float64)

ROUNDING = 4 * torch.finfo(torch.float32).eps
"""How far a bound can be off by the rounding of its features, as a share of the sizes of both poses."""


SAMPLE = 20_000
"""References, at most, that decide about centre and axes: any give true bounds."""

CHUNK = 4_096
"""Poses that are projected at once: their float64 coordinates stay in a core's cache."""


@dataclass(frozen=True)
class Projection:
    """Features φ of poses: linear, along the principal axes of the references; the norm of what is left comes last.

    For `mpjpe`, `Σ_v ‖d_v‖ >= Σ_limbs ‖Σ_{v in limb} ±d_v‖`, the triangle inequality within each limb: little is lost,
    for the joints of a limb move together. For `euclidean`, `‖d‖ >= ‖φ(a) - φ(b)‖`: axes keep the distance, and the
    norms of what the first 17 leave differ by at most its distance.

    Attributes:
        distance: which of the two.
        centre: `(51,)` mean reference, float64.
        axes: `(51, 18)` or `(51, 51)`, float64.
    """

    distance: Distance
    centre: Tensor
    axes: Tensor

    @classmethod
    def of(cls, references: Tensor, distance: Distance) -> "Projection":
        """The projection in which `(N, 17, 3)` references are spread along few features."""
        some = references[:: -(-len(references) // SAMPLE)].flatten(1).double()
        centre = some.mean(0)
        if distance == "euclidean":
            return cls(distance, centre, _principal_axes(some - centre))
        limbs = torch.kron(SIGNS, torch.eye(3, dtype=torch.float64)).T.split(3, 1)
        return cls(distance, centre, torch.cat([limb @ _principal_axes((some - centre) @ limb) for limb in limbs], 1))

    def __call__(self, poses: Tensor) -> tuple[Tensor, Tensor]:
        """Features and sizes of poses.

        Args:
            poses: `(N, 17, 3)` metres.

        Returns:
            `(N, 18)` float32, the features; `(N,)` float64, the distances from the centre in metres, as sums over
            joints for `mpjpe`.
        """
        chunks = [self._of_chunk(chunk.flatten(1) - self.centre) for chunk in poses.split(CHUNK)]
        features, sizes = zip(*chunks, strict=True)
        return torch.cat(features), torch.cat(sizes)

    def sizes(self, poses: Tensor) -> Tensor:
        """The sizes alone; `(N, 17, 3)` to `(N,)` float64."""
        return torch.cat([self._size(chunk.flatten(1) - self.centre) for chunk in poses.split(CHUNK)])

    def _size(self, centred: Tensor) -> Tensor:
        width = 3 if self.distance == "mpjpe" else centred.shape[1]
        lengths: Tensor = torch.linalg.vector_norm(centred.unflatten(1, (-1, width)), dim=2)
        return lengths.sum(1)

    def _of_chunk(self, centred: Tensor) -> tuple[Tensor, Tensor]:
        features = centred @ self.axes
        if self.distance == "mpjpe":
            return features.float(), self._size(centred)
        kept, others = features.tensor_split([FEATURES - 1], 1)
        left = torch.linalg.vector_norm(others, dim=1, keepdim=True)
        return torch.cat([kept, left], 1).float(), self._size(centred)


def _principal_axes(centred: Tensor) -> Tensor:
    """Orthonormal axes as columns, the one along which `(N, D)` vectors vary most first."""
    axes: Tensor = torch.linalg.eigh(centred.T @ centred).eigenvectors
    return axes.flip(1)

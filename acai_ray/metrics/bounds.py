"""Cheap lower bounds of the distances between two sets, certified against rounding.

A pair can be nearer than `best` only if its entry of `block` is below `limit(best)`. Both are in the bound's own unit.
"""

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from acai_ray.metrics.pairwise import joint_distance_sums
from acai_ray.skeleton import JOINTS

LIMBS = (
    {"right_knee": 1, "right_ankle": 1},
    {"left_knee": 1, "left_ankle": 1},
    {"right_elbow": 1, "right_wrist": 1},
    {"left_elbow": 1, "left_wrist": 1},
    {"spine": 1, "thorax": 1, "neck": 1, "head": 1, "right_shoulder": 1, "left_shoulder": 1},
    {"right_hip": 1, "left_hip": -1},
)
"""Joints that move together, with the sign of their movement: the hips turn about the pelvis between them."""

MATMUL_ROUNDOFF = {"highest": 2.0**-24, "high": 2.0**-11, "medium": 2.0**-8}
"""Unit roundoff of float32 matrix products, by `torch.get_float32_matmul_precision()`."""


class Bound(Protocol):
    """Lower bounds for the queries and references it was made from."""

    def block(self, rows: slice, columns: slice) -> Tensor:
        """Bounds `(n, m)` for these queries and references."""

    def limit(self, best: Tensor) -> Tensor:
        """What the bound of a pair nearer than `best` `(n,)` metres lies below."""


@dataclass(frozen=True)
class LimbBound:
    """For `mpjpe`: `Σ_v ‖d_v‖ >= Σ_limbs ‖Σ_{v in limb} ±d_v‖`, the triangle inequality within each limb.

    Joints of a limb move together, so little is lost: of 180,000 real poses fewer than 100 a query remain.
    """

    left: Tensor
    right: Tensor
    slack: float

    @classmethod
    def of(cls, queries: Tensor, references: Tensor) -> "LimbBound":
        """Limb sums `(n, 6, 3)`, and how far the rounding of their coordinates can move a bound."""
        signs = queries.new_tensor([[limb.get(joint, 0) for joint in JOINTS] for limb in LIMBS], dtype=torch.float64)
        centre = references.mean(0, dtype=torch.float64)
        centred = [poses - centre for poses in (queries, references)]
        left, right = ((signs @ poses).to(queries.dtype) for poses in centred)
        size = sum(torch.linalg.vector_norm(poses, dim=-1).sum(-1).max() for poses in centred)
        return cls(left, right, 16 * torch.finfo(left.dtype).eps * float(size))

    def block(self, rows: slice, columns: slice) -> Tensor:
        """Sums over the limbs, in metres."""
        return joint_distance_sums(self.left[rows], self.right[columns])

    def limit(self, best: Tensor) -> Tensor:
        """The sum over the joints that belongs to `best`."""
        return best * (len(JOINTS) * _above_one(best)) + self.slack


@dataclass(frozen=True)
class ProductBound:
    """For `euclidean`: `‖a‖² + ‖b‖² - 2ab` by one matrix product, the norms shrunk by more than its rounding error.

    For vectors of length D the product errs by at most `2(D + 6)u(‖a‖² + ‖b‖²)`, u the unit roundoff: D + 2 products
    whose sizes add up to at most `2(‖a‖² + ‖b‖²)`, and the rounding of the centred coordinates and the norms.
    """

    left: Tensor
    right: Tensor

    @classmethod
    def of(cls, queries: Tensor, references: Tensor) -> "ProductBound":
        """Factors `(n, D + 2)` whose product bounds the squared distance."""
        centre = references.flatten(1).mean(0, dtype=torch.float64)
        left, right = ((poses.flatten(1) - centre).to(poses.dtype) for poses in (queries, references))
        shrink = 1 - 2 * (left.shape[1] + 8) * _matmul_roundoff(left.dtype)
        norms = [(_squared_norms(x) * shrink).to(x.dtype) for x in (left, right)]
        ones = [torch.ones_like(norm) for norm in norms]
        return cls(torch.cat([-2 * left, norms[0], ones[0]], 1), torch.cat([right, ones[1], norms[1]], 1))

    def block(self, rows: slice, columns: slice) -> Tensor:
        """Bounds of the squared distances in m²; rounding can make them negative."""
        return self.left[rows] @ self.right[columns].T

    def limit(self, best: Tensor) -> Tensor:
        """`best` squared."""
        return best.square() * _above_one(best)


def _matmul_roundoff(dtype: torch.dtype) -> float:
    if dtype == torch.float32:
        return MATMUL_ROUNDOFF[torch.get_float32_matmul_precision()]
    return torch.finfo(dtype).eps / 2


def _above_one(values: Tensor) -> float:
    """Makes up for the rounding of roots and sums, in a bound and in the distance it is set against."""
    return 1 + 64 * torch.finfo(values.dtype).eps


def _squared_norms(vectors: Tensor) -> Tensor:
    norms: Tensor = torch.linalg.vector_norm(vectors, dim=1, keepdim=True, dtype=torch.float64)
    return norms.square()

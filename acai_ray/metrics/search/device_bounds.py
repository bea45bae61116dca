"""What is computed in float32 for every pair of poses on a device, and what it says about the pair's distance.

For `euclidean` it is `‖b‖² / 2 - a·b` by a matrix product, for `mpjpe` the sum over joints: `squares` and `sums` of
`brute_force`, with the same allowance for rounding. Here it is needed in both directions: below one threshold a pair is
surely nearer than its limit, from another one on it surely is not, and between them only float64 can tell.
"""

import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from acai_ray.common.errors import describe
from acai_ray.common.skeleton import N_JOINTS
from acai_ray.metrics.search.all_pairs import joint_distance_sums
from acai_ray.metrics.search.bounds import ROUNDING, Distance

logger = logging.getLogger(__name__)

ERROR = 64 * 2.0**-24
"""More than the rounding of a product, as a share of what its terms can add up to: `brute_force.ERROR`."""

ROOTS = 1 + 1e-5
"""More than the rounding of float32 roots and their sum, as a factor: `exact.MARGIN`. Devices approximate roots."""

TINY_SQUARE, TINY_SUM = 1e-35, 1e-17
"""Make up for squares, in m², that are too small for float32, and for the sums of their roots, in m."""


class Rows(NamedTuple):
    """Some queries: what their bounds are computed from, and their sizes in float64 as of `Bounds.size`, `(Q,)`."""

    values: Tensor
    sizes: Tensor


class Thresholds(NamedTuple):
    """By query, `(Q,)` float32: a bound less than `sure` is nearer than the limit, one of at least `open` is not."""

    sure: Tensor
    open: Tensor


@dataclass(frozen=True)
class Bounds:
    """Poses arranged for their bounds by one distance.

    Attributes:
        distance: which of the two.
        centre: `(51,)` mean pose, float64; any is right, and this one keeps rounding small.
        size: the largest distance of a pose from the centre, `()` float64; a sum over joints for `mpjpe`.
        columns: `(53, N)` float32 for `euclidean`, `(N, 17, 3)` for `mpjpe`.
    """

    distance: Distance
    centre: Tensor
    size: Tensor
    columns: Tensor

    @classmethod
    def of(cls, poses: Tensor, distance: Distance) -> "Bounds":
        """Arrange `(N, 17, 3)` poses, N at least 1."""
        centre = poses.flatten(1).double().mean(0)
        centred = poses.flatten(1) - centre
        sizes = _sizes(centred, distance)
        if distance == "mpjpe":
            return cls(distance, centre, sizes.max(), centred.unflatten(1, (N_JOINTS, 3)).float())
        parts = [centred, (1 - ERROR) * sizes.square()[:, None] / 2, sizes[:, None]]
        return cls(distance, centre, sizes.max(), torch.cat(parts, 1).float().mT.contiguous())

    def rows(self, queries: Tensor) -> Rows:
        """What the bounds of `(Q, 17, 3)` queries are computed from."""
        centred = queries.flatten(1) - self.centre
        sizes = _sizes(centred, self.distance)
        if self.distance == "mpjpe":
            return Rows(centred.unflatten(1, (N_JOINTS, 3)).float(), sizes)
        parts = [-centred, torch.ones_like(sizes)[:, None], -ERROR * sizes[:, None]]
        return Rows(torch.cat(parts, 1).float(), sizes)

    def table(self, rows: Rows, columns: slice) -> Tensor:
        """The bounds of queries and some of the poses, `(Q, T)` float32."""
        if self.distance == "mpjpe":
            return sums_on(rows.values.device.type)(rows.values, self.columns[columns])
        return rows.values @ self.columns[:, columns]

    def thresholds(self, rows: Rows, limits: Tensor) -> Thresholds:
        """What a pair's bound says about whether it is nearer than its query's limit, `(Q,)` metres; none is below 0.

        A distance is nearer if it still is after rounding to the limits' type, as in `exact.below`.
        """
        metres = (limits.double() + torch.nextafter(limits, torch.zeros_like(limits)).double()) / 2
        sure, left_open = (self._sums if self.distance == "mpjpe" else self._squares)(rows.sizes, metres)
        possible = limits > 0
        return Thresholds(*(value.float().where(possible, -torch.inf) for value in (sure, left_open)))

    def _sums(self, sizes: Tensor, metres: Tensor) -> tuple[Tensor, Tensor]:
        slack = ROUNDING * (sizes + self.size)
        total = N_JOINTS * metres
        return (total - slack) / ROOTS - TINY_SUM, (total + slack) * ROOTS + TINY_SUM

    def _squares(self, sizes: Tensor, metres: Tensor) -> tuple[Tensor, Tensor]:
        square, own = metres.square(), sizes.square()
        # The product is less than what it stands for by at most twice what was taken away from it.
        least = (square * (1 - 1e-12) - own * (1 + 1e-13)) / 2 - 2 * ERROR * (sizes * self.size + self.size.square())
        most = (square * (1 + 1e-12) - own * (1 - 1e-13)) / 2
        return least - least.abs() * 2e-7 - TINY_SQUARE, most + most.abs() * 2e-7 + TINY_SQUARE


def _sizes(centred: Tensor, distance: Distance) -> Tensor:
    """Lengths of `(N, 51)` vectors, or for `mpjpe` the sums of their joints' lengths; `(N,)`."""
    width = 3 if distance == "mpjpe" else centred.shape[1]
    lengths: Tensor = torch.linalg.vector_norm(centred.unflatten(1, (-1, width)), dim=2)
    return lengths.sum(1)


def sums_on(device_type: str) -> Callable[[Tensor, Tensor], Tensor]:
    """`joint_distance_sums` for a kind of device, as one program where the tables of each joint would go to memory."""
    return joint_distance_sums if device_type == "cpu" else compiled_sums(device_type)


@lru_cache
def compiled_sums(device_type: str) -> Callable[[Tensor, Tensor], Tensor]:
    """`joint_distance_sums` compiled for a kind of device; as it is, with a warning, where that is not possible."""
    examples = (torch.zeros(n, N_JOINTS, 3, device=device_type) for n in (3, 5))
    try:
        with warnings.catch_warnings(action="ignore"):  # torch warns of its own modules
            compiled = torch.compile(joint_distance_sums, dynamic=True)
            compiled(*examples)  # what fails, fails here
    except Exception as error:
        logger.warning("the search for nearest poses is slower than it could be, because %s", describe(error))
        return joint_distance_sums
    return compiled

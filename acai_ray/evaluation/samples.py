"""The poses that one sampler gave, arranged for the comparison with real ones."""

from dataclasses import dataclass
from functools import cached_property

from torch import Tensor

from acai_ray import metrics

RECALL_SIZES = (1_024, 20_000)
"""Numbers of generated poses at which recall is given besides the full one."""


@dataclass(frozen=True)
class Samples:
    """What one sampler gave.

    Attributes:
        some: as many poses as are held against real ones for precision and the metrics of sets.
        parts: all poses in parts; recall is given after each, so that one search serves all its sizes.
    """

    some: Tensor
    parts: list[metrics.ReferencePoses]

    @classmethod
    def of(cls, poses: Tensor, targets: int) -> "Samples":
        """From all poses, `(N, 17, 3)`, and how many are held against real ones."""
        sizes = [size for size in RECALL_SIZES if size < len(poses)]
        return cls(poses[:targets], [metrics.ReferencePoses(part) for part in poses.tensor_split(sizes)])

    @cached_property
    def _first(self) -> dict[int, metrics.ReferencePoses]:
        """Those that were asked for."""
        return {}

    def first(self, n: int) -> metrics.ReferencePoses:
        """The first `n` of `some`, arranged for the search once."""
        if n not in self._first:
            self._first[n] = metrics.ReferencePoses(self.some[:n])
        return self._first[n]

    @cached_property
    def _radii(self) -> dict[tuple[int, int], Tensor]:
        """Those that were asked for."""
        return {}

    def radii(self, n: int, k: int) -> Tensor:
        """The distances of the first `n` to their k-th nearest neighbours among them, computed once."""
        if (n, k) not in self._radii:
            self._radii[n, k] = metrics.neighbour_radii(self.first(n), k)
        return self._radii[n, k]

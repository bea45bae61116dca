"""Exact distance from each pose to the nearest of a set, for sets too large for a table of all distances."""

from functools import cached_property
from typing import Any, get_args

import torch
from torch import Tensor

from acai_ray.common.arrays import as_finite
from acai_ray.metrics.search.bounds import Distance
from acai_ray.metrics.search.on_device import OnDevice
from acai_ray.metrics.search.tree import Tree


class ReferencePoses:
    """A set that is searched more than once: it is arranged for each distance once, when that is first asked for."""

    def __init__(self, poses: Any) -> None:
        """Take the set.

        Args:
            poses: `(N, 17, 3)` metres, N at least 1.

        Raises:
            ValueError: a pose is not finite, or there is none.
        """
        self.poses = as_finite("references", poses).detach()
        if not len(self.poses):
            raise ValueError("references must hold at least 1 pose, but is empty")
        self._trees: dict[tuple[Distance, torch.dtype], Tree | OnDevice] = {}

    def __len__(self) -> int:
        return len(self.poses)

    @cached_property
    def collapsed(self) -> bool:
        """Whether it is one pose, several times."""
        return len(self.poses) > 1 and bool((self.poses == self.poses[0]).all())

    def tree(self, distance: Distance, dtype: torch.dtype) -> Tree | OnDevice:
        """The set arranged for the search by this distance, where the poses are."""
        if (distance, dtype) not in self._trees:
            search = Tree if self.poses.device.type == "cpu" else OnDevice
            self._trees[distance, dtype] = search.of(self.poses.to(dtype).contiguous(), distance)
        return self._trees[distance, dtype]


@torch.no_grad()
def nearest_distances(
    queries: Any, references: Any, distance: Distance = "mpjpe", *, best: Tensor | None = None
) -> Tensor:
    """Distance of every query to its nearest reference: an exact search, each value to float rounding.

    It runs where the references are: on a CPU by a tree, on `torch.get_num_threads()` threads, on a GPU by brute force,
    with the same answers.

    Args:
        queries: `(Q, 17, 3)` metres.
        references: `(N, 17, 3)` metres, N at least 1, or `ReferencePoses`.
        distance: which of the two distances.
        best: `(Q,)` metres, distances to what was searched before.

    Returns:
        `(Q,)` metres, on the queries' device; exactly 0 where a reference equals the query. Where `best` is smaller,
        it is kept.

    Raises:
        ValueError: a pose is not finite, or there is no reference.

    Examples:
        >>> poses = acai_ray.poses.load("synthetic").poses[:100]
        >>> acai_ray.metrics.nearest_distances(poses[:2], poses)
        tensor([0., 0.])
    """
    if distance not in get_args(Distance):
        raise ValueError(f"distance must be one of {', '.join(get_args(Distance))}, but got {distance!r}")
    sought = as_finite("queries", queries).detach()
    known = references if isinstance(references, ReferencePoses) else ReferencePoses(references)
    if known.collapsed:  # one pose stands for all, for bounds could rule out none of them
        known = ReferencePoses(known.poses[:1])
    dtype = torch.promote_types(sought.dtype, known.poses.dtype)
    limits = sought.new_full((len(sought),), torch.inf) if best is None else best
    if not len(sought):
        return limits
    if len(sought) > 1 and bool((sought == sought[0]).all()):  # a collapsed model's poses are all one
        return torch.minimum(nearest_distances(sought[:1], known, distance).expand(len(sought)), limits)
    tree = known.tree(distance, dtype)
    nearest = tree.nearest(sought.to(tree.poses), limits.to(tree.poses), 1)
    return nearest[:, 0].to(sought)

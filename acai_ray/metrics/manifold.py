"""How two sets cover each other, by balls that reach to each pose's k-th neighbour; flat Euclidean distance.

As in the papers' code, a pose is in a ball if its distance is strictly less than the radius.
"""

from typing import Any

import torch
from torch import Tensor

from acai_ray.common.arrays import as_finite
from acai_ray.metrics.search.nearest import ReferencePoses, nearest_distances


@torch.no_grad()
def neighbour_radii(poses: Any, k: int) -> Tensor:
    """Distance of each pose to the k-th nearest other one of its set.

    Args:
        poses: `(N, 17, 3)` metres.
        k: at least 1, less than N.

    Returns:
        `(N,)` metres.
    """
    members = as_finite("poses", poses)
    if not 1 <= k < len(members):
        raise ValueError(
            f"k must be at least 1 and less than the number of poses, but k is {k} of {len(members)} poses"
        )
    tree = ReferencePoses(members).tree("euclidean", members.dtype)
    limits = torch.full((len(members),), torch.inf, dtype=members.dtype)
    return tree.nearest(tree.poses, limits, k + 1)[:, k].to(members.device)


@torch.no_grad()
def balls_holding(poses: Any, centres: Any, radii: Tensor) -> Tensor:
    """How many of the balls hold each pose.

    Args:
        poses: `(M, 17, 3)` metres.
        centres: `(N, 17, 3)` metres.
        radii: `(N,)` metres.

    Returns:
        `(M,)` counts.
    """
    points, middles = as_finite("poses", poses), as_finite("centres", centres).detach()
    dtype = torch.promote_types(points.dtype, middles.dtype)
    tree = ReferencePoses(points).tree("euclidean", dtype)
    return tree.hits(middles.to("cpu", dtype), radii.to("cpu", dtype)).to(points.device)


def precision_recall(real: Any, fake: Any, k: int = 3, *, real_radii: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991).

    Args:
        real: `(N, 17, 3)` metres.
        fake: `(M, 17, 3)` metres; the papers use N = M.
        k: neighbour that a ball reaches to.
        real_radii: `neighbour_radii(real, k)`, where it is known already.

    Returns:
        Share of fake poses inside some real ball, share of real poses inside some fake ball.
    """
    radii = neighbour_radii(real, k) if real_radii is None else real_radii
    precision = balls_holding(fake, real, radii) > 0
    recall = balls_holding(real, fake, neighbour_radii(fake, k)) > 0
    return precision.float().mean(), recall.float().mean()


def density_coverage(real: Any, fake: Any, k: int = 5, *, real_radii: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Density and coverage (Naeem et al. 2020, arXiv 2002.09797).

    Args:
        real: `(N, 17, 3)` metres.
        fake: `(M, 17, 3)` metres; the papers use N = M.
        k: neighbour that a ball reaches to.
        real_radii: `neighbour_radii(real, k)`, where it is known already.

    Returns:
        `(1/kM) Σ_j Σ_i 1[y_j in ball_k(x_i)]`, share of real balls that hold a fake pose.
    """
    radii = neighbour_radii(real, k) if real_radii is None else real_radii
    density = balls_holding(fake, real, radii).float().mean() / k
    return density, (nearest_distances(real, fake, "euclidean") < radii).float().mean()

"""Metrics of two sets of poses, and of the pairs within one: do generated poses, as a set, resemble real ones?

Precision, recall, density and coverage count which poses of one set lie in balls around the poses of the other. A ball
reaches to its centre's k-th nearest neighbour, by the flat Euclidean distance. As in the papers' code, a pose is in a
ball if its distance is strictly less than the radius.
"""

from typing import Any

import torch
from torch import Tensor

from acai_ray.common.arrays import as_finite, as_tensor
from acai_ray.metrics.search.all_pairs import pairwise_mpjpe, tiles
from acai_ray.metrics.search.nearest import ReferencePoses, nearest_distances


def _arranged(name: str, poses: Any) -> ReferencePoses:
    """The set, which is arranged only once where it is `ReferencePoses` already."""
    return poses if isinstance(poses, ReferencePoses) else ReferencePoses(as_finite(name, poses))


def _poses(poses: Any) -> Any:
    return poses.poses if isinstance(poses, ReferencePoses) else poses


@torch.no_grad()
def neighbour_radii(poses: Any, k: int) -> Tensor:
    """Distance of each pose to the k-th nearest other one of its set.

    Args:
        poses: `(N, 17, 3)` metres, or `ReferencePoses`.
        k: at least 1, less than N.

    Returns:
        `(N,)` metres.
    """
    members = as_finite("poses", _poses(poses))
    if not 1 <= k < len(members):
        raise ValueError(
            f"k must be at least 1 and less than the number of poses, but k is {k} of {len(members)} poses"
        )
    tree = _arranged("poses", poses).tree("euclidean", members.dtype)
    return tree.nearest(tree.poses, members.new_full((len(members),), torch.inf), k + 1)[:, k]


@torch.no_grad()
def balls_holding(poses: Any, centres: Any, radii: Tensor) -> Tensor:
    """How many of the balls hold each pose.

    Args:
        poses: `(M, 17, 3)` metres, or `ReferencePoses`.
        centres: `(N, 17, 3)` metres, or `ReferencePoses`.
        radii: `(N,)` metres.

    Returns:
        `(M,)` counts.
    """
    known, middles = _arranged("poses", poses), as_finite("centres", _poses(centres)).detach()
    dtype = torch.promote_types(known.poses.dtype, middles.dtype)
    tree = known.tree("euclidean", dtype)
    return tree.hits(middles.to(tree.poses), radii.to(tree.poses))


def precision_recall(
    real: Any, fake: Any, k: int = 3, *, real_radii: Tensor | None = None, fake_radii: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Improved precision and recall (Kynkäänniemi et al. 2019, arXiv 1904.06991).

    Args:
        real: `(N, 17, 3)` metres, or `ReferencePoses`.
        fake: `(M, 17, 3)` metres, or `ReferencePoses`; the papers use N = M.
        k: neighbour that a ball reaches to.
        real_radii: `neighbour_radii(real, k)`, where it is known already.
        fake_radii: `neighbour_radii(fake, k)`, the same.

    Returns:
        Share of fake poses inside some real ball, share of real poses inside some fake ball.
    """
    of_real = neighbour_radii(real, k) if real_radii is None else real_radii
    of_fake = neighbour_radii(fake, k) if fake_radii is None else fake_radii
    precision = balls_holding(fake, real, of_real) > 0
    recall = balls_holding(real, fake, of_fake) > 0
    return precision.float().mean(), recall.float().mean()


def density_coverage(real: Any, fake: Any, k: int = 5, *, real_radii: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Density and coverage (Naeem et al. 2020, arXiv 2002.09797).

    Args:
        real: `(N, 17, 3)` metres, or `ReferencePoses`.
        fake: `(M, 17, 3)` metres, or `ReferencePoses`; the papers use N = M.
        k: neighbour that a ball reaches to.
        real_radii: `neighbour_radii(real, k)`, where it is known already.

    Returns:
        `(1/kM) Σ_j Σ_i 1[y_j in ball_k(x_i)]`, share of real balls that hold a fake pose.

    Examples:
        >>> people = acai_ray.poses.load("synthetic")
        >>> real, far_away = people.poses[:50], people.poses[:50] + numpy.float32(9)
        >>> acai_ray.metrics.density_coverage(real, far_away)
        (tensor(0.), tensor(0.))
    """
    radii = neighbour_radii(real, k) if real_radii is None else real_radii
    density = balls_holding(fake, real, radii).float().mean() / k
    nearest = nearest_distances(_poses(real), fake, "euclidean", best=radii)  # farther ones are of no interest
    return density, (nearest < radii).float().mean()


def frechet_distance(a: Any, b: Any) -> Tensor:
    """Fréchet distance (squared) `‖μ_a - μ_b‖² + tr(A + B - 2(AB)^½)` of two Gaussians (Dowson and Landau 1982).

    The root joint, a constant 0, is left out: 48-D. Computed in float64.

    Args:
        a: `(N, 17, 3)` metres; a single pose has covariance 0.
        b: `(M, 17, 3)` metres.

    Returns:
        Scalar, m².
    """
    (mean_a, root_a), (mean_b, root_b) = _mean_and_root(a), _mean_and_root(b)
    cross: Tensor = torch.linalg.svdvals(root_a @ root_b)
    spread = root_a.square().sum() + root_b.square().sum() - 2 * cross.sum()
    return (mean_a - mean_b).square().sum() + spread.clamp(min=0)


def _mean_and_root(poses: Any) -> tuple[Tensor, Tensor]:
    """Mean `(48,)` and the symmetric root `(48, 48)` of the unbiased covariance."""
    flat = as_tensor(poses)[:, 1:].flatten(1).double()
    centred = flat - flat.mean(0)
    values, vectors = torch.linalg.eigh(centred.T @ centred / max(len(flat) - 1, 1))
    return flat.mean(0), vectors * values.clamp(min=0).sqrt() @ vectors.T


@torch.no_grad()
def apd(poses: Any) -> Tensor:
    """Average pairwise distance: mean `mpjpe` over all pairs of two different members of the set.

    Args:
        poses: `(N, 17, 3)` metres, N at least 2.

    Returns:
        Scalar, metres.
    """
    members = as_tensor(poses)
    n = len(members)
    if n < 2:
        raise ValueError(f"apd needs at least 2 poses, but got {n}")
    total = members.new_zeros((), dtype=torch.float64)
    for rows, columns in tiles(n, n, members.device):
        total += pairwise_mpjpe(members[rows], members[columns]).sum(dtype=torch.float64)
    return (total / (n * (n - 1))).to(members.dtype)

"""A trained model as a pose prior: missing joints are taken from the nearest pose that the model can decode."""

from typing import Any, NamedTuple

import torch
from torch import Tensor

from acai_ray.common.arrays import LARGEST, as_tensor
from acai_ray.common.skeleton import JOINTS, N_JOINTS
from acai_ray.common.units import MM
from acai_ray.models.pose_model import PoseModel

PELVIS = slice(JOINTS.index("pelvis"), JOINTS.index("pelvis") + 1)
LEAST = 2
"""The fewest joints that must be known: joints are seen from the pelvis or from their mean, where one alone is 0."""
STEPS, RATE = 600, 0.03
"""Steps and first learning rate of Adam (Kingma and Ba 2015); the rate falls linearly to 0."""
SPAN = 3.0
"""Metres from their mean within which all known joints of a pose must be."""
ROWS = 8192
"""Codes that are moved at once; bounds the memory."""


class Completion(NamedTuple):
    """Poses whose missing joints are filled in.

    Attributes:
        poses: `(N, 17, 3)` metres; known joints as they were given, the others as decoded.
        decoded: `(N, 17, 3)` metres, the decoded poses themselves, where the given ones are.
        codes: `(N, d)` of unit length.
        error_mm: `(N,)` mean distance of the decoded poses from the known joints, a known pelvis not counted, as both
            are seen from it. It says how well those are fitted, not how right the others are.
    """

    poses: Tensor
    decoded: Tensor
    codes: Tensor
    error_mm: Tensor


class _Target:
    """The known joints of `M` poses, and how far decoded poses are from them."""

    def __init__(self, poses: Tensor) -> None:
        self.known = (~poses.isnan().any(-1, keepdim=True)).to(poses.dtype)
        self.poses = poses.nan_to_num(0)

    def placed(self, decoded: Tensor) -> Tensor:
        """Decoded poses, their pelvis moved to the given one, or, where that is missing, all known joints' mean."""
        apart = self.poses - decoded
        mean = (apart * self.known).sum(-2, keepdim=True) / self.known.sum(-2, keepdim=True)
        return decoded + torch.where(self.known[:, PELVIS] > 0, apart[:, PELVIS], mean)

    def cost(self, decoded: Tensor) -> Tensor:
        """Squared metres summed over the known joints; `(M,)`, or `(K,)` of K poses for one."""
        return ((self.placed(decoded) - self.poses) * self.known).square().sum((-2, -1))

    def rows(self, which: Tensor) -> "_Target":
        """The target of some of the poses, or of poses repeated."""
        return _Target(torch.where(self.known[which] > 0, self.poses[which], torch.nan))


def complete(
    model: PoseModel, poses: Any, generator: torch.Generator, *, candidates: int = 2048, starts: int = 8
) -> Completion:
    """Fill in the joints of poses that are NaN, by the code whose decoded pose is nearest.

    Nearest is the sum of squared distances at the known joints. It is found by gradient descent on vectors of any
    length; where codes lie on the sphere, their directions are the codes.

    The pelvis of a pose may be missing, and it need not be at the origin: poses are moved to where the model has
    theirs, and back. They are not turned: they must be seen as the training poses were, x right, y down, z away.

    Args:
        model: the prior.
        poses: `(N, 17, 3)` metres, with NaN for each missing joint; at least two are known.
        generator: draws the random codes.
        candidates: random codes that are tried.
        starts: how many of them, the nearest to a pose, are moved. The one that ends nearest is taken.

    Raises:
        ValueError: poses of another shape, infinite ones, in another unit than metres, with fewer than two known
            joints; a count below 1.

    Examples:
        >>> model = acai_ray.load_model("results/quick/models/e00000-0")
        >>> poses = acai_ray.poses.load("synthetic").split("test").poses[:2].copy()
        >>> poses[:, JOINTS.index("left_wrist")] = numpy.nan
        >>> completed = acai_ray.complete(model, poses, torch.Generator().manual_seed(0))
        >>> bool(completed.poses.isnan().any())
        False
    """
    if min(candidates, starts) < 1:
        raise ValueError(f"candidates and starts must be at least 1, but they are {candidates} and {starts}")
    given = _checked(poses).to(model.device, torch.float32)
    codes = model.prior_codes(max(candidates, starts), generator).to(model.device)
    parts = given.split(max(1, ROWS // starts))
    nearest = torch.cat([_nearest(model, _Target(part), codes, starts) for part in parts if len(part)] or [codes[:0]])
    target = _Target(given)
    placed = target.placed(model.decode(nearest))
    counted = target.known.clone()
    counted[:, PELVIS] = 0
    counted = torch.where(target.known[:, PELVIS] > 0, counted, target.known)
    distance = (placed - target.poses).norm(dim=-1, keepdim=True) * counted
    error_mm = MM * distance.sum((-2, -1)) / counted.sum((-2, -1))
    return Completion(torch.where(target.known > 0, target.poses, placed), placed, nearest, error_mm)


def _checked(poses: Any) -> Tensor:
    tensor = as_tensor(poses)
    if tensor.ndim != 3 or tensor.shape[1:] != (N_JOINTS, 3):
        raise ValueError(f"poses must be (N, {N_JOINTS}, 3), a missing joint NaN, but they are {tuple(tensor.shape)}")
    if (tensor.abs() >= LARGEST).any():
        raise ValueError(f"known joints must be below {LARGEST:g} m, but some are not; a missing joint is NaN")
    known = (~tensor.isnan().any(-1)).sum(-1)
    if (known < LEAST).any():
        first = int((known < LEAST).nonzero()[0])
        raise ValueError(f"at least {LEAST} joints of a pose must be known, but poses[{first}] has {int(known[first])}")
    apart = (tensor - tensor.nanmean(-2, keepdim=True)).norm(dim=-1).nan_to_num(0).amax(-1)
    if (apart > SPAN).any():
        first = int((apart > SPAN).nonzero()[0])
        raise ValueError(
            f"the joints of a pose must be within {SPAN:g} m of their mean, but in poses[{first}] one is "
            f"{float(apart[first]):.4g} m away; divide millimetres by 1000"
        )
    return tensor


def _nearest(model: PoseModel, target: _Target, candidates: Tensor, starts: int) -> Tensor:
    """`(M, d)`: for each pose the code whose decoded pose is nearest at the known joints."""
    seen = model.decode(candidates)
    each = [target.rows(torch.tensor([row])) for row in range(len(target.poses))]
    chosen = torch.cat([one.cost(seen).topk(starts, largest=False).indices for one in each])
    repeated = target.rows(torch.arange(len(each)).repeat_interleave(starts))
    moved = _descend(model, repeated, candidates[chosen])
    best = repeated.cost(model.decode(moved)).unflatten(0, (-1, starts)).argmin(1)
    nearest: Tensor = moved.unflatten(0, (-1, starts))[torch.arange(len(each)), best]
    return nearest


@torch.enable_grad()
def _descend(model: PoseModel, target: _Target, codes: Tensor) -> Tensor:
    """Codes `(M, d)` where their descent ends; none depends on another."""
    free = codes.clone().requires_grad_()
    adam = torch.optim.Adam([free], lr=RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(adam, start_factor=1, end_factor=1 / STEPS, total_iters=STEPS - 1)
    for _ in range(STEPS):
        adam.zero_grad()
        target.cost(model.decode(model.code_space.project(free))).sum().backward()
        adam.step()
        schedule.step()
    return model.code_space.project(free.detach())

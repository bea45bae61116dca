"""Poses as tensors that share their memory."""

import warnings

import torch
from torch import Tensor

from acai_ray.poses import PoseSet
from acai_ray.poses.splits import Split


def pose_tensor(poses: PoseSet, split: Split) -> Tensor:
    """`(N, 17, 3)` float32, not to be written to: in a Ray worker the poses lie in the node's shared memory."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The given NumPy array is not writable", UserWarning)
        return torch.from_numpy(poses.split(split).poses)

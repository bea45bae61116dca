"""How codes are spread over the sphere."""

from typing import Any

import torch
from torch import Tensor

from acai_ray.common.arrays import as_tensor


def code_spread(z: Any) -> tuple[Tensor, Tensor]:
    """Mean resultant length and participation ratio of the covariance.

    Args:
        z: `(N, d)` unit codes.

    Returns:
        `‖mean z‖`, 0 for codes spread evenly and 1 for equal ones; `(tr C)² / tr C²`, between 1 and d: the number of
        dimensions that the codes use, which is NaN for equal codes.
    """
    codes = as_tensor(z).double()
    mean = codes.mean(0)
    covariance = (codes - mean).T @ (codes - mean) / len(codes)
    return torch.linalg.vector_norm(mean), covariance.trace().square() / covariance.square().sum()

"""How well scores tell two samples apart."""

from typing import Any

import torch
from torch import Tensor

from acai_ray.common.arrays import as_tensor


def auc(positives: Any, negatives: Any) -> Tensor:
    """Probability that a positive exceeds a negative, ties count half (Mann and Whitney 1947).

    Args:
        positives: `(n,)` scores.
        negatives: `(m,)` scores.

    Returns:
        Scalar in [0, 1]; 1/2 for scores that are distributed alike.
    """
    scores, ranked = as_tensor(positives), as_tensor(negatives).sort().values
    below = torch.searchsorted(ranked, scores) + torch.searchsorted(ranked, scores, right=True)
    return below.double().mean() / (2 * len(ranked))

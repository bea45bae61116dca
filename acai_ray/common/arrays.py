"""The arrays that a metric accepts: tensors and NumPy arrays, checked and converted."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

LARGEST = 1e15
"""In metres: the square of a coordinate near this is still a float32, that of a much larger one is infinite."""


def as_tensor(values: Any) -> Tensor:
    """A float32 or float64 tensor, sharing the memory of `values` where it can; other types become float32."""
    if isinstance(values, np.ndarray) and not values.flags.writeable:
        values = values.copy()  # torch warns about read-only memory
    tensor = torch.as_tensor(values)
    return tensor if tensor.dtype in (torch.float32, torch.float64) else tensor.float()


def as_finite(name: str, values: Any) -> Tensor:
    """`as_tensor`, for sets whose every coordinate must be finite.

    Raises:
        ValueError: a pose has a coordinate that is not finite or too large; the message says which pose.
    """
    tensor = as_tensor(values)
    bad = (~(tensor.abs() < LARGEST)).flatten(1).any(-1).nonzero()
    if len(bad):
        place = f"{name}[{int(bad[0])}] is not ({len(bad)} of {len(tensor)} poses)"
        raise ValueError(f"{name} must be finite and below {LARGEST:g} m, but {place}")
    return tensor

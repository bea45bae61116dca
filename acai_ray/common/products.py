"""How exactly torch computes matrix products: in float32, in TF32 on GPUs, in bfloat16."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

OF_TORCH = {"highest": "highest", "high": "high", "bf16": "medium"}
"""What torch calls the precisions of `TrialConfig.matmul_precision`."""


@contextmanager
def products_in(precision: str) -> Iterator[None]:
    """Compute float32 products in this precision within the block; sums, weights and activations stay float32."""
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision(OF_TORCH[precision])
    try:
        yield
    finally:
        torch.set_float32_matmul_precision(before)

"""Whether a device has the products that a training asks for."""

import torch

from acai_ray.common.errors import UserError
from acai_ray.common.products import products_in


def refuse_without_bf16(precision: str, device: torch.device) -> None:
    """Refuse bfloat16 where it would change nothing.

    A product tells, on the device itself: torch passes over a precision that a processor lacks without a word.

    Raises:
        UserError: products on this device are in float32 all the same.
    """
    if precision != "bf16":
        return
    factor = torch.linspace(1, 2, 64 * 64, device=device).reshape(1, 64, 64)
    exact = torch.bmm(factor, factor)
    with products_in(precision):
        rounded = torch.bmm(factor, factor)
    if torch.equal(exact, rounded):
        raise UserError(
            "`matmul_precision: bf16` needs a processor with products in bfloat16 (AVX512-BF16, AMX) or a GPU that has "
            "them, but this one computes in float32 all the same; leave the setting away"
        )

"""Noise on the joints of a pose."""

from typing import Any

from torch import Tensor

from acai_ray.common.arrays import as_tensor


def joint_noise(normal: Any) -> Tensor:
    """Gaussian displacements of joints whose root mean square length is 1; the root stays where it is.

    Args:
        normal: `(..., 17, 3)` standard normal numbers.

    Returns:
        `(..., 17, 3)`, to be multiplied by the size of the noise and added to poses. Each coordinate of a joint other
        than the root has the variance 1/3.
    """
    noise = as_tensor(normal) / 3**0.5
    noise[..., 0, :] = 0
    return noise

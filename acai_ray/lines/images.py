"""Images of one line: a ray from the centre at an angle (Berthelot et al. 2018, section 3.1), 16 × 16 pixels."""

import numpy as np
from numpy.typing import NDArray

SIDE = 16
RADIUS = 7.0
WIDTH = 2.0
"""In pixels, like RADIUS: a ray goes from the image's centre to RADIUS and is WIDTH wide."""

Images = NDArray[np.float32]


def rays(angles: NDArray[np.float64]) -> Images:
    """Draw rays with smooth edges.

    Args:
        angles: `(...)` radians, counter-clockwise from the right.

    Returns:
        `(..., 256)` pixels row by row from the top, from −1 (background) to 1.
    """
    place = np.arange(SIDE) - (SIDE - 1) / 2
    x, y = np.tile(place, SIDE), -np.repeat(place, SIDE)
    towards = np.stack([np.cos(angles), np.sin(angles)], axis=-1)[..., None]
    along = (towards[..., 0, :] * x + towards[..., 1, :] * y).clip(0, RADIUS)
    distance = np.hypot(x - along * towards[..., 0, :], y - along * towards[..., 1, :])
    inside = ((WIDTH + 1) / 2 - distance).clip(0, 1)
    images: Images = (2 * inside - 1).astype(np.float32)
    return images

"""Constants of the networks that every program which computes with saved weights must know."""

from typing import Final

LEAKY_SLOPE: Final = 0.2
"""What LeakyReLU multiplies negative values by."""

BATCH_NORM_EPS: Final = 1e-5
"""Added to the variance in batch normalisation, so that a constant channel is not divided by 0."""

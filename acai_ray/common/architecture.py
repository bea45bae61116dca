"""Constants of the networks that every program which computes with saved weights must know."""

from typing import Final

AUTOENCODER: Final = "autoencoder."
"""How the names of an autoencoder's weights begin in a file; all others are of what its regularizer trained."""

LEAKY_SLOPE: Final = 0.2
"""What LeakyReLU multiplies negative values by."""

BATCH_NORM_EPS: Final = 1e-5
"""Added to the variance in batch normalisation, so that a constant channel is not divided by 0."""

GRAPH_SHARE: Final = 4
"""In a graph network, `width` is so many times the channels of a joint: 17 joints have about 4 times an mlp's units."""

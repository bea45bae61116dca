"""The arms of a study: what is compared with what."""

from enum import StrEnum


class Arm(StrEnum):
    """Which side of a comparison a run is on; the value stands in the column `arm` of the table `runs`."""

    VANILLA = "vanilla"
    """λ = 0: the autoencoder without the regularizer."""
    ACAI = "acai"
    """λ above 0: the autoencoder with the regularizer."""
    CONTROL = "control"
    """Neither of them: what the numbers of both are compared with."""

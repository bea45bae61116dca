"""The arms of a study: what is compared with what."""

from enum import StrEnum


class Arm(StrEnum):
    """What the column `arm` of the table `runs` says of a run; other regularizers than ACAI stand there by name."""

    VANILLA = "vanilla"
    """λ = 0: the autoencoder without a regularizer."""
    ACAI = "acai"
    """λ above 0: the autoencoder with ACAI."""
    CONTROL = "control"
    """None of them: what the numbers of all are compared with."""

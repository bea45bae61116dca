"""The arms of the self-test: in what their settings differ from the plain autoencoder's, and what the paper has."""

from typing import Any, NamedTuple


class Arm(NamedTuple):
    """One way to train an autoencoder on lines.

    Attributes:
        title: what tables call it.
        settings: those in which it differs from the plain autoencoder.
        paper: Mean Distance ×1e-3 and Smoothness of Berthelot et al. 2018, Table 1, which this project cites; none
            where the paper has no such autoencoder, or its numbers were not at hand.
    """

    title: str
    settings: dict[str, Any]
    paper: tuple[float, float] | None = None


ACAI = {"lam": 2.0, "critic": True}
"""The settings in which the ACAI twin differs. The plain one has no critic, which would change nothing in it.

λ was chosen among 0.5, 1 and 2 on the seeds 0, 1 and 2; with a larger λ paths turn more evenly.
"""

TWINS = ("acai", "vanilla")
"""What the test judges, in the order in which they are started: those with another network take longer."""

ARMS = {
    "vanilla": Arm("plain", {}, (6.88, 0.44)),
    "acai": Arm("ACAI", ACAI, (0.24, 0.10)),
    "denoising": Arm("Denoising", {"regularizer": "denoising", "lam": 0.3, "critic": True}),
    "constant_speed": Arm("Constant speed", {"regularizer": "constant_speed", "lam": 0.01, "critic": True}),
    "vanilla_flat": Arm("plain, flat codes", {"codes": "flat"}),
    "vae": Arm("VAE, flat codes", {"regularizer": "vae", "codes": "flat", "lam": 1e-3, "critic": True}),
    "aae": Arm("AAE, flat codes", {"regularizer": "aae", "codes": "flat", "lam": 0.01, "critic": True}),
}
"""By name, in the order of the table.

The weights of the last were chosen on seed 100 in trainings of 20 epochs: for denoising among 0.1, 0.3 and 1, for VAE
among 1e-4 and 1e-3, each with the lowest Mean Distance; for constant speed among 0.01 and 0.1, with the lower
Smoothness. AAE on the sphere learned no lines with a weight from 1e-4 to 0.01, so it has flat codes.
"""

"""The controls of a study: what the metrics give without ACAI, and mostly without training.

They give the numbers a scale: a straight line in pose space has a perfect ANCI, although it shrinks the arms.
"""

from dataclasses import dataclass

CHAOS_LAM = 1e-6
"""The λ of the chaos control, in m². It is too small to have an effect: what differs from vanilla is chaos, and no
difference smaller than that counts as an effect."""

SHRINKAGE = 0.4
"""How far the shrunk control's poses reach from the mean pose, as a share of the model's own."""


@dataclass(frozen=True)
class Control:
    """One kind of control.

    Attributes:
        kind: its name in the column `control` of the table `runs`.
        label: what a reader is shown.
        per_latent: whether there is one beside each latent size; else it lives in pose space and is measured once.
        trained: whether it is trained before it is measured.
        each_fold: whether every fold has one; else the first fold has the only one.
        each_codes: whether there is one beside each kind of codes; else it stands beside the first kind alone.
    """

    kind: str
    label: str
    per_latent: bool
    trained: bool = False
    each_fold: bool = False
    each_codes: bool = False


CONTROLS = (
    Control("real", "real poses", per_latent=False),
    Control("mean", "mean pose", per_latent=False),
    Control("linear", "lines between poses", per_latent=False),
    Control("pca", "PCA", per_latent=True),
    Control("shrunk", "vanilla, shrunk × 0.4", per_latent=True, trained=True),
    Control("untrained", "untrained network", per_latent=True),
    Control("chaos", "vanilla, λ = 1e-6", per_latent=True, trained=True, each_fold=True, each_codes=True),
)
"""All kinds, in the order in which they are shown."""

BY_KIND = {control.kind: control for control in CONTROLS}

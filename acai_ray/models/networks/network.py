"""What a network must say of itself to be named by a trial."""

from collections.abc import Callable
from dataclasses import dataclass

from torch import nn

from acai_ray.common.trial_config import TrialConfig
from acai_ray.models.domain import Domain

Builder = Callable[[int, TrialConfig, Domain], nn.Module]


def takes_all(config: TrialConfig, domain: Domain) -> None:
    """Refuse nothing."""


@dataclass(frozen=True)
class Network:
    """A kind of encoder and decoder.

    A builder gets the number R of members, the trial's settings and what is autoencoded. Its module is called as
    `layers.MLP` is, with `passes`, `track` and `mask`, and keeps these promises:

    - It has the member axis in front of every parameter and buffer, and reduces nothing over it.
    - Its parameters are those of `layers.Linear`, whose weights `initialise` draws, and of `layers.BatchNorm`.
    - Each member's matrices have a multiple of `trial_config.ALIGNED` numbers, so that a pack changes no bit of it.

    Attributes:
        name: what a trial calls it.
        description: it in one sentence.
        encoder: builds what maps examples `(R, B, n)` to `(R, B, d)`, its codes not yet of unit length.
        decoder: builds what maps codes `(R, B, d)` to examples `(R, B, n)`.
        refuse: raises UserError where it cannot be built from settings and domain that are valid in themselves.
    """

    name: str
    description: str
    encoder: Builder
    decoder: Builder
    refuse: Callable[[TrialConfig, Domain], None] = takes_all

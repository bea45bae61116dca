"""What can be measured: anything that turns poses into codes and codes into poses.

These are protocols: a class that has the methods is such a model, without inheriting from it.
"""

from typing import Protocol

import torch
from torch import Tensor


class GenerativeModel(Protocol):
    """A model of poses `(N, 17, 3)` in metres with codes `(N, d)`: an autoencoder, or a control without training."""

    @property
    def latent_dim(self) -> int:
        """The dimension d of the codes."""

    @property
    def spherical(self) -> bool:
        """Whether the codes lie on the unit sphere."""

    def encode(self, poses: Tensor) -> Tensor:
        """`(N, 17, 3)` to `(N, d)`."""

    def decode(self, codes: Tensor) -> Tensor:
        """`(N, d)` to `(N, 17, 3)`."""

    def between(self, z1: Tensor, z2: Tensor, t: Tensor) -> Tensor:
        """Codes on the paths from `z1` to `z2`, `(..., d)` each, at `t`, `(...)` in [0, 1]; all three broadcast.

        The places may lie on another device than the codes.
        """

    def prior_codes(self, n: int, generator: torch.Generator) -> Tensor | None:
        """`n` codes of the model's prior, `(n, d)`; None where it has no prior."""

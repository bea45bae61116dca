"""What a regularizer is: the term that λ weighs, what it draws, and the network that it trains beside the autoencoder.

A subclass of `Regularizer` is all that the training, the search and the report know of one. Its functions take tensors
with the member axis R in front and reduce over no member, so that a member's numbers do not depend on the others.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from acai_ray.common.trial_config import Option, TrialConfig
from acai_ray.models.autoencoder import Autoencoder
from acai_ray.models.domain import Domain
from acai_ray.models.layers import Mask
from acai_ray.training import losses


class Networks(nn.Module):
    """The networks of a trial's members.

    Attributes:
        autoencoder: what is trained, evaluated and used.
        own: what the regularizer trains beside it, a critic for instance; none where it needs nothing.
    """

    def __init__(self, autoencoder: Autoencoder, own: nn.Module | None) -> None:
        super().__init__()
        self.autoencoder = autoencoder
        self.own = own


class Masks(NamedTuple):
    """Dropout of the reconstruction path, and of the passes that only the regularizer needs.

    They are drawn apart, so that vanilla has the same dropout of the reconstruction path.
    """

    reconstruction: Mask | None = None
    own: Mask | None = None

    @property
    def both(self) -> Mask | None:
        """For two passes in one batch, the reconstruction first."""
        first, second = self
        if first is None or second is None:
            return None

        def mask(activation: Tensor) -> Tensor:
            one, other = activation.chunk(2, dim=1)
            return torch.cat((first(one), second(other)), dim=1)

        return mask


NO_MASKS = Masks()


class Weights(NamedTuple):
    """λ and γ, as numbers or as tensors without axes."""

    lam: float | Tensor
    gamma: float | Tensor


class Batch(NamedTuple):
    """What one step is made of.

    Attributes:
        x: `(R, B, n)`, n numbers of an example, 51 of a pose. The first half is reconstructed; the second half gives
            each example of the first a partner.
        drawn: the step's share of what the regularizer drew for the epoch, `(R, B/2, …)`.
        masks: dropout.
    """

    x: Tensor
    drawn: Tensor
    masks: Masks = NO_MASKS

    @property
    def halves(self) -> tuple[Tensor, Tensor]:
        """What is reconstructed, and the partners, `(R, B/2, n)` each."""
        first, partners = self.x.chunk(2, dim=1)
        return first, partners


class Losses(NamedTuple):
    """What one step minimises, and what the history tells of it; everything `(R,)`.

    Attributes:
        reconstruction: `L_rec`.
        of_autoencoder: what the autoencoder's weights descend.
        of_own: what the regularizer's own network descends; none where it has no network.
        terms: the values of `Regularizer.terms`.
    """

    reconstruction: Tensor
    of_autoencoder: Tensor
    of_own: Tensor | None = None
    terms: tuple[Tensor, ...] = ()


class Reconstruction(NamedTuple):
    """The reconstruction path of a batch: `z`, `x_hat` and `L_rec`, `(R, B/2, d)`, `(R, B/2, n)` and `(R,)`."""

    z: Tensor
    x_hat: Tensor
    loss: Tensor


class Probe(NamedTuple):
    """A trained model, some poses and a generator, for what a regularizer's health is measured on.

    Whatever device the model is on, all tensors given and taken here are on the CPU; see also `of_one`.

    Attributes:
        config: the model's settings.
        own: the regularizer's network, in evaluation mode, of one member; none where it has none.
        encode: `(N, 17, 3)` to codes `(N, d)`.
        decode: the other way round.
        between: codes on paths, as `latent.slerp_at`.
        first: `(N, 17, 3)` random poses of a split.
        second: as many partners.
        rng: draws what else is needed.
    """

    config: TrialConfig
    own: nn.Module | None
    encode: Callable[[Tensor], Tensor]
    decode: Callable[[Tensor], Tensor]
    between: Callable[[Tensor, Tensor, Tensor], Tensor]
    first: Tensor
    second: Tensor
    rng: np.random.Generator


class Regularizer(ABC):
    """One way to shape the latent space of an autoencoder; λ = 0 is the same vanilla autoencoder for all.

    Attributes:
        name: what the setting `regularizer` calls it.
        title: what tables and figures call it.
        weighs: what λ weighs, as the end of a sentence.
        unit: of λ, empty where it has none or where nobody would name it.
        source: the paper.
        codes: the kinds of codes it works with; the first is taken unless a trial says otherwise.
        lam_range: the ends of the range that a search explores, on a logarithm, unless a space says otherwise.
        options: settings that only it has, with the values they take unless given.
        terms: what the history tells of it after each epoch, beside the reconstruction.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    weighs: ClassVar[str]
    unit: ClassVar[str] = ""
    source: ClassVar[str] = ""
    codes: ClassVar[tuple[str, ...]] = ("sphere", "flat")
    lam_range: ClassVar[tuple[float, float]]
    options: ClassVar[Mapping[str, Option]] = {}
    terms: ClassVar[tuple[str, ...]] = ()

    def network(self, members: int, config: TrialConfig, domain: Domain) -> nn.Module | None:
        """The network that it trains beside the autoencoder, made of `models.layers`; none unless it needs one."""
        return None

    def draw(self, rng: np.random.Generator, steps: int, half: int, config: TrialConfig, domain: Domain) -> Any:
        """What it needs of chance in an epoch, for one member: an array `(steps, half, …)`, float32.

        Args:
            rng: the generator of the epoch's batches, which are drawn before.
            steps: steps of the epoch.
            half: examples that are reconstructed in a step.
            config: the trial's settings.
            domain: what is autoencoded.
        """
        return np.zeros((steps, half, 0), np.float32)

    @abstractmethod
    def losses(self, networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> Losses:
        """What a step with λ above 0 minimises.

        Of the networks only running statistics may be changed, in a pass of the reconstruction path.
        """

    def beside_vanilla(self, networks: Networks, config: TrialConfig, batch: Batch, weights: Weights) -> Losses:
        """The same with λ = 0: the plain reconstruction, and nothing for the regularizer's own network to learn."""
        loss = reconstructed(networks.autoencoder, batch).loss
        unknown = torch.full_like(loss.detach(), torch.nan)
        return Losses(loss, loss, terms=(unknown,) * len(self.terms))

    def health(self, probe: Probe) -> dict[str, float]:
        """Whether it has done what it is for, on poses of one split: values by metric name, without a unit."""
        return {}

    def option(self, config: TrialConfig, name: str) -> Any:
        """The value of one of its own settings in a trial."""
        return dict(config.options).get(name, self.options[name])


def reconstructed(autoencoder: Autoencoder, batch: Batch) -> Reconstruction:
    """The reconstruction path of vanilla: x → z → x̂, a pass of its own that moves the running statistics."""
    first, _ = batch.halves
    z = autoencoder.encode(first, track=0, mask=batch.masks.reconstruction)
    x_hat = autoencoder.decode(z, track=0, mask=batch.masks.reconstruction)
    return Reconstruction(z, x_hat, losses.reconstruction(first, x_hat, autoencoder.domain.points))


def of_one(network: nn.Module, x: Tensor) -> Tensor:
    """What the network of a single member gives for `(N, …)` of any device, on the CPU: `(N, …)`."""
    device = next(network.parameters()).device
    given: Tensor = network(x.to(device)[None])[0]
    return given.cpu()


def uniform(rng: np.random.Generator, low: float, high: float, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Uniform numbers, drawn in double precision."""
    return rng.uniform(low, high, shape).astype(np.float32)


def normal(rng: np.random.Generator, shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    """Normal numbers with mean 0 and variance 1."""
    return rng.standard_normal(shape, dtype=np.float32)

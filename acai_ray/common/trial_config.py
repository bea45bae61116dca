"""The settings of a trial: one point of the search space, and how it is trained."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, BeforeValidator, Field, PlainSerializer, model_validator

from acai_ray.common.settings import Fraction, Positive, Settings

ALIGNED = 16
"""Widths and half batches are multiples of this many floats, which are 64 bytes.

The CPU's matrix products give other last bits where a matrix starts at another place in a cache line. With this
alignment each member's matrices start at the same place wherever it stands in a pack, so that its numbers do not depend
on the other members.
"""


SHAPE = (
    "latent_dim",
    "regularizer",
    "codes",
    "network",
    "width",
    "depth",
    "norm",
    "critic_norm",
    "critic",
)
"""Settings that give a trial's networks their shape."""

Option = bool | int | float | str


def _sorted_pairs(given: Any) -> Any:
    return tuple(sorted(given.items())) if isinstance(given, Mapping) else given


Options = Annotated[tuple[tuple[str, Option], ...], BeforeValidator(_sorted_pairs), PlainSerializer(dict)]
"""Names and values, given and written as a mapping, and kept as sorted pairs, so that settings can be keys."""


class TrialConfig(Settings):
    """One point of the search space and how it is trained; the defaults are the report's settings."""

    latent_dim: int = Field(16, ge=2, le=1024, description="dimension d of the codes")
    regularizer: str = Field("acai", description="what λ weighs; see the page on regularizers")
    lam: float = Field(
        0.0,
        ge=0,
        validation_alias=AliasChoices("lam", "lambda"),
        description="weight λ of the regularizer's term; 0 is vanilla",
    )
    gamma: Fraction = Field(0.05, description="share γ of the real pose in the critic's second term")
    options: Options = Field((), description="settings that only this regularizer has")
    codes: Literal["sphere", "flat"] = Field("sphere", description="codes of unit length, or any vectors")
    network: str = Field("mlp", description="kind of encoder and decoder: mlp, residual, graph, or one of a plugin")
    width: int = Field(256, ge=16, multiple_of=ALIGNED, description="units of each hidden layer")
    depth: Positive = Field(2, description="hidden layers of each network; blocks of two where it is residual")
    norm: Literal["batch", "none"] = Field("batch", description="normalisation of encoder and decoder")
    critic_norm: Literal["batch", "none"] = Field(
        "batch", description="normalisation of the critic, or of whatever other network a regularizer has"
    )
    dropout: float = Field(0.0, ge=0, lt=1, description="dropout probability in the hidden layers")
    critic: bool = Field(True, description="train ACAI's critic beside vanilla too; false needs lam 0")
    optimizer: Literal["sgd", "adam", "adamw", "radam", "nadam", "rmsprop"] = "adam"
    lr: float = Field(0.01, gt=0, description="learning rate of the autoencoder")
    critic_lr: float | None = Field(
        None, gt=0, description="learning rate of the regularizer's own network; none is lr"
    )
    weight_decay: float = Field(0.0, ge=0)
    schedule: Literal["constant", "linear", "cosine"] = Field("constant", description="learning rate over epochs")
    final_lr_fraction: Fraction = Field(0.01, description="what a linear or cosine schedule ends at, as a share of lr")
    batch_size: int = Field(64, ge=32, multiple_of=2 * ALIGNED, description="half are reconstructed, half are partners")
    epochs: Positive = 300
    steps_per_epoch: Positive = 1000
    rotation_deg: float = Field(30.0, ge=0, le=180, description="largest random rotation in the image plane")
    flip_probability: Fraction = Field(
        0.5, description="probability of a horizontal flip with left and right exchanged"
    )
    matmul_precision: Literal["highest", "high", "bf16"] = Field(
        "highest",
        description="products in training: highest is float32, high allows TF32 on GPUs that have it, bf16 bfloat16",
    )

    @model_validator(mode="after")
    def _critic_needed(self) -> Self:
        if not self.critic and self.lam > 0:
            raise ValueError(f"lam must be 0 without a critic, but is {self.lam}")
        return self

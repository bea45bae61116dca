"""What a methods section says of a study's networks."""

from typing import Final

import pandas as pd

from acai_ray.analysis.methods.sentences import Sentence, listed, say
from acai_ray.protocol.arms import Arm

KINDS: Final = {
    "mlp": ("perceptrons with {depth} hidden layers of {width} units and LeakyReLU", ()),
    "residual": (
        "residual networks with LeakyReLU, of a layer and {depth} blocks of two layers with {width} units each",
        ("martinez2017",),
    ),
    "graph": (
        "graph networks over the skeleton with {depth} graph convolutions of {channels} channels a joint and LeakyReLU",
        ("zhao2019", "kipf2017"),
    ),
}
"""The networks of this program, and whom they cite; a plugin's is called by its name."""

PER_JOINT: Final = 4
"""`width` is so many times the channels of a joint in `graph`."""


def networks(runs: pd.DataFrame) -> list[Sentence]:
    """Encoder and decoder, the critic, normalisation and dropout."""
    said = _autoencoders(runs)
    if (runs["critic"].eq(True) & runs["arm"].isin([Arm.ACAI, Arm.VANILLA])).any():
        said += _critics(runs)
    parts = {"norm": "encoder and decoder", "critic_norm": "the critic"}
    normalised = listed(who for column, who in parts.items() if (runs[column] == "batch").any())
    some = "" if all((runs[column].isin(["batch"])).all() for column in parts) else ", not in all runs or networks"
    said += say(f"Batch normalisation is used in {{who}}{some}.", ["ioffe2015"], who=normalised)
    if (runs["dropout"] > 0).any():
        said += say("Dropout has the probability {dropout}.", **values(runs, "dropout"))
    return said


def _autoencoders(runs: pd.DataFrame) -> list[Sentence]:
    kinds, cites = [], ["naayem"]
    for name, of_kind in runs.groupby("network"):
        text, works = KINDS.get(str(name), ("networks of the kind {name}", ()))
        sized = of_kind.assign(channels=of_kind["width"] / PER_JOINT)
        kinds += [made.text for made in say(text, name=name, **values(sized, "depth", "width", "channels"))]
        cites += works
    return say(
        f"Encoder and decoder are {{kinds}}; their codes of d = {{latent_dim}} dimensions {_codes(runs)}.",
        cites,
        kinds=listed(kinds, "or"),
        **values(runs, "latent_dim"),
    )


def _codes(runs: pd.DataFrame) -> str:
    """Where the codes lie, and how they are interpolated."""
    kinds = {
        "sphere": "lie on the unit sphere and are interpolated along great circles",
        "flat": "are any vectors and are interpolated along straight lines",
    }
    return listed((kinds[kind] for kind in sorted(set(runs["codes"]) & set(kinds), reverse=True)), "or")


def _critics(runs: pd.DataFrame) -> list[Sentence]:
    if (runs["network"] == "mlp").all():
        return say("The critic has the encoder's shape, its outputs averaged to one number.", ["berthelot2018"])
    return say(
        "The critic is a perceptron with {depth} hidden layers of {width} units and d outputs, averaged to one number.",
        ["berthelot2018"],
        **values(runs, "depth", "width"),
    )


def values(runs: pd.DataFrame, *columns: str) -> dict[str, str]:
    """Each column's values over all runs, as text."""
    return {column: listed(sorted(set(runs[column].dropna().tolist())), "or") for column in columns}

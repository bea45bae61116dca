"""Whether the self-test is passed, and what it prints and writes."""

import statistics
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure
from rich.table import Table

from acai_ray.common.files import replacing
from acai_ray.lines.arms import ARMS
from acai_ray.lines.images import SIDE, Images
from acai_ray.lines.scores import Scores
from acai_ray.lines.training import PAIRS, Trained

LEAST_RATIO = 3.0
MOST_RECONSTRUCTION = 0.01
LEAST_TURNING = 0.95
PAPER = "the paper, 32 × 32 pixels, convolutional: Mean Distance 6.88 → 0.24, Smoothness 0.44 → 0.10"
"""Berthelot et al. 2018, Table 1, the columns Baseline and ACAI."""

Pair = tuple[Trained, Trained]
"""The plain autoencoder and its ACAI twin."""


def pairs(trained: Sequence[Trained]) -> list[Pair]:
    """Twins side by side, by seed."""
    by = {(one.seed, one.arm): one for one in trained}
    return [(by[seed, "vanilla"], by[seed, "acai"]) for seed in sorted({one.seed for one in trained})]


def rules(twins: Sequence[Pair]) -> list[tuple[bool, str]]:
    """Each rule: whether it holds, and what was measured.

    No rule suffices alone: a path that jumps from its first line to its last has a Mean Distance of 0.
    """
    both = [one for pair in twins for one in pair]
    ratio = statistics.median(plain.scores.mean_distance / acai.scores.mean_distance for plain, acai in twins)
    smoother = sum(acai.scores.smoothness < plain.scores.smoothness for plain, acai in twins)
    worst = max(one.reconstruction for one in both)
    sound = sum(one.sound for one in both)
    turning = sum(PAIRS - one.scores.without_turn for one in both) / (PAIRS * len(both))
    return [
        (
            ratio >= LEAST_RATIO,
            f"Mean Distance is {ratio:.1f} times lower in the median pair (at least {LEAST_RATIO:g})",
        ),
        (smoother == len(twins), f"Smoothness is lower in {smoother} of {len(twins)} pairs (all)"),
        (
            worst <= MOST_RECONSTRUCTION,
            f"reconstruction error is at most {worst:.4f} (at most {MOST_RECONSTRUCTION:g})",
        ),
        (
            turning >= LEAST_TURNING,
            f"{turning:.1%} of the paths turn and have a Smoothness (at least {LEAST_TURNING:.0%})",
        ),
        (sound == len(both), f"{sound} of {len(both)} trainings ended with finite numbers (all)"),
    ]


def table(twins: Sequence[Pair], blending: Scores) -> Table:
    """A row for each pair of twins, and one for blended pixels."""
    made = Table(title="plain → ACAI, lower is better", title_justify="left", box=None, pad_edge=False)
    for name in ("seed", "Mean Distance ×1e-3", "Smoothness", "reconstruction error"):
        made.add_column(name)
    for plain, acai in twins:
        made.add_row(
            str(plain.seed),
            f"{1e3 * plain.scores.mean_distance:.2f} → {1e3 * acai.scores.mean_distance:.2f}",
            f"{plain.scores.smoothness:.2f} → {acai.scores.smoothness:.2f}",
            f"{plain.reconstruction:.4f} → {acai.reconstruction:.4f}",
        )
    made.add_row("pixels blended", f"{1e3 * blending.mean_distance:.2f}", f"{blending.smoothness:.2f}", "")
    return made


def frame(trained: Sequence[Trained]) -> pd.DataFrame:
    """One row for each training."""
    return pd.DataFrame(
        [
            {"seed": one.seed, "arm": one.arm, **one.scores._asdict(), "reconstruction": one.reconstruction}
            for one in trained
        ]
    )


def picture(trained: Sequence[Trained], blending: Images) -> Figure:
    """Draw the path between the first two lines, a row each for blended pixels `(16, 256)` and every autoencoder."""
    rows = [("pixels blended", blending)]
    rows += [(f"{ARMS[one.arm].title}, seed {one.seed}", one.example) for one in trained]
    figure = Figure(figsize=(7.2, 0.42 * len(rows)), layout="constrained")
    for axes, (label, path) in zip(figure.subplots(len(rows), 1, squeeze=False)[:, 0], rows, strict=True):
        strip = path.reshape(-1, SIDE, SIDE).transpose(1, 0, 2).reshape(SIDE, -1)
        axes.imshow(-strip, cmap="gray", vmin=-1, vmax=1, interpolation="nearest")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_ylabel(label, rotation=0, ha="right", va="center", fontsize=8)
    return figure


def write(folder: Path, twins: Sequence[Pair], blending: Images, rest: Sequence[Trained] = ()) -> None:
    """Write `scores.parquet` and `paths.png`, of the twins and then of the rest."""
    trained = [one for pair in twins for one in pair] + list(rest)
    with replacing(folder / "scores.parquet") as temporary:
        frame(trained).to_parquet(temporary, index=False)
    with replacing(folder / "paths.png") as temporary:
        picture(trained, blending).savefig(temporary, format="png", dpi=150)

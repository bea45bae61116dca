"""The table of all arms beside the paper's numbers: it is told, and nothing is judged by it."""

from collections.abc import Sequence
from statistics import mean

from rich.table import Table

from acai_ray.lines.arms import ARMS
from acai_ray.lines.training import Trained


def table(trained: Sequence[Trained]) -> Table:
    """A row for each arm that was trained: means over its seeds, and what the paper has."""
    seeds = len({one.seed for one in trained})
    title = f"all arms, means of {seeds} seed{'s' * (seeds > 1)}, lower is better"
    made = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("arm", "λ", "Mean Distance ×1e-3", "Smoothness", "reconstruction error", "the paper's two"):
        made.add_column(name)
    for name, arm in ARMS.items():
        if not (own := [one for one in trained if one.arm == name]):
            continue
        made.add_row(
            arm.title,
            f"{arm.settings.get('lam', 0):g}",
            f"{1e3 * mean(one.scores.mean_distance for one in own):.2f}",
            f"{mean(one.scores.smoothness for one in own):.2f}",
            f"{mean(one.reconstruction for one in own):.4f}",
            "–" if arm.paper is None else f"{arm.paper[0]:.2f}, {arm.paper[1]:.2f}",
        )
    return made


def soundness(trained: Sequence[Trained]) -> str:
    """How many of the trainings that are not judged ended well, as a sentence."""
    return f"{sum(one.sound for one in trained)} of {len(trained)} trainings of other arms ended with finite numbers"

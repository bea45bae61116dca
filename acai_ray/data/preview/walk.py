"""What models make, in motion and beside each other: a path between two poses, or new poses."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.animation import AbstractMovieWriter, FFMpegWriter, FuncAnimation, PillowWriter
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray

from acai_ray.common.drawing import draw_pose, segments
from acai_ray.data.preview import scene

PANEL_IN, ABOVE_IN, BELOW_IN, LEAST_WIDTH_IN = 2.6, 0.75, 0.3, 4.6
"""Inches of a panel's height, of what is above and below it, and of the least width."""
DPI = 100
FAINT = 0.25
"""Opacity of the two poses between which a path lies."""


@dataclass(frozen=True, eq=False)
class Walk:
    """What an animation of models shows.

    Attributes:
        title: what all of them show.
        models: the title of each model.
        poses: `(models, T, 17, 3)` metres: what each makes, picture after picture.
        captions: of each of the T pictures.
        ends: `(2, 17, 3)` the real poses between which the paths lie, drawn faintly behind them; or none.
        rate: pictures per second.
    """

    title: str
    models: Sequence[str]
    poses: NDArray[np.float32]
    captions: Sequence[str]
    ends: NDArray[np.float32] | None
    rate: float


def walk(shown: Walk) -> FuncAnimation:
    """The animation: a panel for each model, seen from the front; the lowest joint of all touches the ground."""
    everything = shown.poses.reshape(-1, *shown.poses.shape[2:])
    if shown.ends is not None:
        everything = np.concatenate([everything, shown.ends])
    ground = np.array([0, everything[..., 1].max(), 0], dtype=np.float32)
    poses, size = shown.poses - ground, scene.extent(everything - ground)
    figure = _panels(shown, size)
    if shown.ends is not None:
        for ax in figure.axes:
            for end in shown.ends - ground:
                draw_pose(ax, end, width=2).set_alpha(FAINT)
    lines = [draw_pose(ax, of_model[0], width=2.5) for ax, of_model in zip(figure.axes, poses, strict=True)]
    caption = figure.text(0.5, 0.01, "", ha="center", va="bottom", fontsize=8)

    def show(number: int) -> list[Artist]:
        for line, of_model in zip(lines, poses, strict=True):
            line.set_segments(list(segments(of_model[number])))
        caption.set_text(shown.captions[number])
        return [*lines, caption]

    return FuncAnimation(figure, show, init_func=list, frames=len(shown.captions))


def movie(shown: Walk, suffix: str) -> bytes:
    """The animation as `.gif`, which repeats, or as `.mp4`, for which FFmpeg must be installed."""
    with TemporaryDirectory() as folder, scene.any_letters():
        path = Path(folder, f"walk{suffix}")
        fps: int = shown.rate  # type: ignore[assignment]  # it takes floats
        writer: AbstractMovieWriter = FFMpegWriter(fps=fps) if suffix == ".mp4" else PillowWriter(fps=fps)
        walk(shown).save(path, writer, dpi=DPI)
        return path.read_bytes()


def _panels(shown: Walk, size: scene.Size) -> Figure:
    inches = PANEL_IN / size.height
    across, height = inches * size.width, PANEL_IN + ABOVE_IN + BELOW_IN
    figure = Figure((max(len(shown.models) * across, LEAST_WIDTH_IN), height))
    share = across / figure.get_figwidth()
    start = (1 - len(shown.models) * share) / 2
    for number, model in enumerate(shown.models):
        ax = figure.add_axes((start + number * share, BELOW_IN / height, share, PANEL_IN / height))
        scene.stage(ax, "front", size)
        ax.set_title(model, fontsize=8, pad=2, parse_math=False)
    scene.scale_bar(figure, inches, 0.1, 0.12)
    figure.text(0.5, 1 - 0.05 / height, shown.title, ha="center", va="top", fontsize=9, parse_math=False)
    scene.legend(figure, loc="upper center", bbox_to_anchor=(0.5, 1 - 0.18 / height))
    return figure

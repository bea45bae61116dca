"""One sequence in motion, from the front and from the side, at its right speed."""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.artist import Artist
from matplotlib.figure import Figure
from numpy.typing import NDArray

from acai_ray.common.drawing import View, draw_pose, segments
from acai_ray.data.preview import scene
from acai_ray.poses import PoseSet
from acai_ray.poses.rates import at_rate

FASTEST = 20.0
"""Most pictures per second that are shown as they are."""
SMOOTH = 10.0
"""Pictures per second that a faster sequence is thinned to."""
ASSUMED = 10.0
"""Pictures per second of a sequence whose rate is not known."""
MOST = 150
"""Most pictures; a longer sequence is cut."""
HEIGHT_IN, ABOVE_IN, BELOW_IN, LEAST_WIDTH_IN = 3.0, 0.65, 0.25, 4.6
"""Inches of the height of the views, above and below them, and of the least width."""
DPI = 100
VIEWS: tuple[View, ...] = ("front", "side")


@dataclass(frozen=True, eq=False)
class Motion:
    """What an animation shows.

    Attributes:
        title: the subject and the name of the sequence.
        poses: `(T, 17, 3)` metres.
        frames: `(T,)` their frame numbers.
        rate: pictures per second.
        timed: whether that is the speed of the person; false where it is assumed.
        cut: whether the sequence goes on after these poses.
    """

    title: str
    poses: NDArray[np.float32]
    frames: NDArray[np.int64]
    rate: float
    timed: bool
    cut: bool

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.poses) / self.rate


def motion(pose_set: PoseSet, rows: NDArray[np.int64], rate: float | None) -> Motion:
    """The beginning of a sequence, thinned where it has more pictures per second than one needs to see it move.

    Args:
        pose_set: the data.
        rows: the rows of the sequence, in order.
        rate: its poses per second; 10 are assumed where that is unknown.
    """
    shown = rows[at_rate(len(rows), rate, SMOOTH)] if rate and rate > FASTEST else rows
    shown_rate = ASSUMED if rate is None else min(rate, SMOOTH) if rate > FASTEST else rate
    cut, shown, index = len(shown) > MOST, shown[:MOST], pose_set.index
    first = index.iloc[rows[0]]
    title = scene.label_of([str(first["subject"]), str(first["sequence"]) or str(first["action"])], 48)
    frames = index["frame"].to_numpy(dtype=np.int64)[shown]
    return Motion(title, pose_set.poses[shown], frames, shown_rate, rate is not None, cut)


def animation(shown: Motion) -> FuncAnimation:
    """The motion; the pelvis stays in its place, as in all poses, and the lowest joint of all touches the ground."""
    poses = shown.poses - np.array([0, shown.poses[..., 1].max(), 0], dtype=np.float32)
    figure = _stages(scene.extent(poses), shown.title)
    lines = [draw_pose(ax, poses[0], view, 2.5) for ax, view in zip(figure.axes, VIEWS, strict=True)]
    clock = figure.text(0.5, 0.01, "", ha="center", va="bottom", fontsize=8)

    def show(number: int) -> list[Artist]:
        for line, view in zip(lines, VIEWS, strict=True):
            line.set_segments(list(segments(poses[number], view)))
        time = f"{number / shown.rate:.1f} s" if shown.timed else "speed unknown"
        clock.set_text(f"frame {shown.frames[number]}, {time}")
        return [*lines, clock]

    return FuncAnimation(figure, show, init_func=list, frames=len(poses))


def gif(shown: Motion) -> bytes:
    """The motion as an animated GIF that repeats."""
    with TemporaryDirectory() as folder, scene.any_letters():
        path = Path(folder, "motion.gif")
        animation(shown).save(path, PillowWriter(fps=shown.rate), dpi=DPI)  # type: ignore[arg-type]  # it takes floats
        return path.read_bytes()


def _stages(size: scene.Size, title: str) -> Figure:
    """A figure with empty axes for the views from the front and from the side, beside each other on one scale."""
    inches = HEIGHT_IN / size.height
    width, height = inches * (size.width + size.depth), HEIGHT_IN + ABOVE_IN + BELOW_IN
    figure = Figure((max(width, LEAST_WIDTH_IN), height))
    start = (1 - width / figure.get_figwidth()) / 2
    for view, across in zip(VIEWS, (size.width, size.depth), strict=True):
        share = inches * across / figure.get_figwidth()
        ax = figure.add_axes((start, BELOW_IN / height, share, HEIGHT_IN / height))
        scene.stage(ax, view, size)
        ax.set_title(view, fontsize=8, pad=2)
        start += share
    scene.scale_bar(figure, inches, 0.1, 0.12)
    figure.text(0.5, 1 - 0.05 / height, title, ha="center", va="top", fontsize=9, parse_math=False)
    scene.legend(figure, loc="upper center", bbox_to_anchor=(0.5, 1 - 0.18 / height))
    return figure

"""Random poses in a grid, labelled with subject and action."""

from io import BytesIO

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from acai_ray.common.drawing import View, draw_pose
from acai_ray.data.preview import scene
from acai_ray.poses import PoseSet

COLUMNS = 6
INCHES_PER_M = 1.1
"""Scale of the view from the front."""
SIDE_SCALE = 0.6
"""Scale of the view from the side over that from the front."""
TOP, LABEL, GAP, LEAST_WIDTH, BAR_AT = 0.8, 0.3, 0.15, 5.8, 4.6
"""Inches: above the grid, for a label, between the cells, least width, and from the left edge to the scale bar."""
DPI = 150
CHARACTERS = 15
"""Characters of a label that fit into an inch."""


def grid(pose_set: PoseSet, rows: NDArray[np.int64]) -> Figure:
    """A figure of some poses, each seen from the front and, smaller, from the side.

    Args:
        pose_set: the data.
        rows: which of its poses.
    """
    poses = scene.grounded(pose_set.poses[rows])
    size = scene.extent(poses)
    front, side = INCHES_PER_M * size.width, INCHES_PER_M * SIDE_SCALE * size.depth
    tall, columns = INCHES_PER_M * size.height, min(COLUMNS, len(rows))
    cell_width, cell_height = front + side + GAP, tall + LABEL
    figure = Figure((max(columns * cell_width, LEAST_WIDTH), -(-len(rows) // columns) * cell_height + TOP))
    for number, (row, pose) in enumerate(zip(rows, poses, strict=True)):
        line, column = divmod(number, columns)
        left, bottom = column * cell_width + GAP / 2, figure.get_figheight() - TOP - (line + 1) * cell_height + LABEL
        near = _view(figure, (left, bottom, front, tall), pose, "front", size)
        _view(figure, (left + front, bottom, side, tall * SIDE_SCALE), pose, "side", size)
        _label(near, pose_set.index.iloc[row], characters=int(CHARACTERS * (front + side)))
    _heading(figure, f"{scene.shortened(pose_set.name, 40)}: {len(rows)} random poses")
    return figure


def png(figure: Figure) -> bytes:
    """The figure as PNG; the same poses give the same bytes."""
    buffer = BytesIO()
    with scene.any_letters():
        figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()


def _heading(figure: Figure, title: str) -> None:
    height = figure.get_figheight()
    figure.text(0.01, 1 - 0.06 / height, title, va="top", fontsize=10, parse_math=False)
    told = (
        f"large: as the camera sees it; small, at {SIDE_SCALE:g} of that scale: from the side, the camera at the left"
    )
    figure.text(0.01, 1 - 0.27 / height, told, va="top", fontsize=8)
    scene.legend(figure, loc="upper left", bbox_to_anchor=(0, 1 - 0.4 / height))
    scene.scale_bar(figure, INCHES_PER_M, BAR_AT, height - 0.55)


def _view(
    figure: Figure, place: tuple[float, float, float, float], pose: NDArray[np.float32], view: View, size: scene.Size
) -> Axes:
    """Draw a view of a pose; its place is left, bottom, width and height in inches."""
    width, height = figure.get_size_inches()
    ax = figure.add_axes((place[0] / width, place[1] / height, place[2] / width, place[3] / height))
    scene.stage(ax, view, size)
    draw_pose(ax, pose, view, 2.0 if view == "front" else 1.2)
    return ax


def _label(ax: Axes, row: pd.Series, characters: int) -> None:
    named = [str(row["subject"]), str(row["action"]) or str(row["sequence"])]
    text = scene.label_of(named, characters)
    ax.text(0, -0.02, text, transform=ax.transAxes, ha="left", va="top", fontsize=7, parse_math=False)

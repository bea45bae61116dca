"""Drawing one pose as lines: left limbs in one colour, right limbs in another, upright."""

from typing import Final, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from acai_ray.common.skeleton import BONES, JOINTS

INK: Final = "#1b1f24"
LEFT: Final = "#3d9be0"
RIGHT: Final = "#d55e00"
"""Colours of the trunk and of the limbs."""

View = Literal["front", "side"]
ACROSS: dict[View, int] = {"front": 0, "side": 2}
"""The axis that points to the right of the picture: seen from the side, the camera is at the left."""


def draw_pose(ax: Axes, pose: NDArray[np.float32], view: View = "front", width: float = 1.5) -> LineCollection:
    """Draw a pose as the camera sees it, or from the side.

    Args:
        ax: where to draw.
        pose: `(17, 3)` metres, x right, y down, z away from the camera.
        view: the side from which it is seen.
        width: of the lines, in points.
    """
    lines = LineCollection(list(segments(pose, view)), colors=COLOURS, linewidths=width, capstyle="round")
    ax.add_collection(lines)
    return lines


def segments(pose: NDArray[np.float32], view: View = "front") -> NDArray[np.float32]:
    """The bones of a pose in the picture's plane; `(17, 3) -> (16, 2, 2)`, each from parent to child, y up."""
    points = np.column_stack([pose[:, ACROSS[view]], -pose[:, 1]])
    bones: NDArray[np.float32] = points[np.array(BONES)[:, ::-1]]
    return bones


def side_colour(joint: str) -> str:
    """The colour of the bone that ends in a joint."""
    if joint.startswith("left_"):
        return LEFT
    return RIGHT if joint.startswith("right_") else INK


COLOURS: Final = tuple(side_colour(JOINTS[child]) for child, _ in BONES)
"""The colour of each bone, in the order of `BONES`."""

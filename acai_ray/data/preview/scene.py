"""What the grid and the animation share: poses on the ground, axes, scale bar, legend, labels."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from acai_ray.common.drawing import INK, LEFT, RIGHT, View
from acai_ray.data.printable import printable

MARGIN_M = 0.06
"""Space around the poses, metres."""
BAR_M = 0.5
"""Length of the scale bar, metres."""
GROUND = "#b9c0c8"

Poses = NDArray[np.float32]


def grounded(poses: Poses) -> Poses:
    """The poses, each moved so that its lowest joint is at height 0 and its middle is at 0 across and in depth.

    Args:
        poses: `(N, 17, 3)` metres, y down.
    """
    low, high = poses.min(axis=1), poses.max(axis=1)
    middle = (low + high) / 2
    middle[:, 1] = high[:, 1]
    moved: Poses = poses - middle[:, None]
    return moved


class Size(NamedTuple):
    """A box around poses, metres; the ground is at height 0, the middle of the box is at 0 across and in depth."""

    width: float
    height: float
    depth: float


def extent(poses: Poses) -> Size:
    """The box around `(N, 17, 3)` poses whose lowest joint is at height 0, with a margin."""
    half = np.abs(poses).max(axis=(0, 1))
    return Size(2 * (float(half[0]) + MARGIN_M), float(half[1]) + 2 * MARGIN_M, 2 * (float(half[2]) + MARGIN_M))


def stage(ax: Axes, view: View, size: Size) -> None:
    """Prepare axes for a view: the limits hold the box, the ground is drawn, the axes themselves are hidden."""
    half = (size.width if view == "front" else size.depth) / 2
    ax.set(xlim=(-half, half), ylim=(-MARGIN_M, size.height - MARGIN_M), aspect="equal")
    ax.set_axis_off()
    ax.plot([-half + MARGIN_M, half - MARGIN_M], [-MARGIN_M / 2] * 2, color=GROUND, linewidth=0.8, zorder=0)


def scale_bar(figure: Figure, inches_per_m: float, left: float, bottom: float) -> Line2D:
    """Draw a bar of `BAR_M` and its length for views of this scale; `left` and `bottom` are in inches."""
    width, height = figure.get_size_inches()
    ends = left / width, (left + BAR_M * inches_per_m) / width
    bar = Line2D(ends, [bottom / height] * 2, color=INK, linewidth=2, solid_capstyle="butt")
    figure.add_artist(bar)
    figure.text(ends[1] + 0.06 / width, bottom / height, f"{BAR_M:g} m", ha="left", va="center", fontsize=8)
    return bar


def legend(figure: Figure, **place: Any) -> None:
    """Draw the legend that says which colour is which side of the person."""
    sides = {"the person's left": LEFT, "the person's right": RIGHT, "trunk and head": INK}
    handles = [Line2D([], [], color=colour, linewidth=2.5, label=label) for label, colour in sides.items()]
    figure.legend(handles=handles, ncols=len(handles), frameon=False, fontsize=8, handlelength=1.4, **place)


def shortened(text: str, most: int) -> str:
    """The text in at most `most` characters; from a longer one a part before the end is left out."""
    shown = printable(text)
    return shown if len(shown) <= most else f"{shown[: most - 5]}…{shown[-4:]}"


@contextmanager
def any_letters() -> Iterator[None]:
    """Within the block, letters that the font does not have are drawn as boxes, without a warning."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", r"Glyph .* missing from font", UserWarning)
        yield


def label_of(parts: Sequence[str], most: int) -> str:
    """The names that are not empty, joined and shortened to at most `most` characters."""
    return shortened(" · ".join(part for part in parts if part), most)

"""How good interpolations of lines are: Mean Distance and Smoothness (Berthelot et al. 2018, section 3.1)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from acai_ray.lines.images import Images, rays

TRUE_LINES = 10_000
SAME_ANGLE = 1e-4
"""In radians; a path whose ends differ by less does not turn and has no Smoothness."""


class Scores(NamedTuple):
    """The two numbers of the paper's Table 1, both better when lower; neither suffices alone.

    Attributes:
        mean_distance: cosine distance to the nearest true line, mean over all images of all paths.
        smoothness: the largest step of a path's angle as a share of the whole turn, minus the share of an even step;
            mean over the paths that have one.
        without_turn: how many paths have the same nearest line at both ends; they are left out of Smoothness. (The
            authors' program leaves them out of the sum, but counts them.)
    """

    mean_distance: float
    smoothness: float
    without_turn: int


def nearest_lines(images: Images) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """For images `(N, 256)`: the cosine distance to the nearest of 10,000 true lines, and its angle; both `(N,)`."""
    angles = np.linspace(0, 2 * np.pi, TRUE_LINES, endpoint=False, dtype=np.float64)
    lines = rays(angles).astype(np.float64)
    lines /= np.linalg.norm(lines, axis=1, keepdims=True)
    distances, nearest = np.empty(len(images)), np.empty(len(images))
    for start in range(0, len(images), 256):
        chunk = images[start : start + 256].astype(np.float64)
        cosine = chunk @ lines.T / np.linalg.norm(chunk, axis=1, keepdims=True)
        best = cosine.argmax(axis=1)
        distances[start : start + 256] = 1 - cosine[np.arange(len(chunk)), best]
        nearest[start : start + 256] = angles[best]
    return distances, nearest


def smoothness(angles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smoothness of each path (see `Scores`) from its angles `(P, K)`; `(P,)`, NaN where both ends agree."""
    unwrapped = np.unwrap(angles, axis=1)
    turn = np.abs(unwrapped[:, -1] - unwrapped[:, 0])
    largest = np.abs(np.diff(unwrapped, axis=1)).max(axis=1)
    turn[turn < SAME_ANGLE] = np.nan
    result: NDArray[np.float64] = largest / turn - 1 / (angles.shape[1] - 1)
    return result


def score(paths: Images) -> Scores:
    """Measure paths `(P, K, 256)`."""
    distances, angles = nearest_lines(paths.reshape(-1, paths.shape[-1]))
    each = smoothness(angles.reshape(paths.shape[:2]))
    known = each[~np.isnan(each)]
    return Scores(float(distances.mean()), float(known.mean()) if len(known) else float("nan"), len(each) - len(known))

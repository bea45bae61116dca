"""Figures of poses: sampled ones, paths of vanilla and regularized twins side by side."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from acai_ray.analysis.compare import Analysis
from acai_ray.analysis.compare.alone import alone
from acai_ray.analysis.compare.controls import label_of
from acai_ray.analysis.figures.style import PAGE_HEIGHT, TWO_COLUMNS
from acai_ray.analysis.figures.sweep_figures import sizes_shown
from acai_ray.analysis.wording import number
from acai_ray.common.drawing import COLOURS, segments
from acai_ray.common.frames import Row, rows_of
from acai_ray.common.skeleton import JOINTS, POSE_DIM

COLUMNS = 9
"""Poses in a row."""

LABELS = 0.15
"""The share of a figure's width that the rows' labels have."""

PATHS = 2
"""Paths shown of each pair of twins."""

Strip = tuple[str, list[npt.NDArray[np.float32]]]


def samples(analysis: Analysis) -> Figure | None:
    """Real poses, then poses sampled from the prior by a vanilla run and by its twin, for each latent size.

    Where nothing is compared it is one run for each latent size.
    """
    gallery = analysis.results.gallery
    rows: list[Strip] = []
    for pair in _shown_pairs(analysis):
        if not rows:
            rows += [("real", poses) for poses in [gallery_poses(gallery, pair["run_id"], "real")] if poses]
        shown = [*_twins(pair), *_control(analysis, "pca", pair["latent_dim"])]
        for run_id, label in shown:
            poses = gallery_poses(gallery, run_id, "sample")
            rows += [(label, poses)] if poses else []
    return _strips(rows) if rows else None


def paths(analysis: Analysis) -> Figure | None:
    """The same paths through a vanilla run's latent space and through its twin's, for each latent size."""
    gallery = analysis.results.gallery
    rows: list[Strip] = []
    for pair in _shown_pairs(analysis):
        for index in range(PATHS):
            shown = [*_twins(pair), *_control(analysis, "linear", POSE_DIM)]
            for run_id, label in shown:
                poses = _path(gallery, run_id, index)
                rows += [(f"path {index + 1}\n{label}", poses)] if poses else []
    return _strips(rows) if rows else None


def _shown_pairs(analysis: Analysis) -> list[Row]:
    """One pair a latent size, chosen without looking at results: the middle λ, the first seed that has pictures.

    Where nothing is compared, one run a latent size, without a twin.
    """
    family = analysis.answer
    pictured = set(analysis.results.gallery["run_id"])
    shown = alone(analysis).assign(twin="") if family is None else family.pairs
    pairs = shown[shown["run_id"].isin(pictured) & shown["twin"].isin(pictured | {""})]
    chosen = []
    for size in sizes_shown(pairs["latent_dim"]):
        rows = pairs[pairs["latent_dim"] == size]
        weights = sorted(rows["lam"].unique())
        chosen.append(rows[rows["lam"] == weights[len(weights) // 2]].sort_values("seed").head(1))
    return [row for rows in chosen for row in rows_of(rows)]


def _twins(pair: Row) -> list[tuple[str, str]]:
    size = f"d = {pair['latent_dim']}"
    vanilla = [(pair["twin"], f"{size}, vanilla")] if pair["twin"] else []
    return [*vanilla, (pair["run_id"], f"{size}, λ = {number(pair['lam'], 3)}")]


def _control(analysis: Analysis, kind: str, latent_dim: int) -> list[tuple[str, str]]:
    """The control's run and label, where the study has it."""
    runs = analysis.results.runs
    done = runs[(runs["control"] == kind) & (runs["latent_dim"] == latent_dim) & (runs["status"] == "done")]
    return [(run_id, f"control:\n{label_of(kind)}") for run_id in done["run_id"]]


def gallery_poses(gallery: pd.DataFrame, run_id: str, kind: str, most: int = COLUMNS) -> list[npt.NDArray[np.float32]]:
    """A run's first pictures of a kind, each `(17, 3)`; those with a number that is not finite are left out."""
    rows = gallery[(gallery["run_id"] == run_id) & (gallery["kind"] == kind)].sort_values("index").head(most)
    return _arrays(rows)


def _path(gallery: pd.DataFrame, run_id: str, index: int) -> list[npt.NDArray[np.float32]]:
    rows = gallery[(gallery["run_id"] == run_id) & (gallery["kind"] == "path")]
    known = sorted(rows["index"].unique())
    if index >= len(known):
        return []
    path = rows[rows["index"] == known[index]].sort_values("t")
    picked = sorted({round(i) for i in np.linspace(0, len(path) - 1, COLUMNS)})
    return _arrays(path.iloc[picked])


def _arrays(rows: pd.DataFrame) -> list[npt.NDArray[np.float32]]:
    poses = [np.asarray(pose, dtype=np.float32).reshape(len(JOINTS), 3) for pose in rows["pose"] if pose is not None]
    return [pose for pose in poses if np.isfinite(pose).all()]


def _strips(rows: Sequence[Strip]) -> Figure:
    """Rows of poses on one scale, each row with its label at the left."""
    points = np.concatenate([pose for _, poses in rows for pose in poses])
    width = 2 * float(np.abs(points[:, 0]).max()) + 0.2
    bottom, top = float(-points[:, 1].max()) - 0.1, float(-points[:, 1].min()) + 0.1
    height, panel = top - bottom, TWO_COLUMNS * (1 - LABELS) / COLUMNS
    figure = Figure(figsize=(TWO_COLUMNS, min(panel * height / width * len(rows), PAGE_HEIGHT)))
    ax = figure.add_axes((LABELS, 0.0, 1 - LABELS, 1.0))  # one for all: axes cost much more than poses
    lines = [
        segments(pose) + np.array([column * width, -row * height], dtype=np.float32)
        for row, (_, poses) in enumerate(rows)
        for column, pose in enumerate(poses)
    ]
    ax.add_collection(LineCollection(list(np.concatenate(lines)), colors=COLOURS, linewidths=0.9, capstyle="round"))
    ax.set(xlim=(-width / 2, (COLUMNS - 0.5) * width), ylim=(top - len(rows) * height, top), aspect="equal")
    ax.set_axis_off()
    ax.set_anchor("W")
    for row, (label, _) in enumerate(rows):
        figure.text(0.005, 1 - (row + 0.5) / len(rows), label, va="center")
    return figure

"""Poses kept for the pictures."""

from collections.abc import Iterator

import torch
from torch import Tensor

from acai_ray.evaluation.measured_model import MeasuredModel
from acai_ray.evaluation.metric_rows import Row

PLACES = 9
"""Poses of a path, its ends included."""


def gallery(measured: MeasuredModel) -> Iterator[Row]:
    """Real poses of the last split, sampled ones, and paths between the first pairs."""
    split, n = measured.yardstick.splits[-1], measured.yardstick.config.gallery
    for index, pose in enumerate(measured.yardstick.targets[split][:n]):
        yield _row("real", index, None, pose)
    for index, pose in enumerate(() if measured.prior is None else measured.prior[:n]):
        yield _row("sample", index, None, pose)
    t = torch.linspace(0, 1, PLACES)
    start, end = (measured.encode(poses[: max(1, n // 4)]) for poses in measured.yardstick.pairs[split])
    for index, path in enumerate(measured.paths(start, end, t)):
        for place, pose in zip(t.tolist(), path, strict=True):
            yield _row("path", index, place, pose)


def _row(kind: str, index: int, t: float | None, pose: Tensor) -> Row:
    return {"kind": kind, "index": index, "t": t, "pose": pose.flatten().tolist()}

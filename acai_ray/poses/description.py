"""The description of a pose set that `study.json` holds, as plain data."""

from pathlib import Path
from typing import Any

import numpy as np

from acai_ray.common.skeleton import N_JOINTS
from acai_ray.poses.pose_set import PoseSet


def describe(poses: PoseSet, source: str) -> dict[str, Any]:
    """The data as `study.json` holds it.

    `mean_pose_loss_m2` is the loss `L_rec` of the training poses' mean, which tells how large a given λ is beside it.

    Args:
        poses: the data.
        source: the name or path that it was read from; of a path only the last part is kept.
    """
    train = np.asarray(poses.split("train").poses)
    spread = np.square(train - train.mean(axis=0)).sum() / (len(train) * N_JOINTS)
    return {
        "name": poses.name,
        "source": poses.name if poses.synthetic else Path(source).name,
        "synthetic": poses.synthetic,
        "acknowledgment": poses.acknowledgment,
        "fingerprint": poses.fingerprint,
        "fps": poses.fps,
        "counts": {split: len(poses.split(split)) for split in poses.splits},
        "subjects": {split: list(poses.subjects(split)) for split in poses.splits},
        "mean_pose_loss_m2": float(spread),
    }

"""The description of a pose set that `study.json` holds, as plain data."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from acai_ray.common.skeleton import N_JOINTS
from acai_ray.common.units import MM
from acai_ray.poses.bodies import bodies_of
from acai_ray.poses.folds import Fold
from acai_ray.poses.natural_order import natural
from acai_ray.poses.people import pose_counts
from acai_ray.poses.pose_set import PoseSet


def describe(poses: PoseSet, source: str, folds: Sequence[Fold] = (), apart: Sequence[str] = ()) -> dict[str, Any]:
    """The data as `study.json` holds it.

    `mean_pose_loss_m2` is the loss `L_rec` of the training poses' mean, which tells how large a given λ is beside it.
    Of each person there are the split, the number of the body and the poses before views; `body_gap_mm` is the smallest
    distance between two bodies.

    Args:
        poses: the data.
        source: the name or path that it was read from; of a path only the last part is kept.
        folds: those of the study, if any.
        apart: who is in none of them.
    """
    bodies = bodies_of(poses)
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
        "people": people_facts(poses),
        "body_gap_mm": bodies.gap * MM if bodies.closest else None,
        "folds": [fold.as_dict() for fold in folds],
        "apart": list(apart),
        "mean_pose_loss_m2": float(spread),
    }


def people_facts(poses: PoseSet) -> dict[str, dict[str, Any]]:
    """Of each person, in natural order: `split`, the number of the `body`, and the `poses` before views."""
    bodies, counts = bodies_of(poses).of, pose_counts(poses)
    split = {who: part for part in poses.splits for who in poses.subjects(part)}
    return {
        who: {"split": split[who], "body": bodies[who], "poses": counts[who]}
        for who in sorted(poses.subjects(), key=natural)
    }

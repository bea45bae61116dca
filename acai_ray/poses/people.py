"""How many poses a person has, and who has enough of them to be tested."""

import numpy as np

from acai_ray.poses.pose_set import PoseSet


def pose_counts(poses: PoseSet) -> dict[str, int]:
    """How many poses of each person were taken, before views: a pose that several cameras see counts once."""
    index = poses.index
    each = index.groupby(["subject", "sequence", "camera"], observed=True).size()
    of_sequence = each.groupby(level=["subject", "sequence"], observed=True).max()
    return {str(who): int(n) for who, n in of_sequence.groupby(level="subject", observed=True).sum().items()}


def with_enough(poses: PoseSet, least: int) -> tuple[str, ...]:
    """The people who have at least so many poses before views, sorted.

    Fewer poses than 150 say little about a person; whoever has fewer trains and is not tested.
    """
    return tuple(sorted(who for who, count in pose_counts(poses).items() if count >= least))


def rows_by_person(poses: PoseSet) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    """The places of each person's poses, ascending."""
    subject = poses.index["subject"].to_numpy(dtype=str)
    order = np.argsort(subject, kind="stable")
    people, starts = np.unique(subject[order], return_index=True)
    return dict(zip(map(str, people), np.split(order, starts[1:]), strict=True))

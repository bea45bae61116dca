"""Duplicates: poses that different people share to the last digit, as where one person has several names."""

from collections.abc import Iterator
from itertools import combinations

import pandas as pd

from acai_ray.data.inspection import measures
from acai_ray.data.inspection.wording import agreeing, counted
from acai_ray.poses.pose_set import PoseSet

REMEDY = "is it one person under two names? Give one name, or leave one out with --train, --valid, --test"


def shared_poses(pose_set: PoseSet) -> Iterator[str]:
    """Sentences on poses that several people have: one for each pair of parts, and one for those within one part.

    The poses are compared as the first camera of each person sees them.
    """
    shared = _shared(pose_set)
    for first, second in combinations(pose_set.splits, 2):
        ours, others = shared[shared["split"] == second], shared[shared["split"] == first]
        also = ours[ours["key"].isin(others["key"])]
        if len(also):
            yield (
                f"parts should share no pose, but {counted(len(also), 'pose', 'poses')} of {second} "
                f"{agreeing(len(also), 'is', 'are')} also in {first}, "
                f"{_most(also, others)}; {REMEDY}"
            )
    within = shared[shared.duplicated(["key", "split"], keep=False)]
    if count := within["key"].nunique():
        yield (
            f"people should share no pose, but {counted(count, 'pose', 'poses')} {agreeing(count, 'is', 'are')} of "
            f"several people of one part, {_most(within, within)}; {REMEDY}"
        )


def _shared(pose_set: PoseSet) -> pd.DataFrame:
    """The poses that several people have, one row with `key subject split` for each pose and person."""
    subject, camera = (pose_set.index[name].astype(str) for name in ("subject", "camera"))
    rows = (camera == camera.groupby(subject).transform("first")).to_numpy()
    poses = pd.DataFrame(
        {
            "key": measures.content_keys(pose_set.poses)[rows],
            "subject": subject[rows],
            "split": pose_set.index["split"].astype(str)[rows],
        }
    ).drop_duplicates(["key", "subject"])
    return poses[poses.duplicated("key", keep=False)]


def _most(poses: pd.DataFrame, others: pd.DataFrame) -> str:
    """A clause that names the two people who share most of these poses."""
    pairs = poses.merge(others, on="key", suffixes=("", "_other"))
    pairs = pairs[pairs["subject"] != pairs["subject_other"]]
    one, other = pairs[["subject", "subject_other"]].value_counts().index[0]
    return f"most those of {one!r} as those of {other!r}"

"""One person under several names: poses that different people share to the last digit."""

from collections.abc import Iterator
from itertools import combinations

import pandas as pd

from acai_ray.data.inspection import measures
from acai_ray.poses.pose_set import PoseSet

REMEDY = "is it one person under two names? Give one name, or leave one out with --train, --valid, --test"


def of_twins(pose_set: PoseSet) -> Iterator[str]:
    """Poses of a part that are in another part too, one sentence a pair of parts, and those that a part has twice.

    Looks at the poses as one camera sees them, the first of each person.
    """
    shared = _shared(pose_set)
    for first, second in combinations(pose_set.splits, 2):
        ours, others = shared[shared["split"] == second], shared[shared["split"] == first]
        also = ours[ours["key"].isin(others["key"])]
        if len(also):
            yield (
                f"parts should share no pose, but {_poses(len(also))} of {second} {_are(len(also))} also in {first}, "
                f"{_most(also, others)}; {REMEDY}"
            )
    within = shared[shared.duplicated(["key", "split"], keep=False)]
    if count := within["key"].nunique():
        yield (
            f"people should share no pose, but {_poses(count)} {_are(count)} of several people of one part, "
            f"{_most(within, within)}; {REMEDY}"
        )


def _shared(pose_set: PoseSet) -> pd.DataFrame:
    """The poses that several people have, `key subject split`, each once a person."""
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
    """The two people who share most of them."""
    pairs = poses.merge(others, on="key", suffixes=("", "_other"))
    pairs = pairs[pairs["subject"] != pairs["subject_other"]]
    one, other = pairs[["subject", "subject_other"]].value_counts().index[0]
    return f"most those of {one!r} as those of {other!r}"


def _poses(count: int) -> str:
    return f"{count:,} pose{'' if count == 1 else 's'}"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"

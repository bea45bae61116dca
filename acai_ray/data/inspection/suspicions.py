"""What `load` accepts, but looks wrong in people and their poses: sentences with the worst place and what to do."""

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from acai_ray.common.skeleton import BONE_PAIRS, BONES, JOINTS
from acai_ray.data.inspection import measures
from acai_ray.data.inspection.findings import Person
from acai_ray.data.inspection.measures import BoneStats
from acai_ray.data.inspection.wording import agreeing, share_of_people
from acai_ray.poses.people_checks import HEAD, LIMBS
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.recording import Recording

ELASTIC = 0.03
"""Standard deviation of a limb's length over its mean that motion capture does not reach."""
ASYMMETRIC = 0.08
"""Difference of a left and a right limb over the length of the longer one that few people have."""
OTHER_SIZE = 0.25
"""Share by which a person's height may differ from the median of all."""
FEW_POSES = 100
"""A person with fewer poses is reported."""
REPEATED = 0.01
"""Share of poses that may repeat another one exactly."""


def elastic_bones(stats: BoneStats) -> Iterator[str]:
    """Bones of a person that change their length from pose to pose."""
    shares = measures.limb_spreads(stats).fillna(0)
    who, bone, share = _largest(shares)
    if share > ELASTIC:
        yield (
            f"a person's bones should keep their lengths, but those of {_people_above(shares, ELASTIC)} vary, most "
            f"the one to the {JOINTS[BONES[bone][0]]} of {who!r} by {share:.0%}; poses estimated from images do "
            "so, recorded ones should not: check where they come from"
        )


def uneven_sides(stats: BoneStats) -> Iterator[str]:
    """Limbs of a person whose left and right bones differ in length."""
    pairs = {pair: stats.mean[[*both]] for pair, both in enumerate(BONE_PAIRS) if both[1] in LIMBS}
    longer = pd.DataFrame({pair: lengths.max(axis=1) for pair, lengths in pairs.items()})
    shares = (measures.asymmetries(stats)[longer.columns] / longer.where(longer > measures.NO_LENGTH_M)).fillna(0)
    who, pair, share = _largest(shares)
    if share > ASYMMETRIC:
        joint = JOINTS[BONES[BONE_PAIRS[pair][1]][0]].removeprefix("left_")
        yield (
            f"left and right bones should be equally long, but those of {_people_above(shares, ASYMMETRIC)} differ, "
            f"most the ones to the {joint} of {who!r} by {share:.0%}; check the order of the joints"
        )


def people_with_few_poses(people: Sequence[Person]) -> Iterator[str]:
    """People who have fewer than `FEW_POSES` poses."""
    few = [person for person in people if person.stored < FEW_POSES]
    if few:
        least = min(few, key=lambda person: person.stored)
        yield (
            f"a person should have at least {FEW_POSES} poses, but {share_of_people(len(few), len(people))} "
            f"{agreeing(len(few), 'has', 'have')} fewer, {least.subject!r} only {least.stored}; add poses or leave "
            "such people out with --train, --valid, --test"
        )


def people_of_other_size(people: Sequence[Person]) -> Iterator[str]:
    """People who are much taller or smaller than most."""
    tall = {person.subject: person.height_mm for person in people if person.height_mm}
    middle = float(np.median(list(tall.values()))) if tall else 0.0
    other = [who for who, height in tall.items() if abs(height / middle - 1) > OTHER_SIZE]
    if other:
        yield (
            f"people should be of similar size, but {share_of_people(len(other), len(people))} "
            f"{agreeing(len(other), 'differs', 'differ')} by more than {OTHER_SIZE:.0%} from the median {middle:.0f} "
            f"mm, {other[0]!r} has {tall[other[0]]:.0f} mm from ankle to head; check the unit of each file"
        )


def single_test_person(people: Sequence[Person]) -> Iterator[str]:
    """A test part that holds a single person."""
    tested = [person.subject for person in people if person.split == "test"]
    if len(tested) == 1:
        yield (
            f"a test should be on several people, but is on {tested[0]!r} alone; name more with --test, or say so "
            "beside the results"
        )


def single_camera(names: Sequence[str]) -> Iterator[str]:
    """Poses that are all seen by one camera."""
    if len(names) == 1 and names[0]:
        yield (
            f"poses should be seen from several sides, but all are seen by {names[0]!r}; add cameras, or expect a "
            "model of that side alone"
        )


def heads_below_pelvis(pose_set: PoseSet) -> Iterator[str]:
    """People whose heads are below the pelvis in most poses, as their cameras see them."""
    below = pd.Series(pose_set.poses[:, HEAD, 1] > 0)
    shares = below.groupby(pose_set.index["subject"].astype(str).to_numpy()).mean()
    count = int((shares > 0.5).sum())
    if count:
        yield (
            f"heads should be above the pelvis, but those of {share_of_people(count, len(shares))} are below it in "
            f"most poses, of {shares.idxmax()!r} in {shares.max():.0%}; check the up axis and the cameras of these "
            "files"
        )


def repeated_poses(sound: Sequence[Recording]) -> Iterator[str]:
    """Poses that a person has more than once."""
    keys = np.concatenate([measures.content_keys(recording.poses) for recording in sound])
    subjects = np.concatenate([recording.index["subject"].astype(str) for recording in sound])
    repeated = pd.DataFrame({"subject": subjects, "key": keys}).duplicated()
    if repeated.mean() > REPEATED:
        counts = pd.Series(subjects[repeated.to_numpy()]).value_counts()
        yield (
            f"poses should differ, but {repeated.mean():.0%} repeat another one exactly, {counts.iloc[0]} of them of "
            f"{counts.index[0]!r}; take frozen or padded frames out"
        )


def _largest(shares: pd.DataFrame) -> tuple[str, int, float]:
    """The row and column of the largest share, and the share."""
    values = shares.to_numpy(dtype=np.float64)
    row, column = divmod(int(values.argmax()), values.shape[1])
    return str(shares.index[row]), int(shares.columns[column]), float(values[row, column])


def _people_above(shares: pd.DataFrame, limit: float) -> str:
    """How many people, one in each row, have a share above the limit."""
    return share_of_people(int((shares.max(axis=1) > limit).sum()), len(shares))

"""The folds of a study: whose people are tested by models that never saw them."""

from acai_ray.common.errors import UserError
from acai_ray.poses import PoseSet
from acai_ray.poses.bodies import bodies_of
from acai_ray.poses.folds import Fold, divide
from acai_ray.poses.people import pose_counts
from acai_ray.poses.splits import Split
from acai_ray.sweep.space import Space
from acai_ray.trials.measured_data import MeasuredData


def apart(space: Space, poses: PoseSet) -> tuple[str, ...]:
    """The people who are in no fold: those a search chooses by."""
    return poses.subjects("valid") if space.search is not None and "valid" in poses.splits else ()


def divided(space: Space, poses: PoseSet) -> tuple[Space, MeasuredData]:
    """The space with the number of its folds, and the data of its trials.

    Raises:
        UserError: the data has fewer bodies than folds are wanted.
    """
    wanted = space.wanted_folds
    if wanted is None:
        _refuse_nobody(space, poses)
        return space, MeasuredData(poses, space.evaluation)
    aside, count = apart(space, poses), None if wanted == "auto" else wanted
    folds = divide(poses, bodies_of(poses), count, least=space.evaluation.person_poses, seed=space.seed, apart=aside)
    return _with_folds(space, folds), MeasuredData(poses, space.evaluation, folds, aside)


def _with_folds(space: Space, folds: tuple[Fold, ...]) -> Space:
    if space.confirm is None:
        return space.model_copy(update={"folds": len(folds)})
    return space.model_copy(update={"confirm": space.confirm.model_copy(update={"folds": len(folds)})})


def _refuse_nobody(space: Space, poses: PoseSet) -> None:
    """Refuse data of which nobody can be tested: the study could not answer anything."""
    split: Split = "test" if "test" in poses.splits else poses.splits[-1]
    least, counts = space.evaluation.person_poses, pose_counts(poses)
    most = max(counts[who] for who in poses.subjects(split))
    if most < least:
        raise UserError(
            f"somebody must have evaluation.person_poses, {least}, poses to be tested, but nobody in {split} of "
            f"{poses.name} has more than {most}; take more poses with --every, or lower person_poses in the space"
        )

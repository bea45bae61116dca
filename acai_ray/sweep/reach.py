"""What the answer of a study can show, said before it starts: people, bodies, folds, and the least difference."""

from collections.abc import Iterator

from acai_ray.common.people_sentences import dominant_fold, people_of, too_few_poses, torn_bodies
from acai_ray.poses import PoseSet
from acai_ray.poses.bodies import bodies_of
from acai_ray.poses.description import describe
from acai_ray.poses.natural_order import natural
from acai_ray.poses.people import pose_counts
from acai_ray.poses.splits import SPLITS
from acai_ray.protocol.power import POWER, smallest_difference
from acai_ray.protocol.primary import PRIMARY
from acai_ray.protocol.variance import CMU17, PEOPLE
from acai_ray.sweep.counting import deciding
from acai_ray.sweep.folding import divided
from acai_ray.sweep.space import Space
from acai_ray.trials.measured_data import MeasuredData


def describe_reach(space: Space, data: MeasuredData) -> Iterator[str]:
    """Lines on people, bodies and folds, on the tests, and on the smallest difference that they find.

    Args:
        space: the resolved search space.
        data: of its trials.
    """
    yield _people(space, data.poses)
    cells, seeds, what = deciding(space)
    tests = cells * len(PRIMARY)
    if not data.folds:
        yield (
            f"tests: {_cells(cells)} × {len(PRIMARY)} primary metrics of the {what} are one Holm family of {tests}; "
            "the people of the split are tested by models of one training set, "
            f"with {'one seed' if seeds == 1 else f'{seeds} seeds'}; --folds auto would test everybody, by several"
        )
        return
    people = [len(fold.tested) for fold in data.folds]
    bodies = bodies_of(data.poses)
    tested = {bodies.of[who] for fold in data.folds for who in fold.tested}
    yield (
        f"folds: {len(people)}, which test {sum(people)} people with {len(tested)} bodies, "
        f"at most {max(people)} in a fold; {_cells(cells)} × {len(PRIMARY)} primary metrics of the {what} "
        f"are one Holm family of {tests}"
    )
    found = (
        f"{metric.label} {smallest_difference(CMU17[metric.name], people, seeds, metric.margin, tests):.2g} "
        f"{metric.unit}".rstrip()
        for metric in PRIMARY
    )
    yield (
        f"smallest difference found with {POWER:.0%} power, if people and runs vary as they did on motion capture of "
        f"{PEOPLE} people: {', '.join(found)}"
    )


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"


def notes(space: Space, poses: PoseSet) -> Iterator[str]:
    """What must be known of the people before a study is begun: bodies torn apart, a large fold, who is not tested.

    Raises:
        UserError: the data has fewer bodies than folds are wanted.
    """
    space, data = divided(space, poses)
    about = describe(poses, space.data, data.folds, data.apart)
    yield from torn_bodies(about)
    yield from dominant_fold(about)
    splits = SPLITS if data.folds else ("test",)
    yield from too_few_poses(people_of(about), space.evaluation.person_poses, splits)


def _people(space: Space, poses: PoseSet) -> str:
    counts, bodies, least = pose_counts(poses), bodies_of(poses), space.evaluation.person_poses
    few = [who for who in sorted(counts, key=natural) if counts[who] < least]
    shared = "; ".join(f"one body has {len(group)}: {', '.join(group)}" for group in bodies.shared)
    return (
        f"people: {len(counts)} with {bodies.count} bodies"
        + (f" ({shared})" if shared else "")
        + (f"; fewer than {least} poses, so trained on and not tested: {', '.join(few)}" if few else "")
    )

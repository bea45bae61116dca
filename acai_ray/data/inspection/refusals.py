"""Everything that `load` would refuse about pose data, where `load` itself stops at the first fault."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import RuleError
from acai_ray.data.inspection.repair import REPAIRS, in_camera_axes, in_metres
from acai_ray.poses import body_checks, cameras, checks, people_checks
from acai_ray.poses.cameras import Cameras
from acai_ray.poses.conversion import ENOUGH_POSES, REAL_CAMERAS, converted, split_of
from acai_ray.poses.loading import Opened
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.recording import Recording
from acai_ray.poses.selection import refuse_unequal_rates, seen_poses, subjects_of, world_up
from acai_ray.poses.splits import SPLITS, Split


def refusals(opened: Opened, first: RuleError, sound: Sequence[Recording]) -> tuple[str, ...]:
    """Sentences on the rules that the data breaks, one for each rule and place.

    Each recording is tried by itself; then its faulty poses are taken out and the rest is tried again. Last, the sound
    poses of all recordings are judged together, as `load` judges parts and people.

    Args:
        opened: the data that `load` refuses.
        first: what `load` says.
        sound: the recordings without faulty poses, in metres.
    """
    errors, split, real = [first], dict[str, Split](), None
    try:
        split = split_of(opened.source, opened.name, opened.options)
    except RuleError as error:
        errors += [error, *_without_split(opened)]
    try:
        real = cameras.find(opened.path, opened.options)
    except RuleError as error:
        errors.append(error)
    for recording in opened.source.recordings:
        errors += _of_recording(recording, split, real, opened.options)
    if any(len(recording.poses) for recording in sound):
        errors += _of_people(opened.name, _sample(sound, real, opened.options), split)
    return _one_for_each_rule(errors)


def _one_for_each_rule(errors: Iterable[RuleError]) -> tuple[str, ...]:
    """The sentence of the first error for each place and rule; later ones differ only in the value."""
    sentences: dict[tuple[str, str], str] = {}
    for error in errors:
        sentences.setdefault((error.place, error.rule), str(error))
    return tuple(sentences.values())


def _without_split(opened: Opened) -> list[RuleError]:
    """What `load` would refuse first if the split were right and all people were in one part."""
    everybody = [who for recording in opened.source.recordings for who in subjects_of(recording)]
    return _raised(refuse_unequal_rates, opened.source, opened.name, opened.options) or _raised(
        _convert, opened.source.recordings, everybody, None, opened.options
    )


def _of_recording(
    recording: Recording, split: Mapping[str, Split], real: Cameras | None, options: LoadOptions
) -> Iterator[RuleError]:
    """What is refused of the poses of one recording: of all of them, then of those that each repair leaves."""
    people = [who for who in subjects_of(recording) if who in split or not split]
    for rest, rest_options in _with_repairs(recording, options) if people else ():
        errors = _raised(_convert, [rest], people, real, rest_options)
        yield from errors
        if not errors:
            return


def _with_repairs(recording: Recording, options: LoadOptions) -> Iterator[tuple[Recording, LoadOptions]]:
    """The recording as it is and after each repair, as long as a pose is left to take, and how to read it."""
    yield recording, options
    rest_options = options
    for repair in REPAIRS:
        recording = repair(recording, options)
        if not len(recording.poses) or (recording.keep is not None and not recording.keep.any()):
            return
        if repair is in_metres:  # it has applied the unit and the scale, so they must not be applied again
            rest_options = options.model_copy(update={"unit": None, "scale": None})
        yield recording, rest_options


def _convert(
    recordings: Sequence[Recording], people: Iterable[str], real: Cameras | None, options: LoadOptions
) -> None:
    """Convert the poses of these people as `load` does, from one side only, because the checks need no more."""
    one_view = options.model_copy(update={"views": 1})
    converted(seen_poses(recordings, dict.fromkeys(people, "train"), real, one_view), one_view)


@dataclass(frozen=True, eq=False)
class _Sample:
    """Sound poses of all recordings, as a camera sees them.

    Attributes:
        poses: `(n, 17, 3)` metres, camera axes.
        subjects: `(n,)` whose they are.
        remedy: what may help where they are not upright.
    """

    poses: NDArray[np.float32]
    subjects: NDArray[np.object_]
    remedy: str

    def of(self, people: Iterable[str]) -> NDArray[np.float32]:
        """The poses of some people."""
        own: NDArray[np.float32] = self.poses[np.isin(self.subjects, list(people))]
        return own


def _sample(sound: Sequence[Recording], real: Cameras | None, options: LoadOptions) -> _Sample:
    poses = [checks.sample(in_camera_axes(recording, options, real)) for recording in sound]
    subjects = [checks.sample(recording.index["subject"].to_numpy()) for recording in sound]
    by_real = real is not None and any(world_up(recording, options) is not None for recording in sound)
    remedy = REAL_CAMERAS if by_real else people_checks.AXES
    return _Sample(np.concatenate(poses), np.concatenate(subjects), remedy)


def _of_people(name: str, sample: _Sample, split: Mapping[str, Split]) -> Iterator[RuleError]:
    """What is refused of a part and of a person; where there is no split, all people are one part."""
    everybody = list(np.unique(sample.subjects))
    split_parts = {f"{name}, {part}": [who for who in split if split[who] == part] for part in SPLITS}
    parts = {place: own for place, own in (split_parts if split else {name: everybody}).items() if len(sample.of(own))}
    people = {f"{name}, {who}": [who] for who in everybody if who in split or not split}
    yield from _broken_by(people_checks.refuse_one_pose_repeated, parts, sample)
    for place, own in parts.items():
        yield from _not_upright(name, place, own, sample)
    yield from _broken_by(body_checks.refuse_flat, parts, sample)
    yield from _broken_by(body_checks.refuse_unordered_trunk, people, sample)
    yield from _broken_by(people_checks.refuse_elastic_limbs, people, sample)
    numbers = np.unique(sample.subjects, return_inverse=True)[1]
    yield from _raised(body_checks.refuse_wrong_size, sample.poses, numbers, name)
    mirrored = _broken_by(people_checks.refuse_mirrored, people, sample)
    yield from mirrored or _broken_by(people_checks.refuse_mirrored, parts, sample)


def _broken_by(check: Callable[..., None], groups: Mapping[str, Sequence[str]], sample: _Sample) -> list[RuleError]:
    """What a check refuses of groups of people, by the place that messages call them."""
    return [error for place, own in groups.items() for error in _raised(check, sample.of(own), place)]


def _not_upright(name: str, place: str, people: Sequence[str], sample: _Sample) -> list[RuleError]:
    """The part, if it is not upright, or else those of its people who are not."""
    many = {f"{name}, {who}": [who] for who in people if (sample.subjects == who).sum() >= ENOUGH_POSES}

    def check(poses: NDArray[np.float32], where: str) -> None:
        people_checks.refuse_not_upright(poses, where, sample.remedy)

    return _broken_by(check, {place: people}, sample) or _broken_by(check, many, sample)


def _raised(check: Callable[..., None], *arguments: Any) -> list[RuleError]:
    """The error of a check, if it raises one."""
    try:
        check(*arguments)
    except RuleError as error:
        return [error]
    return []

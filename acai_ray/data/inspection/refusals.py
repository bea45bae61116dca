"""Everything that `load` would refuse, where it says the first only."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.data.inspection.repair import REPAIRS, in_camera_axes, metric, world_up
from acai_ray.poses import cameras, checks, splits
from acai_ray.poses.cameras import Cameras
from acai_ray.poses.conversion import ENOUGH_POSES, REAL_CAMERAS, from_source
from acai_ray.poses.loading import Opened
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.recording import SPLITS, Recording, Source, Split

ALONE = "a recording alone"
"""What one recording is called while it is tried; sentences on it as a whole set begin so and do not count."""


def split_of(opened: Opened) -> dict[str, Split]:
    """The part of each subject.

    Raises:
        UserError: as `load`.
    """
    own = [(name, part.parts.get(name)) for part in opened.source.recordings for name in _subjects(part)]
    return splits.assign(own, opened.options, opened.name)


def refusals(opened: Opened, first: str, sound: Sequence[Recording]) -> tuple[str, ...]:
    """Sentences on the rules the data breaks, at most one a rule and place.

    Each recording is tried alone; then its faulty poses are taken out and the rest is tried again.

    Args:
        opened: the data that `load` refuses.
        first: what it says.
        sound: the recordings without faulty poses, in metres.
    """
    found, split, real = [first], dict[str, Split](), None
    try:
        split = split_of(opened)
    except UserError as error:
        found += [str(error), *_without_split(opened)]
    try:
        real = cameras.find(opened.path, opened.options)
    except UserError as error:
        found.append(str(error))
    for recording in opened.source.recordings:
        found += _of_recording(recording, split, real, opened.options)
    found += _of_people(opened.name, sound, split, real, opened.options)
    return _one_a_rule(found)


def _without_split(opened: Opened) -> list[str]:
    """What is refused first if everybody is in one part, such as unequal frame rates."""
    everybody = [name for part in opened.source.recordings for name in _subjects(part)]
    said = _said(from_source, opened.source, ALONE, None, _alone(opened.options, everybody))
    return [sentence.replace(ALONE, opened.name) for sentence in said if not sentence.startswith(f"{ALONE}, ")]


def _of_recording(
    recording: Recording, split: Mapping[str, Split], real: Cameras | None, options: LoadOptions
) -> Iterator[str]:
    wanted = [name for name in _subjects(recording) if name in split or not split]
    alone = _alone(options, wanted)
    for repair in (None, *REPAIRS) if wanted else ():
        if repair is not None:
            recording = repair(recording, options)
            alone = alone.model_copy(update={"unit": None, "scale": None} if repair is metric else {})
            if not len(recording.poses) or (recording.keep is not None and not recording.keep.any()):
                return
        said = _said(from_source, Source([recording]), ALONE, real, alone)
        if not said or said[0].startswith(f"{ALONE}, "):
            return
        yield said[0]


def _of_people(
    name: str, sound: Sequence[Recording], split: Mapping[str, Split], real: Cameras | None, options: LoadOptions
) -> Iterator[str]:
    """What is refused of a part, or of all where there are none, and of a subject."""
    if not sum(len(recording.poses) for recording in sound):
        return
    poses = np.concatenate([checks.some(in_camera_axes(recording, options, real)) for recording in sound])
    subjects = np.concatenate([checks.some(recording.index["subject"].to_numpy()) for recording in sound])
    parts = [(f"{name}, {part}", [who for who in split if split[who] == part]) for part in SPLITS]
    whole = parts if split else [(name, list(np.unique(subjects)))]
    groups = [(place, ours) for place, people in whole if len(ours := poses[np.isin(subjects, people)])]
    for place, ours in groups:
        yield from _said(checks.varied, ours, place)
    by_real = real is not None and any(world_up(recording, options) is not None for recording in sound)
    yield from _lying(name, poses, subjects, whole, REAL_CAMERAS if by_real else checks.AXES)
    people = [who for who in np.unique(subjects) if who in split or not split]
    for who in people:
        yield from _said(checks.rigid, poses[subjects == who], f"{name}, {who}")
    persons = [(f"{name}, {who}", poses[subjects == who]) for who in people]
    mirrored = [sentence for place, ours in persons for sentence in _said(checks.not_mirrored, ours, place)]
    yield from mirrored or [sentence for place, ours in groups for sentence in _said(checks.not_mirrored, ours, place)]


def _lying(
    name: str,
    poses: NDArray[np.float32],
    subjects: NDArray[np.str_],
    whole: Sequence[tuple[str, Sequence[str]]],
    remedy: str,
) -> Iterator[str]:
    """Parts that are not upright, and single people of the others."""
    for place, people in whole:
        ours = poses[np.isin(subjects, people)]
        said = _said(checks.upright, ours, place, remedy) if len(ours) else []
        yield from said
        for who in () if said else people:
            if (subjects == who).sum() >= ENOUGH_POSES:
                yield from _said(checks.upright, poses[subjects == who], f"{name}, {who}", remedy)


def _alone(options: LoadOptions, subjects: Sequence[str]) -> LoadOptions:
    """The options for a try in which these subjects are one part."""
    only = {"train": tuple(dict.fromkeys(subjects)), "valid": None, "test": None}
    return options.model_copy(update={**only, "protocol": "default", "views": 1})


def _said(check: Callable[..., Any], *arguments: Any) -> list[str]:
    try:
        check(*arguments)
    except UserError as error:
        return [str(error)]
    return []


def _subjects(recording: Recording) -> list[str]:
    return [str(name) for name in recording.index["subject"].unique()]


def _one_a_rule(sentences: Sequence[str]) -> tuple[str, ...]:
    """The first sentence of each place and rule, which stand before the value."""
    found: dict[str, str] = {}
    for sentence in sentences:
        found.setdefault(sentence.split(", but ")[0], sentence)
    return tuple(found.values())

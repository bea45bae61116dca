"""From a name or a path to an `Inspection`."""

from collections.abc import Iterator, Mapping, Sequence
from os import PathLike
from pathlib import Path

import pandas as pd

from acai_ray.common.errors import UserError
from acai_ray.data.inspection import measures, suspicions
from acai_ray.data.inspection.ineffective import of_options
from acai_ray.data.inspection.measures import Stats
from acai_ray.data.inspection.record import Inspection, Part, Person
from acai_ray.data.inspection.refusals import refusals, split_of
from acai_ray.data.inspection.repair import repaired, world_up
from acai_ray.data.inspection.twins import of_twins
from acai_ray.poses import cameras, formats
from acai_ray.poses.loading import Opened, open_data
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.rates import taken_rate
from acai_ray.poses.recording import SPLITS, Progress, Recording, Split, concatenate, unheard

ORDER: dict[Split | None, int] = {part: place for place, part in enumerate(SPLITS)}


def inspect(name_or_path: str | PathLike[str], options: LoadOptions, progress: Progress = unheard) -> Inspection:
    """Look at pose data, whether `load` accepts it or not; data that cannot be read at all gives that refusal alone.

    Args:
        name_or_path: `synthetic`, or a file or folder.
        options: what the user asked for.
        progress: told how many files are read.
    """
    try:
        opened = open_data(name_or_path, options, progress)
    except UserError as error:
        path = Path(name_or_path).expanduser()
        return Inspection(path.name or path.resolve().name, _form(path), (str(error),))
    sound = [repaired(recording, options) for recording in opened.source.recordings]
    sound = [recording for recording in sound if len(recording.poses)]
    try:
        pose_set = opened.pose_set()
    except UserError as error:
        return _described(opened, sound, None, refusals(opened, str(error), sound))
    return _described(opened, sound, pose_set, ())


def _form(path: Path) -> str | None:
    try:
        return formats.find(path).FORM
    except UserError:
        return None


def _described(
    opened: Opened, sound: Sequence[Recording], pose_set: PoseSet | None, refused: tuple[str, ...]
) -> Inspection:
    source, options = opened.source, opened.options
    index = concatenate([recording.index for recording in source.recordings])
    stats = measures.bone_stats(sound) if sound else None
    people = _people(index, pose_set, _split(opened), stats)
    splits = _splits(people)
    seen = index if pose_set is None else pose_set.index
    names = tuple(str(name) for name in seen["camera"].unique())
    return Inspection(
        name=opened.name,
        form=opened.form,
        refusals=refused,
        synthetic=source.synthetic,
        acknowledgment=source.acknowledgment,
        notes=tuple(source.notes) if pose_set is None else pose_set.notes,
        recordings=len(source.recordings),
        stored=len(index),
        sound=sum(len(recording.poses) for recording in sound),
        taken=None if pose_set is None else len(pose_set),
        fingerprint=None if pose_set is None else pose_set.fingerprint,
        stored_rates=tuple(sorted({part.fps for part in source.recordings if part.fps is not None})),
        taken_rate=None if pose_set is None else taken_rate(source, pose_set.index),
        units=tuple(sorted({_unit(recording, options) for recording in source.recordings})),
        axes=tuple(sorted({_axes(recording, options) for recording in source.recordings})),
        cameras=_cameras(opened),
        camera_names=names,
        mean_pose_mpjpe_mm=None if pose_set is None else 1000 * measures.mean_pose_mpjpe(pose_set.poses),
        splits=splits,
        people=people,
        bones=() if stats is None else measures.bones(stats),
        warnings=tuple(_warnings(opened, sound, stats, people, pose_set, names)),
    )


def _split(opened: Opened) -> Mapping[str, Split]:
    try:
        return split_of(opened)
    except UserError:
        return {}


def _people(
    index: pd.DataFrame, pose_set: PoseSet | None, split: Mapping[str, Split], stats: Stats | None
) -> tuple[Person, ...]:
    """The subjects, in the order of the parts and then of their names."""
    frames = index.groupby("subject", observed=True)["frame"].agg(["size", "min", "max"])
    taken = {} if pose_set is None else pose_set.index["subject"].value_counts().to_dict()
    seen = index if pose_set is None else pose_set.index
    counts = {name: _distinct(index, name) for name in ("sequence", "action")} | {"camera": _distinct(seen, "camera")}
    tall = {} if stats is None else measures.heights(stats[0]).to_dict()
    spread = {} if stats is None else measures.limb_spreads(stats).max(axis=1).dropna().to_dict()
    found = [
        Person(
            subject=who,
            split=split.get(who),
            stored=int(size),
            taken=None if pose_set is None else int(taken.get(who, 0)),
            sequences=counts["sequence"].get(who, 0),
            actions=counts["action"].get(who, 0),
            cameras=counts["camera"].get(who, 0),
            first_frame=int(first),
            last_frame=int(last),
            height_mm=1000 * tall[who] if who in tall else None,
            limb_spread=spread.get(who),
        )
        for who, size, first, last in frames.itertuples()
    ]
    return tuple(sorted(found, key=lambda person: (ORDER.get(person.split, len(SPLITS)), person.subject)))


def _distinct(index: pd.DataFrame, column: str) -> dict[str, int]:
    """How many names, none of them empty, each subject has in a column."""
    pairs = index[["subject", column]].drop_duplicates()
    counts = pairs[pairs[column] != ""]["subject"].value_counts()
    return {str(name): int(count) for name, count in counts.items()}


def _splits(people: Sequence[Person]) -> tuple[Part, ...]:
    parts = {part: [person for person in people if person.split == part] for part in SPLITS}
    return tuple(
        Part(
            part,
            tuple(person.subject for person in own),
            sum(person.stored for person in own),
            None if any(person.taken is None for person in own) else sum(person.taken or 0 for person in own),
        )
        for part, own in parts.items()
        if own
    )


def _unit(recording: Recording, options: LoadOptions) -> str:
    return options.unit or recording.unit or "none"


def _axes(recording: Recording, options: LoadOptions) -> str:
    up = world_up(recording, options)
    return "camera" if up is None else f"world, {up} up"


def _cameras(opened: Opened) -> str:
    """Where those that see world poses come from."""
    if all(_axes(recording, opened.options) == "camera" for recording in opened.source.recordings):
        return "none"
    if any(recording.cameras for recording in opened.source.recordings):
        return "in the data"
    try:
        return cameras.VIRTUAL if cameras.find(opened.path, opened.options) is None else cameras.FILE
    except UserError:
        return "none"


def _warnings(
    opened: Opened,
    sound: Sequence[Recording],
    stats: Stats | None,
    people: Sequence[Person],
    pose_set: PoseSet | None,
    camera_names: Sequence[str],
) -> Iterator[str]:
    yield from of_options(opened)
    yield from suspicions.of_people(people, [person.subject for person in people if person.split == "test"])
    yield from suspicions.of_cameras(camera_names)
    yield from suspicions.of_frames(opened.source.recordings)
    if stats is not None:
        if any(person.subject for person in people):
            yield from suspicions.of_bones(stats)
        if pose_set is not None:
            yield from suspicions.of_heads(pose_set)
            yield from of_twins(pose_set)
        yield from suspicions.of_repeats(sound)
        yield from suspicions.of_jumps(sound)

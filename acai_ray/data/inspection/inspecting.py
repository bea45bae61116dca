"""From a name or a path to an `Inspection`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path

import pandas as pd

from acai_ray.common.errors import RuleError, UserError
from acai_ray.common.people_sentences import torn_bodies
from acai_ray.common.units import MM
from acai_ray.data.inspection import frame_suspicions, measures, suspicions
from acai_ray.data.inspection.duplicates import shared_poses
from acai_ray.data.inspection.findings import Inspection, Part, Person
from acai_ray.data.inspection.measures import BoneStats
from acai_ray.data.inspection.refusals import refusals
from acai_ray.data.inspection.repair import repaired
from acai_ray.data.inspection.unused_options import options_without_effect
from acai_ray.poses import cameras, formats
from acai_ray.poses.bodies import bodies_of
from acai_ray.poses.conversion import split_of
from acai_ray.poses.description import people_facts
from acai_ray.poses.index import concatenate
from acai_ray.poses.loading import Opened, open_data
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.pose_set import PoseSet
from acai_ray.poses.readers.each_file import UnreadableFilesError
from acai_ray.poses.recording import Progress, Recording, no_progress
from acai_ray.poses.selection import world_up
from acai_ray.poses.splits import SPLITS, Split

ORDER: dict[Split | None, int] = {part: place for place, part in enumerate(SPLITS)}


def inspect(name_or_path: str | PathLike[str], options: LoadOptions, progress: Progress = no_progress) -> Inspection:
    """Look at pose data, whether `load` accepts it or not; data that cannot be read gives these refusals alone.

    Args:
        name_or_path: `synthetic`, or a file or folder.
        options: what the user asked for.
        progress: told how many files are read.
    """
    try:
        opened = open_data(name_or_path, options, progress)
    except UserError as error:
        path = Path(name_or_path).expanduser()
        said = error.sentences if isinstance(error, UnreadableFilesError) else (str(error),)
        return Inspection(path.name or path.resolve().name, _form(path), said)
    sound = [repaired(recording, options) for recording in opened.source.recordings]
    sound = [recording for recording in sound if len(recording.poses)]
    try:
        pose_set = opened.pose_set()
    except RuleError as error:
        return _described(_Looked(opened, sound, None), refusals(opened, error, sound))
    return _described(_Looked(opened, sound, pose_set), ())


def _form(path: Path) -> str | None:
    try:
        return formats.find(path).FORM
    except UserError:
        return None


@dataclass(frozen=True, eq=False)
class _Looked:
    """What an inspection looks at.

    Attributes:
        opened: the data as it is stored.
        sound: its recordings without faulty poses, in metres; those without a sound pose are left out.
        pose_set: what `load` gives; None where it refuses the data.
    """

    opened: Opened
    sound: Sequence[Recording]
    pose_set: PoseSet | None

    @property
    def recordings(self) -> Sequence[Recording]:
        """The recordings as they are stored."""
        return self.opened.source.recordings

    @cached_property
    def index(self) -> pd.DataFrame:
        """The index of all stored poses."""
        return concatenate([recording.index for recording in self.recordings])

    @property
    def seen(self) -> pd.DataFrame:
        """The index of the poses that `load` takes, or of those stored where it refuses the data."""
        return self.index if self.pose_set is None else self.pose_set.index

    @cached_property
    def bone_stats(self) -> BoneStats | None:
        """The lengths of bones; None where no pose is sound."""
        return measures.bone_stats(self.sound) if self.sound else None

    @cached_property
    def split(self) -> Mapping[str, Split]:
        """The part of each subject; empty where the subjects cannot be split."""
        try:
            return split_of(self.opened.source, self.opened.name, self.opened.options)
        except RuleError:
            return {}


def _described(looked: _Looked, refused: tuple[str, ...]) -> Inspection:
    source, options, pose_set = looked.opened.source, looked.opened.options, looked.pose_set
    people = _people(looked)
    bodies = None if pose_set is None else bodies_of(pose_set)
    return Inspection(
        name=looked.opened.name,
        form=looked.opened.form,
        refusals=refused,
        synthetic=source.synthetic,
        acknowledgment=source.acknowledgment,
        notes=tuple(source.notes) if pose_set is None else pose_set.notes,
        recordings=len(looked.recordings),
        stored=len(looked.index),
        sound=sum(len(recording.poses) for recording in looked.sound),
        taken=None if pose_set is None else len(pose_set),
        fingerprint=None if pose_set is None else pose_set.fingerprint,
        stored_rates=tuple(sorted({part.fps for part in looked.recordings if part.fps is not None})),
        taken_rate=None if pose_set is None else pose_set.fps,
        units=tuple(sorted({_unit(recording, options) for recording in looked.recordings})),
        axes=tuple(sorted({_axes(recording, options) for recording in looked.recordings})),
        cameras=_origin_of_cameras(looked.opened),
        camera_names=_camera_names(looked),
        bodies=None if bodies is None else bodies.count,
        shared_bodies=() if bodies is None else tuple(bodies.shared),
        body_gap_mm=MM * bodies.gap if bodies is not None and bodies.closest else None,
        mean_pose_mpjpe_mm=None if pose_set is None else 1000 * measures.mean_pose_mpjpe(pose_set.poses),
        splits=_splits(people),
        people=people,
        bones=() if looked.bone_stats is None else measures.bones(looked.bone_stats),
        warnings=tuple(_warnings(looked, people)),
    )


def _people(looked: _Looked) -> tuple[Person, ...]:
    """The subjects, in the order of the parts and then of their names."""
    frames = looked.index.groupby("subject", observed=True)["frame"].agg(["size", "min", "max"])
    taken = None if looked.pose_set is None else looked.pose_set.index["subject"].value_counts().to_dict()
    sequences, actions = (_distinct(looked.index, column) for column in ("sequence", "action"))
    views, stats = _distinct(looked.seen, "camera"), looked.bone_stats
    tall = {} if stats is None else measures.heights(stats).to_dict()
    spread = {} if stats is None else measures.limb_spreads(stats).max(axis=1).dropna().to_dict()
    people = [
        Person(
            subject=who,
            split=looked.split.get(who),
            stored=int(size),
            taken=None if taken is None else int(taken.get(who, 0)),
            sequences=sequences.get(who, 0),
            actions=actions.get(who, 0),
            cameras=views.get(who, 0),
            first_frame=int(first),
            last_frame=int(last),
            height_mm=1000 * tall[who] if who in tall else None,
            limb_spread=spread.get(who),
        )
        for who, size, first, last in frames.itertuples()
    ]
    return tuple(sorted(people, key=lambda person: (ORDER.get(person.split, len(SPLITS)), person.subject)))


def _distinct(index: pd.DataFrame, column: str) -> dict[str, int]:
    """How many different names each subject has in a column; empty names do not count."""
    pairs = index[["subject", column]].drop_duplicates()
    counts = pairs[pairs[column] != ""]["subject"].value_counts()
    return {str(name): int(count) for name, count in counts.items()}


def _splits(people: Sequence[Person]) -> tuple[Part, ...]:
    parts = {part: [person for person in people if person.split == part] for part in SPLITS}
    return tuple(
        Part(
            split=part,
            subjects=tuple(person.subject for person in own),
            stored=sum(person.stored for person in own),
            taken=None if any(person.taken is None for person in own) else sum(person.taken or 0 for person in own),
        )
        for part, own in parts.items()
        if own
    )


def _unit(recording: Recording, options: LoadOptions) -> str:
    return options.unit or recording.unit or "none"


def _axes(recording: Recording, options: LoadOptions) -> str:
    up = world_up(recording, options)
    return "camera" if up is None else f"world, {up} up"


def _origin_of_cameras(opened: Opened) -> str:
    """Where the cameras that see world poses come from."""
    if all(_axes(recording, opened.options) == "camera" for recording in opened.source.recordings):
        return "none"
    if any(recording.cameras for recording in opened.source.recordings):
        return "in the data"
    try:
        return cameras.VIRTUAL if cameras.find(opened.path, opened.options) is None else cameras.FILE
    except UserError:
        return "none"


def _camera_names(looked: _Looked) -> tuple[str, ...]:
    return tuple(str(name) for name in looked.seen["camera"].unique())


def _warnings(looked: _Looked, people: Sequence[Person]) -> Iterator[str]:
    yield from options_without_effect(looked.opened)
    yield from suspicions.people_with_few_poses(people)
    yield from suspicions.people_of_other_size(people)
    yield from suspicions.single_test_person(people)
    yield from suspicions.single_camera(_camera_names(looked))
    yield from frame_suspicions.missing_frames(looked.recordings)
    yield from frame_suspicions.falling_frames(looked.recordings)
    if looked.bone_stats is None:  # no pose is sound
        return
    if any(person.subject for person in people):
        yield from suspicions.elastic_bones(looked.bone_stats)
        yield from suspicions.uneven_sides(looked.bone_stats)
    if looked.pose_set is not None:
        yield from suspicions.heads_below_pelvis(looked.pose_set)
        yield from shared_poses(looked.pose_set)
        yield from torn_bodies({"people": people_facts(looked.pose_set)})
    yield from suspicions.repeated_poses(looked.sound)
    yield from frame_suspicions.jumps(looked.sound)

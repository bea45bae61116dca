"""What an inspection finds out about pose data, as plain records."""

from dataclasses import asdict, dataclass
from typing import Any

from acai_ray.poses.splits import Split


@dataclass(frozen=True)
class Person:
    """One subject.

    Attributes:
        subject: the name.
        split: the part that the subject belongs to; None where it belongs to none.
        stored: poses in the data.
        taken: poses that `load` takes, of all cameras; None where it refuses the data.
        sequences: how many sequences the subject has.
        actions: how many actions the subject has.
        cameras: how many cameras see the poses that are taken, or stored where the data is refused.
        first_frame: smallest frame number.
        last_frame: largest frame number.
        height_mm: mean length along the bones from the ankle to the top of the head, of sound poses.
        limb_spread: largest standard deviation of a limb's length, as a share of its mean.
    """

    subject: str
    split: Split | None
    stored: int
    taken: int | None
    sequences: int
    actions: int
    cameras: int
    first_frame: int
    last_frame: int
    height_mm: float | None
    limb_spread: float | None


@dataclass(frozen=True)
class Bone:
    """One bone over all subjects, in their sound poses, millimetres.

    Attributes:
        bone: the two joints that it joins.
        mean_mm: mean of the subjects' mean lengths.
        between_mm: standard deviation of the subjects' mean lengths.
        within_mm: mean of the subjects' standard deviations; 0 for rigid bones.
        asymmetry_mm: mean over the subjects of |left - right|; None for a bone that has no other side.
    """

    bone: str
    mean_mm: float
    between_mm: float
    within_mm: float
    asymmetry_mm: float | None


@dataclass(frozen=True)
class Part:
    """One part of the data: train, valid or test.

    Attributes:
        split: its name.
        subjects: the names of its people.
        stored: their poses in the data.
        taken: their poses that `load` takes; None where it refuses the data.
    """

    split: Split
    subjects: tuple[str, ...]
    stored: int
    taken: int | None


@dataclass(frozen=True)
class Inspection:
    """What pose data holds, what is refused, and what looks wrong.

    Attributes:
        name: what the data is called.
        form: what its reader reads; None where no reader recognises the content.
        synthetic: whether the people are computed.
        acknowledgment: what must be printed wherever results are shown.
        notes: sentences on what the reader left out or assumed.
        recordings: how many files there are, or parts of files.
        stored: poses in the data.
        sound: those of them that are finite and have a person's size, whatever their unit is.
        taken: poses that `load` takes, of all cameras; None where it refuses the data.
        fingerprint: the fingerprint of what `load` gives; None where it refuses the data.
        stored_rates: frames per second of the recordings, where they are known.
        taken_rate: poses per second that `load` takes, where that is known and the same for all sequences.
        units: of the coordinates, as stored.
        axes: `camera`, `world, y up` or `world, z up`.
        cameras: where the cameras come from: `none`, `in the data`, `camera-parameters.json` or `virtual`.
        camera_names: the cameras of the poses that are taken, or stored where the data is refused.
        bodies: how many bodies the people have, see `poses.bodies`; None where `load` refuses the data.
        shared_bodies: the people of each body that several of them have.
        body_gap_mm: the smallest distance between two bodies; None for a single one.
        mean_pose_mpjpe_mm: mean distance of a joint from its place in the mean pose, which a model must beat.
        splits: the parts, where the subjects can be split.
        people: the subjects.
        bones: the 16 bones.
        refusals: sentences on what `load` refuses, first the one that it says itself; empty where it accepts the data.
        warnings: sentences on what it accepts, but looks wrong.
    """

    name: str
    form: str | None
    refusals: tuple[str, ...]
    synthetic: bool = False
    acknowledgment: str = ""
    notes: tuple[str, ...] = ()
    recordings: int = 0
    stored: int = 0
    sound: int = 0
    taken: int | None = None
    fingerprint: str | None = None
    stored_rates: tuple[float, ...] = ()
    taken_rate: float | None = None
    units: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    cameras: str = "none"
    camera_names: tuple[str, ...] = ()
    bodies: int | None = None
    shared_bodies: tuple[tuple[str, ...], ...] = ()
    body_gap_mm: float | None = None
    mean_pose_mpjpe_mm: float | None = None
    splits: tuple[Part, ...] = ()
    people: tuple[Person, ...] = ()
    bones: tuple[Bone, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether `load` succeeds."""
        return not self.refusals

    def as_dict(self) -> dict[str, Any]:
        """The same as dicts, lists and values that JSON can hold."""
        return {"accepted": self.accepted} | asdict(self)

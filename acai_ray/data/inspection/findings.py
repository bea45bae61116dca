"""What an inspection finds out about pose data, as plain records."""

from dataclasses import asdict, dataclass
from typing import Any

from acai_ray.poses.splits import Split


@dataclass(frozen=True)
class Person:
    """One subject.

    Attributes:
        subject: by name.
        split: the part of the subject; none where it is in none.
        stored: poses in the data.
        taken: poses that `load` takes, of all cameras; none where it refuses the data.
        sequences: sequences of the subject.
        actions: actions of the subject.
        cameras: cameras that see the poses taken, or that are stored.
        first_frame: smallest frame number.
        last_frame: largest frame number.
        height_mm: mean length along the bones from ankle to head top, of sound poses.
        limb_spread: largest standard deviation of the length of a limb's bone, as a share of its mean.
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
    """One bone over all subjects, millimetres, of sound poses.

    Attributes:
        bone: the joints it joins.
        mean_mm: mean of the subjects' mean lengths.
        between_mm: standard deviation of the subjects' mean lengths.
        within_mm: mean of the subjects' standard deviations; 0 for rigid bones.
        asymmetry_mm: mean over the subjects of |left - right|; none for a bone without a partner.
    """

    bone: str
    mean_mm: float
    between_mm: float
    within_mm: float
    asymmetry_mm: float | None


@dataclass(frozen=True)
class Part:
    """Train, valid or test.

    Attributes:
        split: its name.
        subjects: its people, by name.
        stored: their poses in the data.
        taken: their poses that `load` takes; none where it refuses the data.
    """

    split: Split
    subjects: tuple[str, ...]
    stored: int
    taken: int | None


@dataclass(frozen=True)
class Inspection:
    """Pose data as it was found.

    Attributes:
        name: what the data is called.
        form: what the reader reads; none where no reader knows the content.
        synthetic: whether the people are computed.
        acknowledgment: what must be printed wherever results are shown.
        notes: what the reader left out or assumed.
        recordings: files, or their parts.
        stored: poses in the data.
        sound: those of them that are finite and of people's size, whatever their unit.
        taken: poses that `load` takes, of all cameras; none where it refuses the data.
        fingerprint: of what `load` gives; none where it refuses the data.
        stored_rates: frames per second of the recordings, where known.
        taken_rate: poses per second that `load` takes, where that is known and one.
        units: of the coordinates, as stored.
        axes: `camera`, `world, y up` or `world, z up`.
        cameras: where the cameras come from: `none`, `in the data`, `camera-parameters.json` or `virtual`.
        camera_names: cameras of the poses taken, or that are stored.
        mean_pose_mpjpe_mm: mean distance of a joint from where it is in the mean pose; what a model must beat.
        splits: the parts, where the subjects can be split.
        people: the subjects.
        bones: the 16 bones.
        refusals: what `load` refuses, its own sentence first; empty where it accepts the data.
        warnings: what it accepts, but looks wrong.
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
        """The same as containers that JSON holds."""
        return {"accepted": self.accepted} | asdict(self)

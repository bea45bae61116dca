"""VideoPose3D's `data_3d_h36m.npz`: Human3.6M in metres, world axes with z up, 50 fps."""

from pathlib import Path
from typing import Any

from acai_ray.common.errors import UserError
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers.human36m.conventions import BROKEN, BROKEN_NOTE, world_recording
from acai_ray.poses.recording import Progress, Recording, Source
from acai_ray.poses.splits import HUMAN36M
from acai_ray.poses.untrusted import npz
from acai_ray.poses.untrusted.restricted_pickle import PickledArray

FORM = "VideoPose3D's data_3d_h36m.npz"


def recognise(path: Path) -> bool:
    """Whether `path` is an archive with `positions_3d`."""
    return "positions_3d" in npz.members(path)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:  # noqa: ARG001
    """One recording for each sequence of a subject, such as `Directions 1` of `S1`."""
    holder = npz.read_npz(path, ["positions_3d"])["positions_3d"]
    people = holder.item() if holder.shape == () else None
    if not isinstance(people, dict) or not all(isinstance(sequences, dict) for sequences in people.values()):
        raise UserError(f"{path.name}: `positions_3d` must map subjects to sequences to arrays; export it again")
    stored = {(str(subject), str(name)): poses for subject, own in people.items() for name, poses in own.items()}
    used = [sequence for sequence in stored if sequence not in BROKEN]
    recordings = [_recording(stored[subject, name], subject, name, path.name) for subject, name in used]
    notes = [BROKEN_NOTE] if len(used) < len(stored) else []
    if others := [name for name in people if str(name) not in HUMAN36M]:
        notes.append(
            f"{str(others[0])!r} is none of Human3.6M's people, but {FORM} holds poses in metres at 50 frames a second "
            "with z up, so these are taken for such, every 10th of them; save others as an .npz of `poses` with `fps`"
        )
    return Source(recordings, notes=notes)


def _recording(pickled: Any, subject: str, sequence: str, origin: str) -> Recording:
    place = f"{origin}, {subject} {sequence}"
    if not isinstance(pickled, PickledArray):
        raise UserError(f"{place}: a sequence must be an array, but is {type(pickled).__name__}; export it again")
    return world_recording(pickled.value, subject, sequence, place, unit="m")

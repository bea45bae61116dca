"""BVH motion capture: one file, or a folder of files whose skeletons may differ."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses.index import index_of
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.rates import at_rate
from acai_ray.poses.readers.bvh import files as bvh_files
from acai_ray.poses.readers.bvh import joint_map as bvh_map
from acai_ray.poses.readers.bvh import motion as bvh_motion
from acai_ray.poses.readers.bvh import text as bvh_text
from acai_ray.poses.readers.bvh.files import Take
from acai_ray.poses.readers.bvh.joint_map import UserMap
from acai_ray.poses.readers.bvh.measures import MEAN_LEG, UNITS, unit_of, up_axis
from acai_ray.poses.readers.bvh.text import Clip
from acai_ray.poses.readers.each_file import each_file
from acai_ray.poses.recording import Progress, Recording, Source, Up

FORM = "a BVH file or a folder of them"
UPS: dict[str | None, Up] = {"y": "y", "z": "z"}


def recognise(path: Path) -> bool:
    """Whether `path` is a BVH file, or a folder with one in it or at most two folders further down."""
    return bvh_files.is_file(path) or any(bvh_files.is_file(file) for file in bvh_files.files(path))


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:
    """One recording for each file, of which 10 poses a second are taken by default.

    Frames at the start that show the rest pose or a T-pose are left out. Unless the options name the unit or ask for
    scaling, it is the one in which thigh and shin have a person's length; where no unit fits, the skeleton is scaled to
    an average leg. Unless the options name the axis that points up, it is the one along which heads lie from the pelvis
    on average; a file in which that is unclear has the axis of most others. `people_of_files` finds out whose motion a
    file holds.
    """
    return of_clips(
        path, (bvh_files.SUFFIX,), lambda take, content: bvh_text.parse(content, take.origin), options, progress
    )


def of_clips(
    path: Path,
    suffixes: Collection[str],
    parse: Callable[[Take, bytes], Clip],
    options: LoadOptions,
    progress: Progress,
) -> Source:
    """What `read` does, of files that hold clips in any form.

    Args:
        path: a file or a folder.
        suffixes: of the files in a folder.
        parse: gives the clip of a file, from its content.
        options: what the user asked for.
        progress: told how many files are read.
    """
    user_map = None if options.joints is None else bvh_map.read_map(Path(options.joints).expanduser())
    takes, whose = bvh_files.takes(path, options.subject_pattern, suffixes)
    clips = each_file(takes, lambda take: _performance(take, parse(take, _content(take)), user_map, options), progress)
    ups = _ups(clips, options)
    notes = [whose, bvh_files.not_read(path), *_notes(clips)]
    return Source(
        [_recording(clip, up) for clip, up in zip(clips, ups, strict=True)],
        notes=[note for note in notes if note],
        motion_capture=True,
    )


@dataclass(frozen=True, eq=False)
class _Performance:
    """The poses of one file, in metres unless the options say how they are scaled.

    Attributes:
        take: the file.
        poses: `(F, 17, 3)` of the frames after the rest pose.
        fps: frames per second.
        dropped: how many frames at the start show the rest pose.
        size: how the unit was found, for the notes; empty where the options say it.
        completed: whether bones that the file's conversion left out were put back.
        straightened: whether the heads stuck out sideways, and were continued along the neck.
        up: the axis that points up, such as `-z`; None where it is unclear.
    """

    take: Take
    poses: NDArray[np.float32]
    fps: float
    dropped: int
    size: str
    completed: bool
    straightened: bool
    up: str | None


def _performance(take: Take, clip: Clip, user_map: UserMap | None, options: LoadOptions) -> _Performance:
    joints = (
        bvh_map.by_convention(clip, take.origin) if user_map is None else bvh_map.by_user(clip, user_map, take.origin)
    )
    bones = bvh_motion.rig(clip, joints, take.origin)
    rest = bvh_motion.resting(bones)
    if rest == len(clip.motion):
        raise UserError(f"{take.origin}: a file must show motion, but holds only {rest} frames at rest; leave it out")
    size, metres = _size(bones.leg, options)
    poses = bvh_motion.positions(bones, take.origin) * np.float32(metres)
    straightened = bvh_motion.straighten_heads(poses)
    up = up_axis(poses[rest:]) or up_axis(poses[:rest])
    completed = bool(joints.left_out) and bool((bones.offsets != clip.offsets).any())
    return _Performance(take, poses[rest:], clip.fps, rest, size, completed, straightened, up)


def _content(take: Take) -> bytes:
    try:
        return take.path.read_bytes()
    except OSError as error:
        raise UserError(
            f"{take.origin}: a data file must be readable, but is not ({error.strerror}); correct its permissions"
        ) from None


def _size(leg: float, options: LoadOptions) -> tuple[str, float]:
    """What notes say about a skeleton's unit, and the factor that brings its numbers to metres."""
    if options.unit or options.scale:
        return "", 1.0
    unit = unit_of(leg)
    if unit is None:
        return f"scaled to legs of {MEAN_LEG:g} m, for theirs have a person's length in no known unit", MEAN_LEG / leg
    return f"read as {unit}, in which their legs have a person's length", UNITS[unit]


def _ups(clips: Sequence[_Performance], options: LoadOptions) -> list[Up | None]:
    """The axis that points up in each file: the given one, or else its own, or else that of most files.

    Raises:
        UserError: the axis of a file is clearly another than the given one, or not known at all.
    """
    if options.frame == "camera":
        return [None for _ in clips]
    common = Counter(UPS[clip.up] for clip in clips if clip.up in UPS).most_common(1)
    ups = [options.up or UPS.get(clip.up, common[0][0] if common else None) for clip in clips]
    for clip, up in zip(clips, ups, strict=True):
        if up is None or (options.up and clip.up and clip.up != options.up):
            raise UserError(
                f"{clip.take.origin}: {options.up or 'y or z'} must point up, but heads point along "
                f"{clip.up or 'no axis'} on average; {_remedy_for_up(clip.up)}"
            )
    return ups


def _remedy_for_up(own: str | None) -> str:
    """What may help where heads point along this axis."""
    if own in UPS:
        return f"leave --up out or give --up {own}"
    return f"rotate the skeleton, or export the file with y up{'' if own else ', or give --up y or --up z'}"


def _recording(clip: _Performance, up: Up | None) -> Recording:
    count, take = len(clip.poses), clip.take
    frames = np.arange(clip.dropped, clip.dropped + count)
    index = index_of(count, frame=frames, subject=take.subject, action=take.action, sequence=take.sequence)
    return Recording(take.origin, clip.poses, index, up=up, fps=clip.fps, keep=at_rate(count, clip.fps))


def _notes(clips: Sequence[_Performance]) -> list[str]:
    frames = sum(clip.dropped for clip in clips)
    unclear = [clip for clip in clips if clip.up not in UPS]
    notes = [
        (f"frames at the start that show the rest pose left out, {frames} in all", [c for c in clips if c.dropped]),
        ("bones that the conversion leaves out put back", [clip for clip in clips if clip.completed]),
        ("heads stick out sideways, so they are continued along the neck", [c for c in clips if c.straightened]),
        ("the axis that points up taken from the other files or the options", unclear),
        *((size, [clip for clip in clips if clip.size == size]) for size in sorted({clip.size for clip in clips})),
    ]
    return [f"{_named(about)}: {note}" for note, about in notes if note and about]


def _named(clips: Sequence[_Performance]) -> str:
    return clips[0].take.origin if len(clips) == 1 else f"{len(clips)} files"

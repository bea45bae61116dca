"""The report's own pickles of Human3.6M: millimetres, world axes with z up, and the frames that each camera saw."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses import cameras
from acai_ray.poses.cameras import Cameras, Rotations
from acai_ray.poses.index import index_of, named
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.rates import at_rate
from acai_ray.poses.readers.human36m import report_takes
from acai_ray.poses.readers.human36m.conventions import BROKEN_NOTE, EVERY, FPS, action_of, rate_of, seventeen
from acai_ray.poses.readers.human36m.report_takes import Take, frame_numbers
from acai_ray.poses.recording import Progress, Recording, Source
from acai_ray.poses.untrusted import pickles, restricted_pickle
from acai_ray.poses.untrusted.pickled_array import unwrapped

WORLD, SEEN = "dict_h36m_keypoints_world.pkl", "dict_h36m_desc.pkl"
FORM = f"the report's {WORLD} with {SEEN}"
CAMERAS = {"cam0": "54138969", "cam1": "55011271", "cam2": "58860488", "cam3": "60457274"}
"""The camera that each key of the file `SEEN` stands for."""
SUBJECTS = frozenset(f"S{number}" for number in range(1, 12))
"""The people of Human3.6M."""


def recognise(path: Path) -> bool:
    """Whether `path` is a folder with the file `WORLD`, or a pickle among whose first keys is a subject."""
    if path.is_dir():
        return (path / WORLD).is_file()
    values = pickles.first_values(path, 4)
    keys = [*values[:1], *(value for value in values if isinstance(value, str))]
    return any(report_takes.subject_of(key) in SUBJECTS for key in keys)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:
    """One recording for each subject and real camera, with the frames that it saw; for virtual ones, one per subject.

    Unless the user gives `every`, only the frames that are taken by default are read.
    """
    world_file = path / WORLD if path.is_dir() else path
    real, seen_file = cameras.find(path, options), world_file.with_name(SEEN)
    files = [world_file, seen_file] if real is not None and seen_file.is_file() else [world_file]
    contents = []
    for done, file in enumerate(files, start=1):
        contents.append(report_takes.by_take(unwrapped(restricted_pickle.read(file)), file.name))
        progress(done, len(files))
    world, seen = contents[0], contents[1] if len(contents) > 1 else None
    takes = sorted(take for take in world if not take.broken)
    if not takes:
        raise UserError(
            f"{world_file.name}: a data set must hold a sequence in use, but holds none; give the whole set"
        )
    plan = _Plan(world_file.name, world, seen, real, options)
    recordings = [
        recording
        for subject, own in groupby(takes, key=lambda take: take.subject)
        for recording in plan.recordings(subject, list(own))
    ]
    return Source(recordings, notes=(BROKEN_NOTE,) if len(takes) < len(world) else ())


@dataclass(frozen=True, eq=False)
class _Plan:
    """What the two files hold for each take, the real cameras, and what the user asks for."""

    origin: str
    world: Mapping[Take, Any]
    seen: Mapping[Take, Any] | None
    real: Cameras | None
    options: LoadOptions

    def recordings(self, subject: str, takes: Sequence[Take]) -> Iterator[Recording]:
        """The recordings of one subject."""
        own = None if self.real is None else cameras.of_subject(self.real, subject, self.origin)
        if own is None or self.seen is None:
            yield self._recording([(take, self._frames(take)) for take in takes], own)
            return
        views = [(CAMERAS[key], [(take, self._seen_by(key, take)) for take in takes]) for key in CAMERAS]
        seeing = [(name, [part for part in parts if len(part[1])]) for name, parts in views]
        if not any(parts for _, parts in seeing):
            raise UserError(f"{SEEN}: every subject must be seen, but {subject} is by no camera; leave {subject} out")
        for name, parts in seeing:
            if parts:
                yield self._recording(parts, {name: self._rotation(own, name, subject)})

    def _rotation(self, own: Rotations, name: str, subject: str) -> NDArray[np.float64]:
        if name not in own:
            raise UserError(
                f"{cameras.FILE}: it must hold every camera that {SEEN} names, but of {subject} has no {name}; add it "
                f"or give --cameras {cameras.VIRTUAL}"
            )
        return own[name]

    def _frames(self, take: Take) -> NDArray[np.int64]:
        frames = self.world[take]
        if not isinstance(frames, dict) or not frames:
            raise UserError(
                f"{self.origin}, {take}: it must map frame numbers to poses, but is {pickles.described(frames)}; "
                "export it again"
            )
        return frame_numbers(frames, f"{self.origin}, {take}")

    def _seen_by(self, key: str, take: Take) -> NDArray[np.int64]:
        """The frames of the take that a camera saw."""
        place, seen = f"{SEEN}, {take}", (self.seen or {}).get(take)
        if not isinstance(seen, dict) or not seen.keys() & CAMERAS.keys():
            raise UserError(
                f"{place}: it must list the frames of {', '.join(CAMERAS)}, but is {pickles.described(seen)}; export "
                f"it again or give --cameras {cameras.VIRTUAL}"
            )
        numbers = frame_numbers(seen.get(key, ()), f"{place}, {key}")
        unknown = np.setdiff1d(numbers, self._frames(take))
        if len(unknown):
            raise UserError(
                f"{place}, {key}: frames must be among those of {self.origin}, but {unknown[0]} is not; "
                "export both again"
            )
        return numbers

    def _recording(self, parts: Sequence[tuple[Take, NDArray[np.int64]]], rotations: Rotations | None) -> Recording:
        """The poses of one subject at some frames of each take."""
        if self.options.every is None:
            parts = [(take, numbers[at_rate(numbers, FPS, FPS / EVERY)]) for take, numbers in parts]
        takes, numbers = [take for take, _ in parts], np.concatenate([numbers for _, numbers in parts])
        codes = np.repeat(np.arange(len(parts)), [len(numbers) for _, numbers in parts])
        index = index_of(
            len(numbers),
            frame=numbers,
            subject=takes[0].subject,
            action=named(codes, [action_of(take.scenario) for take in takes]),
            sequence=named(codes, [take.sequence for take in takes]),
        )
        poses = np.concatenate([self._poses(take, numbers) for take, numbers in parts])
        return Recording(self.origin, poses, index, up="z", unit="mm", fps=rate_of(numbers), cameras=rotations)

    def _poses(self, take: Take, numbers: NDArray[np.int64]) -> NDArray[Any]:
        place, frames = f"{self.origin}, {take}", self.world[take]
        poses = [frames[number] for number in numbers.tolist()]
        shapes = {pose.shape if isinstance(pose, np.ndarray) else type(pose).__name__ for pose in poses}
        if len(shapes) != 1 or not isinstance(poses[0], np.ndarray):
            raise UserError(
                f"{place}: every pose must be an array (17, 3), but they are {sorted(map(str, shapes))[:3]}; "
                "export it again"
            )
        return seventeen(np.stack(poses), place)

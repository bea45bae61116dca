"""Labels of learnable-triangulation, human36m-multiview-labels-*.npy: millimetres, world axes, z up, real cameras.

Fields and the order of joints are those of generate-labels-npy-multiview.py in
github.com/karfly/learnable-triangulation-pytorch, where a camera sees R·X + t. Frame numbers count from 0 at 50 fps;
the table does not hold every frame.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses import cameras, checks
from acai_ray.poses.cameras import Rotations
from acai_ray.poses.index import index_of, named
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.rates import at_rate
from acai_ray.poses.readers.human36m.conventions import EVERY, FPS, action_of, rate_of
from acai_ray.poses.readers.human36m.folder import subject_of
from acai_ray.poses.recording import Progress, Recording, Source
from acai_ray.poses.untrusted import npz, pickles
from acai_ray.poses.untrusted.pickled_array import unwrapped

FORM = "learnable-triangulation's human36m-multiview-labels .npy"
JOINTS_17 = [6, 2, 1, 0, 3, 4, 5, 7, 8, 16, 9, 13, 14, 15, 12, 11, 10]
"""Where each Human3.6M joint is among the file's 17, whose order is about that of MPII."""
NAMES = ("subject_names", "action_names", "camera_names")
NUMBERS = ("subject_idx", "action_idx", "frame_idx")


def recognise(path: Path) -> bool:
    """Whether `path` is an .npy file of one object."""
    return npz.holds_an_object(path)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:
    """One recording for each subject, seen by that subject's cameras in the file unless the user names others."""
    labels = unwrapped(npz.read_npy(path, objects=True).reshape(1)[0])
    progress(1, 1)
    missing = [key for key in (*NAMES, "cameras", "table") if not isinstance(labels, dict) or key not in labels]
    if len(missing) == len(NAMES) + 2:
        raise UserError(
            f"{path.name}: an .npy of one object must be {FORM}, but is {pickles.described(labels)}; save its array of "
            "poses alone, such as numpy.save(path, content['keypoints3d'])"
        )
    if missing:
        raise UserError(
            f"{path.name}: it must hold `{missing[0]}`, but is {pickles.described(labels)}; export it again"
        )
    names = {key: _names(labels[key], f"{path.name}, {key}") for key in NAMES}
    table = _table(labels["table"], names, path.name)
    rotations = _rotations(labels["cameras"], names, path.name) if options.cameras is None else None
    return Source(
        [
            _recording(
                table[table["subject_idx"] == number],
                names,
                rotations[number] if rotations else None,
                path.name,
            )
            for number in np.unique(table["subject_idx"])
        ]
    )


def _names(values: Any, origin: str) -> list[str]:
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    if not isinstance(listed, list) or not all(isinstance(name, str) and name.isprintable() for name in listed):
        raise UserError(f"{origin}: it must be a list of names, but is not; export it again")
    return listed


def _table(table: Any, names: Mapping[str, Sequence[str]], origin: str) -> NDArray[Any]:
    """The rows in the order of subjects, actions and frames."""
    fields = table.dtype.names or () if isinstance(table, np.ndarray) and table.ndim == 1 else ()
    missing = [field for field in ("keypoints", *NUMBERS) if field not in fields]
    if missing:
        raise UserError(
            f"{origin}: `table` must be an array with the field `{missing[0]}`, but is not; export it again"
        )
    limits = (len(names["subject_names"]), len(names["action_names"]), 2**31)
    for field, limit in zip(NUMBERS, limits, strict=True):
        values = table[field]
        if values.dtype.kind not in "iu" or values.ndim != 1 or not _within(values, limit):
            raise UserError(
                f"{origin}: `{field}` must be whole numbers from 0 to {limit - 1}, but is not; export it again"
            )
    ordered: NDArray[Any] = table[np.lexsort([table[field] for field in reversed(NUMBERS)])]
    return ordered


def _within(values: NDArray[Any], limit: int) -> bool:
    return 0 <= int(values.min(initial=0)) <= int(values.max(initial=0)) < limit


def _rotations(stored: Any, names: Mapping[str, Sequence[str]], origin: str) -> list[dict[str, NDArray[np.float64]]]:
    """World-to-camera rotations `(3, 3)` of each subject by camera, in the order of the subjects."""
    subjects, views = names["subject_names"], names["camera_names"]
    if not isinstance(stored, np.ndarray) or "R" not in (stored.dtype.names or ()):
        raise UserError(f"{origin}: `cameras` must be an array with the field `R`, but is not; export it again")
    if stored.shape != (len(subjects), len(views)):
        raise UserError(
            f"{origin}: `cameras` must be {len(subjects)} subjects by {len(views)} cameras, but its shape is "
            f"{stored.shape}; export it again"
        )
    return [
        {
            view: cameras.rotation(camera["R"], f"{origin}, {subject} {view}")
            for view, camera in zip(views, own, strict=True)
        }
        for subject, own in zip(subjects, stored, strict=True)
    ]


def _recording(
    rows: NDArray[Any], names: Mapping[str, Sequence[str]], rotations: Rotations | None, origin: str
) -> Recording:
    """The recording of one subject, whose rows of the table these are."""
    name, actions = names["subject_names"][rows["subject_idx"][0]], names["action_names"]
    subject, poses = subject_of(name) or name, checks.as_joints(rows["keypoints"], origin)[:, JOINTS_17]
    codes, frames = rows["action_idx"].astype(np.int64), rows["frame_idx"].astype(np.int64)
    index = index_of(
        len(rows),
        frame=frames,
        subject=subject,
        action=named(codes, [action_of(action) for action in actions]),
        sequence=named(codes, actions),
    )
    starts = np.flatnonzero(np.diff(codes, prepend=-1))
    keep = np.concatenate([at_rate(part, FPS, FPS / EVERY) for part in np.split(frames, starts[1:])])
    return Recording(origin, poses, index, up="z", unit="mm", fps=rate_of(frames), keep=keep, cameras=rotations)

"""MotionBERT's pickles of Human3.6M, such as h36m_sh_conf_cam_source_final.pkl: the image axes of each real camera.

`joint3d_image` is in pixels, and its depth is scaled like them. MotionBERT measures its errors in millimetres against
`joints_2.5d_image`, which is the same times a factor of each frame (`evaluate` in train.py of
github.com/Walter0807/MotionBERT). Only the test part has that factor, so the training part has no metric scale.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.poses import checks
from acai_ray.poses.index import index_of, named
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.readers.human36m.conventions import EVERY, FPS
from acai_ray.poses.recording import Progress, Recording, Source
from acai_ray.poses.untrusted import pickles, restricted_pickle
from acai_ray.poses.untrusted.pickled_array import unwrapped

FORM = "MotionBERT's pickle of `train` and `test` with `joint3d_image`"
PARTS = ("train", "test")
IN_PIXELS, IN_MILLIMETRES = "joint3d_image", "joints_2.5d_image"
SOURCE = re.compile(r"s_0*([1-9][0-9]?)_act_([0-9]{2})_subact_0?([1-9])(?:\D.*)?")
ACTIONS = (
    *("Directions", "Discussion", "Eating", "Greeting", "Phoning", "Posing", "Purchases", "Sitting", "SittingDown"),
    *("Smoking", "Photo", "Waiting", "Walking", "WalkDog", "WalkTogether"),
)
"""Actions in the order of Human3.6M's numbers for them."""
FIRST_ACTION = 2
"""Human3.6M's number of the first action."""


def recognise(path: Path) -> bool:
    """Whether `path` is a pickle among whose first keys is the name of a part."""
    return bool(set(PARTS) & set(pickles.first_values(path, 4)))


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:  # noqa: ARG001
    """One recording for each part, camera after camera; frames are counted from 0 in each sequence and camera."""
    content = unwrapped(restricted_pickle.read(path))
    progress(1, 1)
    parts = {name: content[name] for name in PARTS if name in content} if isinstance(content, dict) else {}
    if not parts or not all(isinstance(part, dict) for part in parts.values()):
        raise UserError(f"{path.name}: it must hold dicts {' and '.join(PARTS)}, but is {pickles.described(content)}")
    return Source([_recording(part, f"{path.name}, {name}") for name, part in parts.items()])


def _recording(part: Mapping[str, Any], origin: str) -> Recording:
    for key in (IN_PIXELS, "source", "camera_name"):
        if key not in part:
            raise UserError(f"{origin}: it must hold `{key}`, but is {pickles.described(part)}; export it again")
    metric = IN_MILLIMETRES in part
    poses = _poses(part, IN_MILLIMETRES if metric else IN_PIXELS, origin)
    sources, cameras = (_texts(part[key], key, len(poses), origin) for key in ("source", "camera_name"))
    index = _index(sources, cameras, origin)
    counted = index["frame"].to_numpy()
    return Recording(origin, poses, index, unit="mm" if metric else None, fps=FPS, keep=counted % EVERY == 0)


def _poses(part: Mapping[str, Any], key: str, origin: str) -> NDArray[Any]:
    poses, place = part[key], f"{origin}, {key}"
    if isinstance(poses, list) and {pose.shape for pose in poses if isinstance(pose, np.ndarray)} == {(17, 3)}:
        poses = np.stack(poses) if all(isinstance(pose, np.ndarray) for pose in poses) else poses
    if not isinstance(poses, np.ndarray):
        raise UserError(f"{place}: it must be an array (N, 17, 3), but is a {type(poses).__name__}; export it again")
    return checks.as_joints(poses, place)


def _texts(values: Any, key: str, count: int, origin: str) -> NDArray[Any]:
    """`(N,)` texts, as an array of objects."""
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    if not isinstance(listed, list) or len(listed) != count or not {type(value) for value in listed} <= {str}:
        size = f"{len(listed)} values" if isinstance(listed, list) else f"a {type(values).__name__}"
        raise UserError(f"{origin}: `{key}` must hold {count} texts, one a pose, but is {size}; export it again")
    return np.array(listed, dtype=object)


def _index(sources: NDArray[Any], cameras: NDArray[Any], origin: str) -> pd.DataFrame:
    names, unique = pd.factorize(sources)
    views, camera_names = pd.factorize(cameras)
    sequences = [_sequence(source, origin) for source in unique]
    for name in camera_names:
        if not (name.isprintable() and name):
            raise UserError(f"{origin}: `camera_name` must hold printable names, but one is {name[:20]!r}; rename it")
    frame = pd.DataFrame({"source": names, "camera": views}).groupby(["source", "camera"]).cumcount().to_numpy()
    return index_of(
        len(sources),
        frame=frame,
        subject=named(names, [sequence.subject for sequence in sequences]),
        action=named(names, [sequence.action for sequence in sequences]),
        sequence=named(names, [f"{sequence.action} {sequence.number}" for sequence in sequences]),
        camera=named(views, camera_names.astype(str)),
    )


class _Sequence(NamedTuple):
    """Which sequence a pose belongs to, such as `S9`, `Greeting`, `2`."""

    subject: str
    action: str
    number: str


def _sequence(source: str, origin: str) -> _Sequence:
    """The sequence that a text such as `s_09_act_05_subact_02_ca_01` names: here S9, Greeting 2."""
    match = SOURCE.fullmatch(source)
    action = int(match[2]) - FIRST_ACTION if match else -1
    if match is None or not 0 <= action < len(ACTIONS):
        raise UserError(
            f"{origin}: `source` must hold names such as s_09_act_05_subact_02_ca_01, but one is {source[:40]!r}; "
            "export it again"
        )
    return _Sequence(f"S{match[1]}", ACTIONS[action], match[3])

"""Plain arrays in `.npy`, `.npz` and `.parquet` files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from acai_ray.common.errors import UserError
from acai_ray.poses import checks, joint_sets
from acai_ray.poses.index import NAME_COLUMNS, index_of, named
from acai_ray.poses.joint_sets import JointSet
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.recording import Progress, Recording, Source, Up
from acai_ray.poses.splits import SPLITS, Split
from acai_ray.poses.untrusted import npz, parquet

FORM = "an .npy, .npz or .parquet of `poses` (N, 17, 3)"
KNOWN = (
    *("poses", "frame", "keep10", "up_axis", "units", "fps", "split", "sequence_descriptions"),
    *("acknowledgment", "synthetic"),
    *NAME_COLUMNS,
    *(f"{name}_names" for name in NAME_COLUMNS),
)


def recognise(path: Path) -> bool:
    """Whether `path` is an array file, an archive with `poses`, or a Parquet file."""
    return npz.starts_with(path, npz.NPY_MAGIC) or npz.starts_with(path, parquet.MAGIC) or "poses" in npz.members(path)


def read(path: Path, options: LoadOptions, progress: Progress) -> Source:  # noqa: ARG001
    """One recording; a converted file also holds an acknowledgment and says whether its people are computed.

    Where it names no subject, it is one person's, who is called like the file.
    """
    arrays, joints = _arrays(path), joint_sets.chosen(options.joints)
    return Source(
        [_recording(arrays, path.name, joints, subject=path.stem)],
        acknowledgment=_constant(arrays, "acknowledgment", path.name) or "",
        synthetic=_constant(arrays, "synthetic", path.name) == "true",
        notes=[joints.note] if joints else [],
    )


def recording(path: Path, part: Split, joints: JointSet | None) -> Recording:
    """The poses of a file that belongs to one part; where it names no subject, the part's name is the subject.

    Args:
        path: the file.
        part: the part that all its people belong to.
        joints: what its joints are, unless they are Human3.6M's 17.
    """
    return _recording(_arrays(path), path.name, joints, part, subject=part)


def sequence(path: Path, origin: str, subject: str, name: str, joints: JointSet | None) -> Recording:
    """The poses of a file that is one of many.

    Args:
        path: the file.
        origin: what messages call it.
        subject: whose it is, unless it says so itself.
        name: its sequence, unless it names any.
        joints: what its joints are, unless they are Human3.6M's 17.
    """
    return _recording(_arrays(path), origin, joints, subject=subject, sequence=name)


def _recording(
    arrays: Mapping[str, Any], origin: str, joints: JointSet | None, part: Split | None = None, **given: str
) -> Recording:
    """The poses of one file; `given` are names that hold where the file has no such column.

    Besides `poses` it may hold `subject`, `sequence`, `action`, `camera`, `frame` and `split` with one value for each
    pose (numbers may point into `subject_names` and so on); `keep10`, true for the poses of a 10 fps subset, which are
    then taken by default; `up_axis`, which says that the axes are a world's; `units`; and `fps`. In Parquet, `poses` is
    a column of lists, and the last three are in the schema's metadata.
    """
    if "poses" not in arrays:
        raise UserError(f"{origin}: poses must be in an array `poses`, but there is none; rename the column")
    stored = np.asarray(arrays["poses"])
    poses = checks.as_joints(joints.seventeen(stored, origin) if joints else stored, origin)
    columns = {name: _column(arrays, name, len(poses), origin) for name in NAME_COLUMNS}
    names = given | {name: column for name, column in columns.items() if column is not None}
    index = index_of(len(poses), frame=_per_pose(arrays, "frame", len(poses), origin), **names)
    return Recording(
        origin=origin,
        poses=poses,
        index=index,
        up=_up_axis(arrays, origin),
        unit=_choice(arrays, "units", tuple(checks.METRES), origin) or "m",
        fps=_rate(arrays, origin),
        keep=_per_pose(arrays, "keep10", len(poses), origin),
        parts=dict.fromkeys(index["subject"].unique(), part) if part else _parts(arrays, index["subject"], origin),
    )


def _parts(arrays: Mapping[str, Any], subject: pd.Series, origin: str) -> dict[str, Split]:
    column = _column(arrays, "split", len(subject), origin)
    if column is None:
        return {}
    # each pair of a subject and a part is coded as one number, so that millions of poses have few distinct ones
    codes = np.unique(subject.cat.codes.to_numpy(np.int64) * len(column.categories) + column.codes)
    people, written_parts = np.divmod(codes, len(column.categories))
    pairs = zip(subject.cat.categories[people].astype(str), column.categories[written_parts].astype(str), strict=True)
    parts: dict[str, Split] = {}
    for name, written in pairs:
        part = next((part for part in SPLITS if part == written), None)
        if part is None:
            raise UserError(f"{origin}: `split` must be one of {', '.join(SPLITS)}, but is {written!r}; correct it")
        if parts.setdefault(name, part) != part:
            raise UserError(f"{origin}: a subject must belong to one part, but {name!r} is in two; correct `split`")
    return parts


def _rate(arrays: Mapping[str, Any], origin: str) -> float | None:
    written = _constant(arrays, "fps", origin)
    if written is None:
        return None
    try:
        fps = float(written)
    except ValueError:
        fps = 0.0
    if not 0 < fps < 100_000:
        raise UserError(f"{origin}: `fps` must be a number above 0, but is {written}; correct it")
    return fps


def _constant(arrays: Mapping[str, Any], name: str, origin: str) -> str | None:
    """The one value of an array as text; None where there is no such array."""
    if name not in arrays:
        return None
    values = np.ravel(np.asarray(arrays[name]))
    if len(values) != 1:
        raise UserError(f"{origin}: `{name}` must hold one value, but holds {len(values)}; correct it or leave it out")
    return str(values[0])


def _arrays(path: Path) -> dict[str, Any]:
    arrays = _as_saved(path)
    for name, array in arrays.items():
        objects = array.ravel() if isinstance(array, np.ndarray) and array.dtype == object else ()
        if name == "poses" and isinstance(array, np.ndarray) and array.dtype == object and array.shape == ():
            raise UserError(
                f"{path.name}: `poses` must be an array of numbers, but is one object; save the array itself"
            )
        if not all(value is None or isinstance(value, str | bytes | int | float) for value in objects):
            raise UserError(f"{path.name}: `{name}` must hold numbers or names, but holds other objects; save it again")
    return arrays


def _as_saved(path: Path) -> dict[str, Any]:
    if npz.starts_with(path, parquet.MAGIC):
        return parquet.read(path, KNOWN)
    return {"poses": npz.read_npy(path)} if npz.starts_with(path, npz.NPY_MAGIC) else npz.read_npz(path, KNOWN)


def _column(arrays: Mapping[str, Any], name: str, count: int, origin: str) -> pd.Categorical | None:
    values, names = _per_pose(arrays, name, count, origin), arrays.get(f"{name}_names")
    if values is None and name == "action" and "sequence_descriptions" in arrays:
        values, names = _per_pose(arrays, "sequence", count, origin), arrays["sequence_descriptions"]
    if values is None:
        return None
    if names is not None:
        return _looked_up(np.asarray(values), np.asarray(names), name, origin)
    is_categorical = isinstance(values, pd.Categorical)
    codes, unique = (values.codes, values.categories) if is_categorical else pd.factorize(values)
    names = [_name(value) for value in unique]
    if name == "subject":  # blanks around a person's name do not belong to it
        names = [person.strip("\0 \t\n") for person in names]
    nobody = np.array([name == "subject" and value == "" and len(names) > 1 for value in names], dtype=bool)
    nameless = codes < 0 if len(names) == 0 else (codes < 0) | nobody[codes]
    if nameless.any():
        raise UserError(f"{origin}: every pose must have its {name}, but pose {nameless.argmax()} has none; fill it in")
    return named(codes, names)


def _name(value: Any) -> str:
    """A name as text; 1 and 1.0 are the same name, as are bytes and their text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _looked_up(codes: Any, names: Any, name: str, origin: str) -> pd.Categorical:
    if codes.dtype.kind not in "iu" or codes.min() < 0 or codes.max() >= len(names):
        raise UserError(
            f"{origin}: `{name}` must point into {len(names)} names, but holds {codes.min()} to {codes.max()}; "
            "correct it or leave the names out"
        )
    return named(codes, names)


def _per_pose(arrays: Mapping[str, Any], name: str, count: int, origin: str) -> Any:
    if name not in arrays:
        return None
    values = arrays[name] if isinstance(arrays[name], pd.Categorical) else np.asarray(arrays[name])
    if values.shape != (count,):
        raise UserError(
            f"{origin}: `{name}` must hold a value for each of {count} poses, but its shape is {values.shape}; "
            "correct it or leave it out"
        )
    if name == "frame":
        _refuse_frames(values, origin)
    if name == "keep10" and values.dtype != np.bool_:
        raise UserError(f"{origin}: `keep10` must hold true or false, but is {values.dtype}; save it as bool")
    return values


def _refuse_frames(values: Any, origin: str) -> None:
    if values.dtype.kind not in "iu":
        raise UserError(f"{origin}: `frame` must hold whole numbers, but is {values.dtype}; save it as int32")
    low, high = int(values.min()), int(values.max())
    if low < -(2**31) or high >= 2**31:
        raise UserError(
            f"{origin}: `frame` must lie within 32 bits, but goes from {low} to {high}; number the frames from 0"
        )


def _up_axis(arrays: Mapping[str, Any], origin: str) -> Up | None:
    axis = _choice(arrays, "up_axis", ("y", "z"), origin)
    return "y" if axis == "y" else "z" if axis == "z" else None


def _choice(arrays: Mapping[str, Any], name: str, allowed: tuple[str, ...], origin: str) -> str | None:
    written = _constant(arrays, name, origin)
    if written is None:
        return None
    value = written.lower().removeprefix("+")
    if value not in allowed:
        raise UserError(f"{origin}: `{name}` must be one of {', '.join(allowed)}, but is {value!r}; correct it")
    return value

"""Rules for single poses; breaking one raises an error with file, rule, value and remedy."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.errors import RuleError
from acai_ray.common.skeleton import BONES, JOINTS, N_JOINTS, PARENTS, POSE_DIM
from acai_ray.poses.shapes import remedy_for

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
"""Metres in one unit."""
MEDIAN_BONE = (0.1, 0.6)
"""Metres between which the median bone of people must lie."""
LONGEST_BONE = 1.0
"""Length of the longest bone that is accepted, metres."""
SHORTEST_BODY = 1.0
"""Least length of the 16 bones of a body together, metres; an adult's are about 4 m."""
REACH = 3.0
"""Distance from the pelvis along an axis that every joint must stay below, metres."""
SAMPLE = 50_000
"""About how many poses are looked at where a check takes an average."""
ORDER = (
    "the joints are probably in another order, so bring them into Human3.6M's; of MPI-INF-3DHP's or COCO's 17, give "
    "--joints mpi17 or coco17"
)
"""The remedy where joints are in another order."""
LEAVE_OUT = "leave such poses out"


def as_joints(poses: NDArray[Any], origin: str) -> NDArray[Any]:
    """Poses `(N, 17, 3)` or `(N, 51)` as `(N, 17, 3)`.

    Raises:
        RuleError: they have another shape, are no numbers, or there are none.
    """
    if poses.dtype.kind not in "fiu":
        raise RuleError(
            origin, rule="poses must be numbers", value=f"their type is {poses.dtype}", remedy="save them as float32"
        )
    if poses.ndim not in (2, 3) or poses.shape[1:] not in ((N_JOINTS, 3), (POSE_DIM,)):
        raise RuleError(
            origin,
            rule="poses must have the shape (N, 17, 3) or (N, 51)",
            value=f"have {poses.shape}",
            remedy=remedy_for(poses.shape),
        )
    if len(poses) == 0:
        raise RuleError(origin, rule="a file must hold at least one pose", value="holds none", remedy="leave it out")
    return poses.reshape(-1, N_JOINTS, 3)


def refuse_nonfinite(poses: NDArray[Any], index: pd.DataFrame, rows: NDArray[np.int64], origin: str) -> None:
    """Refuse NaN and infinity.

    Args:
        poses: `(N, 17, 3)` numbers.
        index: the recording's index.
        rows: `(N,)` the rows of `index` that the poses have.
        origin: the file, for messages.
    """
    if np.isfinite(poses).all():
        return
    pose, joint, axis = np.argwhere(~np.isfinite(poses))[0]
    where, number = _place(index, rows[pose]), poses[pose, joint, axis]
    raise RuleError(
        origin,
        rule="coordinates must be finite",
        value=f"the {JOINTS[joint]} of {where} has {'xyz'[axis]} = {number}",
        remedy=LEAVE_OUT,
    )


def missing_joints(poses: NDArray[Any]) -> NDArray[np.bool_]:
    """`(N, 16)`, which joints but the pelvis lie exactly in it or in the origin: no joint of a person does.

    Such are joints that a tracker did not find, written as zeros. Where all are, there is no body, which is another
    fault.

    Args:
        poses: `(N, 17, 3)` finite numbers.
    """
    others = poses[:, 1:]
    missing: NDArray[np.bool_] = (others == poses[:, :1]).all(axis=-1) | (others == 0).all(axis=-1)
    return missing & ~missing.all(axis=1, keepdims=True)


def refuse_missing_joints(poses: NDArray[Any], index: pd.DataFrame, rows: NDArray[np.int64], origin: str) -> None:
    """Refuse poses with a joint that was not found.

    Args:
        poses: `(N, 17, 3)` numbers, all poses of the recording as they are stored.
        index: the recording's index.
        rows: `(n,)` which of them are looked at; where one lacks a joint, the message counts all that do.
        origin: the file, for messages.
    """
    missing = missing_joints(poses[rows])
    if not missing.any():
        return
    elsewhere = (poses[:, 1:] == 0).all(axis=(0, 2))
    if elsewhere.sum() == 1 and poses[:, 0].any():
        raise RuleError(
            origin,
            rule="the pelvis must be the first joint",
            value=f"where the {JOINTS[int(elsewhere.argmax()) + 1]} should be, every pose has its origin",
            remedy=ORDER,
        )
    pose, joint = np.argwhere(missing)[0]
    count = int(missing_joints(poses).any(axis=1).sum())
    raise RuleError(
        origin,
        rule="joints must have places of their own",
        value=f"in {count:,} pose{'s' if count > 1 else ''} one lies exactly in the pelvis or the origin, as missing "
        f"joints do, first the {JOINTS[joint + 1]} of {_place(index, rows[pose])}",
        remedy=LEAVE_OUT,
    )


def centred(poses: NDArray[Any]) -> NDArray[Any]:
    """The poses with the pelvis at the origin, in float32 or a wider type."""
    with np.errstate(over="ignore", invalid="ignore"):
        moved: NDArray[Any] = np.subtract(poses, poses[:, :1], dtype=np.result_type(poses, np.float32))
    return moved


def refuse_wrong_unit(poses: NDArray[Any], metres: float, origin: str) -> None:
    """Refuse poses whose median bone does not have a person's length.

    Args:
        poses: `(N, 17, 3)` finite numbers.
        metres: in one unit of them.
        origin: the file, for messages.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        stored = float(np.median(bone_lengths(centred(sample(poses)))))
    low, high = MEDIAN_BONE
    bone = metres * stored
    if not low < bone < high:
        unit = next((unit for unit, factor in METRES.items() if low < stored * factor < high), None)
        raise RuleError(
            origin,
            rule="poses must be in metres",
            value=f"the median bone is {bone:.4g} long",
            remedy=f"give --unit {unit}" if unit else "scale them",
        )


def refuse_impossible_bodies(poses: NDArray[Any], index: pd.DataFrame, rows: NDArray[np.int64], origin: str) -> None:
    """Refuse poses that nobody can take: a joint too far away, a bone too long, or bones too short for a body.

    Args:
        poses: `(N, 17, 3)` metres, pelvis at the origin.
        index: the recording's index.
        rows: `(N,)` the rows of `index` that the poses have.
        origin: the file, for messages.
    """
    farthest = np.abs(poses).max(axis=(1, 2))
    if not farthest.max() < REACH:
        worst = int(farthest.argmax())
        raise RuleError(
            origin,
            rule=f"joints must lie within {REACH:g} m of the pelvis",
            value=f"those of {_place(index, rows[worst])} reach {farthest[worst]:.4g} m",
            remedy=LEAVE_OUT,
        )
    bones = bone_lengths(poses)
    if bones.max() > LONGEST_BONE:
        worst, bone = divmod(int(bones.argmax()), len(BONES))
        where = f"that to the {JOINTS[BONES[bone][0]]} of {_place(index, rows[worst])}"
        raise RuleError(
            origin,
            rule=f"a bone must be at most {LONGEST_BONE:g} m long",
            value=f"{where} has {bones.max():.4g} m",
            remedy=LEAVE_OUT,
        )
    body = bones.sum(axis=1)
    if body.min() < SHORTEST_BODY:
        worst = int(body.argmin())
        raise RuleError(
            origin,
            rule=f"the bones of a body must be at least {SHORTEST_BODY:g} m long together",
            value=f"those of {_place(index, rows[worst])} are {body[worst]:.4g} m",
            remedy=LEAVE_OUT,
        )


def bone_lengths(poses: NDArray[Any]) -> NDArray[Any]:
    """`(N, 16)` lengths of the bones of `(N, 17, 3)` poses, in their unit."""
    bones = poses[:, 1:] - poses[:, PARENTS[1:]]
    lengths: NDArray[Any] = np.sqrt(np.einsum("nbc,nbc->nb", bones, bones))
    return lengths


def sample(poses: NDArray[Any]) -> NDArray[Any]:
    """About `SAMPLE` of the poses, evenly spaced; all where they are fewer."""
    return poses[:: max(1, len(poses) // SAMPLE)]


def _place(index: pd.DataFrame, place: np.int64) -> str:
    row = int(place)
    at = index.iloc[row]
    known = [f"{name} {at[name]}" for name in ("subject", "sequence", "frame") if at[name] != ""]
    return f"pose {index.index[row]} ({', '.join(known)})"

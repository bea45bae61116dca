"""What every loaded pose must satisfy; each failure is one sentence that names file, place, rule, value and remedy."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import BONES, JOINTS, N_JOINTS, PARENTS, POSE_DIM

METRES = {"m": 1.0, "cm": 0.01, "mm": 0.001}
MEDIAN_BONE = (0.1, 0.6)
"""Metres between which the median bone of people must lie."""
LONGEST_BONE = 1.0
"""Metres that no bone exceeds."""
SHORTEST_BODY = 1.0
"""Metres that the 16 bones of anybody exceed together; an adult's are about 4."""
REACH = 3.0
"""Metres from the pelvis that no joint reaches."""
SAMPLE = 50_000
"""Poses looked at, about, where an average is asked for."""
LIMBS = [bone for bone, (child, _) in enumerate(BONES) if JOINTS[child].endswith(("knee", "ankle", "elbow", "wrist"))]
"""Thighs, shins, upper arms and forearms, as places in `BONES`."""
LOOSEST_LIMB = 0.5
"""Share of its median by which the quartiles of a limb's length may differ."""
SHORTEST_LIMB = 0.05
"""Metres that the median length of anybody's forearm exceeds."""
STILL = 1e-4
"""Metres by which poses differ at least that are not one pose; more than the rounding of where it stands in a room."""
MIN_UPRIGHT = 0.2
"""Least mean height of the head over its mean distance from the pelvis."""
AXES = "give --frame camera where y points down, or --frame world with --up y or --up z"
BENT_KNEE = 0.06
"""Metres between knee and the middle of hip and ankle, from which on the direction of the bend is certain."""
ENOUGH_BENT_KNEES = 20

HEAD, THORAX = JOINTS.index("head"), JOINTS.index("thorax")
RIGHT_LEG, LEFT_LEG = (1, 2, 3), (4, 5, 6)
RIGHT_ARM, LEFT_ARM = JOINTS.index("right_shoulder"), JOINTS.index("left_shoulder")


def joints(poses: NDArray[Any], origin: str) -> NDArray[Any]:
    """The poses as `(N, 17, 3)`, refused where they are not that many numbers."""
    if poses.dtype.kind not in "fiu":
        raise UserError(f"{origin}: poses must be numbers, but their type is {poses.dtype}; save them as float32")
    if poses.ndim not in (2, 3) or poses.shape[1:] not in ((N_JOINTS, 3), (POSE_DIM,)):
        raise UserError(
            f"{origin}: poses must have the shape (N, 17, 3) or (N, 51), but have {poses.shape}; {_reshaped(poses)}"
        )
    if len(poses) == 0:
        raise UserError(f"{origin}: a file must hold at least one pose, but holds none; leave it out")
    return poses.reshape(-1, N_JOINTS, 3)


def _reshaped(poses: NDArray[Any]) -> str:
    """The remedy for a wrong shape."""
    if poses.shape == (N_JOINTS, 3):
        return "give a single pose a first axis: poses[None]"
    if poses.shape[1:] == (3, N_JOINTS):
        return "exchange the last two axes"
    return "pick the 17 Human3.6M joints first"


def finite(poses: NDArray[Any], index: pd.DataFrame, rows: NDArray[np.int64], origin: str) -> None:
    """Refuse NaN and infinity; `rows` are the poses' places in `index`."""
    if np.isfinite(poses).all():
        return
    pose, joint, axis = np.argwhere(~np.isfinite(poses))[0]
    raise UserError(
        f"{origin}: coordinates must be finite, but the {JOINTS[joint]} of {_place(index, rows[pose])} has "
        f"{'xyz'[axis]} = {poses[pose, joint, axis]}; leave such poses out"
    )


def centred(poses: NDArray[Any]) -> NDArray[Any]:
    """The poses with the pelvis at the origin, in float32 or a wider type."""
    with np.errstate(over="ignore", invalid="ignore"):
        moved: NDArray[Any] = np.subtract(poses, poses[:, :1], dtype=np.result_type(poses, np.float32))
    return moved


def metric(poses: NDArray[Any], scale: float, origin: str) -> None:
    """Refuse poses whose median bone is not that of people in metres.

    Args:
        poses: `(N, 17, 3)` finite numbers.
        scale: metres in one unit of them.
        origin: the file, for messages.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        stored = float(np.median(bone_lengths(centred(some(poses)))))
    low, high = MEDIAN_BONE
    bone = scale * stored
    if not low < bone < high:
        unit = next((unit for unit, factor in METRES.items() if low < stored * factor < high), None)
        remedy = f"give --unit {unit}" if unit else "scale them"
        raise UserError(f"{origin}: poses must be in metres, but the median bone is {bone:.4g} long; {remedy}")


def of_people(poses: NDArray[Any], index: pd.DataFrame, rows: NDArray[np.int64], origin: str) -> None:
    """Refuse poses that nobody can take: a joint out of reach, a bone longer than any of a person's, or hardly a body.

    Args:
        poses: `(N, 17, 3)` metres, pelvis at the origin.
        index: the recording's.
        rows: their places in it.
        origin: the file, for messages.
    """
    farthest = np.abs(poses).max(axis=(1, 2))
    if not farthest.max() < REACH:
        worst = int(farthest.argmax())
        raise UserError(
            f"{origin}: joints must lie within {REACH:g} m of the pelvis, but those of {_place(index, rows[worst])} "
            f"reach {farthest[worst]:.4g} m; leave such poses out"
        )
    bones = bone_lengths(poses)
    if bones.max() > LONGEST_BONE:
        worst, bone = divmod(int(bones.argmax()), len(BONES))
        raise UserError(
            f"{origin}: a bone must be at most {LONGEST_BONE:g} m long, but that to the {JOINTS[BONES[bone][0]]} of "
            f"{_place(index, rows[worst])} has {bones.max():.4g} m; leave such poses out"
        )
    body = bones.sum(axis=1)
    if body.min() < SHORTEST_BODY:
        worst = int(body.argmin())
        raise UserError(
            f"{origin}: the bones of a body must be at least {SHORTEST_BODY:g} m long together, but those of "
            f"{_place(index, rows[worst])} are {body[worst]:.4g} m; leave such poses out"
        )


def bone_lengths(poses: NDArray[Any]) -> NDArray[Any]:
    """`(N, 16)` lengths of the bones of `(N, 17, 3)` poses, in their unit."""
    bones = poses[:, 1:] - poses[:, PARENTS[1:]]
    lengths: NDArray[Any] = np.sqrt(np.einsum("nbc,nbc->nb", bones, bones))
    return lengths


def some(poses: NDArray[Any]) -> NDArray[Any]:
    """About `SAMPLE` of the poses, evenly spaced; all where they are fewer."""
    return poses[:: max(1, len(poses) // SAMPLE)]


def upright(poses: NDArray[np.float32], origin: str, remedy: str = AXES) -> None:
    """Refuse poses in camera axes whose heads are not above the pelvis on average.

    A wrong up axis puts heads at the pelvis' height on average, so a fifth of the distance to the head is asked for.

    Args:
        poses: `(N, 17, 3)` metres.
        origin: whose they are, for messages.
        remedy: what may help.
    """
    head = poses[:, HEAD]
    height, distance = -float(head[:, 1].mean()), float(np.linalg.norm(head, axis=-1).mean())
    if height < MIN_UPRIGHT * distance:
        raise UserError(
            f"{origin}: heads must lie above the pelvis on average, but are {height:.2f} m above it at a distance of "
            f"{distance:.2f} m; {remedy}"
        )


def not_mirrored(poses: NDArray[np.float32], origin: str) -> None:
    """Refuse poses whose knees bend backwards or whose arms are on the other side than their legs.

    Left and right are exchanged then, or an axis is mirrored. Needs right-handed axes. In motion capture of 36 people
    at least 89 % of anybody's bent knees pointed forwards, and shoulders were turned against the hips in 0.02 % of
    the poses.
    """
    hips, shoulders = poses[:, RIGHT_LEG[0]] - poses[:, LEFT_LEG[0]], poses[:, RIGHT_ARM] - poses[:, LEFT_ARM]
    twisted = float(((hips * shoulders).sum(axis=-1) < 0).mean())
    if twisted > 0.5:
        raise UserError(
            f"{origin}: shoulders must be on the side of their hips, but are not in {twisted:.0%} of the poses; "
            "left and right are exchanged in arms or legs, so exchange those joints"
        )
    forward = np.cross(poses[:, THORAX], hips)
    bends = np.concatenate(
        [poses[:, knee] - (poses[:, hip] + poses[:, ankle]) / 2 for hip, knee, ankle in (RIGHT_LEG, LEFT_LEG)]
    )
    bent = np.linalg.norm(bends, axis=-1) > BENT_KNEE
    backwards = (bends * np.concatenate([forward, forward])).sum(axis=-1)[bent] < 0
    if len(backwards) >= ENOUGH_BENT_KNEES and backwards.mean() > 0.5:
        raise UserError(
            f"{origin}: knees must bend forwards, but {backwards.mean():.0%} of the bent ones do not; "
            "left and right are exchanged or one axis is mirrored, so exchange the joints or negate that axis"
        )


def rigid(poses: NDArray[np.float32], origin: str) -> None:
    """Refuse a person whose arms and legs change their length, or have none: a wrong order of joints, a garbled file.

    In motion capture these bones are constant; where poses are estimated from pictures, half of them lie within some
    10 % of each other.
    """
    lengths = bone_lengths(poses)[:, LIMBS]
    low, middle, high = np.quantile(lengths, (0.25, 0.5, 0.75), axis=0)
    if middle.min() < SHORTEST_LIMB:
        raise UserError(
            f"{origin}: limbs must be at least {SHORTEST_LIMB:g} m long, but the one to the "
            f"{JOINTS[BONES[LIMBS[int(middle.argmin())]][0]]} has {middle.min():.2g} m; give each joint its own place"
        )
    excess = high - low - LOOSEST_LIMB * middle
    worst = int(excess.argmax())
    if excess[worst] > 0:
        raise UserError(
            f"{origin}: bones must keep their length, but the one to the {JOINTS[BONES[LIMBS[worst]][0]]} is below "
            f"{low[worst]:.2f} m in a quarter of the poses and above {high[worst]:.2f} m in another; bring the joints "
            "into Human3.6M's order, or export the file again"
        )


def varied(poses: NDArray[np.float32], origin: str) -> None:
    """Refuse one pose repeated, as one camera sees it."""
    if len(poses) > 1 and np.ptp(poses, axis=0).max() < STILL:
        raise UserError(f"{origin}: poses must differ, but all {len(poses)} are the same; export them again")


def _place(index: pd.DataFrame, place: np.int64) -> str:
    row = int(place)
    at = index.iloc[row]
    known = [f"{name} {at[name]}" for name in ("subject", "sequence", "frame") if at[name] != ""]
    return f"pose {index.index[row]} ({', '.join(known)})"

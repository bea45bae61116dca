"""What an array of another shape than `(N, 17, 3)` probably is, and how poses are made of it."""

from collections.abc import Mapping

from acai_ray.common.skeleton import N_JOINTS, POSE_DIM
from acai_ray.poses import joint_sets

Shape = tuple[int, ...]

OTHER_SETS: Mapping[int, str] = {
    13: "13 joints without a trunk, as in Penn Action",
    14: "the 14 joints of LSP or of SMPL evaluations, without spine and pelvis",
    16: "MPII's 16",
    18: "OpenPose's 18 joints",
    19: "Panoptic's 19 joints",
    20: "Kinect v1's 20 joints",
    21: "KIT's 21 joints",
    25: "OpenPose's 25 joints",
}
"""What else arrays with so many joints hold most often, beside the named sets."""
ROTATIONS = {66, 72, 156, 165}
"""Numbers a frame of the rotations of SMPL, SMPL-H and SMPL-X."""


def remedy_for(shape: Shape) -> str:
    """What to do with an array of numbers that is no array of poses.

    Args:
        shape: its shape, which is neither `(N, 17, 3)` nor `(N, 51)`.
    """
    if shape == (N_JOINTS, 3):
        return "give a single pose a first axis: poses[None]"
    if shape in ((POSE_DIM,), (1, 1, POSE_DIM)):
        return "give a single pose a first axis: poses.reshape(1, 17, 3)"
    if len(shape) == 3:
        return _of_three(shape)
    if len(shape) == 4:
        return _of_four(shape)
    if len(shape) == 2 and shape[1] in ROTATIONS:
        return _of_smpl(shape[1])
    if len(shape) == 2 and shape[1] == 2 * N_JOINTS:
        return _flat()
    if len(shape) == 2 and shape[1] % 3 == 0 and _known(shape[1] // 3):
        return _other_joints(shape[1] // 3)
    return "save one array of poses with the axes pose, joint, coordinate"


def _of_smpl(numbers: int) -> str:
    or_joints = f"; where they are coordinates, {_other_joints(numbers // 3)}" if _known(numbers // 3) else ""
    return (
        "these look like SMPL's rotations, which are no joints: compute the joints of rotations with the body model "
        f"(such as the package smplx) and give --joints smpl24{or_joints}"
    )


def _of_three(shape: Shape) -> str:
    count, joints, axes = shape
    if (joints, axes) == (3, N_JOINTS):
        return "exchange the last two axes: poses.transpose(0, 2, 1)"
    if (count, axes) == (N_JOINTS, 3):
        return "bring the poses to the front: poses.transpose(1, 0, 2)"
    if axes == 2:
        return _flat()
    if (joints, axes) == (N_JOINTS, 4):
        return "leave the fourth number of each joint out: poses[..., :3]"
    if axes == POSE_DIM:
        return "join clips and frames: poses.reshape(-1, 17, 3)"
    if axes == 3:
        return _other_joints(joints)
    return "save one array of poses with the axes pose, joint, coordinate"


def _of_four(shape: Shape) -> str:
    if shape[2:] == (N_JOINTS, 2):
        return _flat()
    if shape[2:] != (N_JOINTS, 3):
        joined = (shape[0] * shape[1], *shape[2:])
        return f"join the first two axes, poses.reshape{(-1, *shape[2:])}; then {remedy_for(joined)}"
    if shape[1] == 1:
        return "leave the axis of one person or frame out: poses[:, 0]"
    if shape[0] == 1:
        return "leave the first axis out: poses[0]"
    return (
        "join clips and frames, poses.reshape(-1, 17, 3), with `subject` and `sequence` for each pose beside it; where "
        "the second axis counts people, save each person's poses as a file"
    )


def _flat() -> str:
    return "these are 2D, but 3D poses are needed: save what a lifter to 3D makes of them"


def _known(joints: int) -> bool:
    return bool(joint_sets.with_joints(joints)) or joints in OTHER_SETS


def _other_joints(joints: int) -> str:
    """What poses of so many joints may be, and what to give; never chosen silently, for several sets share a number."""
    sets, other = joint_sets.with_joints(joints), OTHER_SETS.get(joints)
    if not sets:
        looks = f"these look like {other}" if other else f"these have {joints} joints"
        return f"{looks}; say where Human3.6M's 17 are among them with --joints joints.yml"
    named = " or ".join(f"{each.title} (give --joints {each.name})" for each in sets)
    rest = f", or {other} (say where Human3.6M's 17 are with --joints joints.yml)" if other else ""
    return f"these look like {named}{rest}"

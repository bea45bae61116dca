"""What an array of another shape than `(N, 17, 3)` probably is, and how poses are made of it."""

from collections.abc import Mapping

from acai_ray.common.skeleton import N_JOINTS, POSE_DIM

Shape = tuple[int, ...]

JOINT_SETS: Mapping[int, str] = {
    13: "13 joints without a trunk, as in Penn Action",
    14: "the 14 joints of LSP or of SMPL evaluations, without spine and pelvis",
    15: "HumanEva's or MuPoTS-3D's 15 joints",
    16: "Human3.6M's 16 joints without neck/nose, or MPII's 16",
    18: "OpenPose's 18 joints",
    19: "Panoptic's 19 joints",
    20: "Kinect v1's 20 joints",
    21: "KIT's 21 joints",
    22: "SMPL's 22 body joints (AMASS, HumanML3D)",
    24: "SMPL's 24 joints",
    25: "Kinect v2's or OpenPose's 25 joints",
    28: "MPI-INF-3DHP's 28 joints",
    32: "all 32 joints of Human3.6M",
    33: "MediaPipe's 33 landmarks",
}
"""What arrays with so many joints hold most often."""
COMPLETED = "put a neck/nose between thorax and head, `poses[:, [8, 9]].mean(axis=1)`, in as joint 9"
"""The 16 joints of SemGCN and PoseAug are Human3.6M's 17 without joint 9."""
RECORDED = "0, 1, 2, 3, 6, 7, 8, 12, 13, 14, 15, 17, 18, 19, 25, 26, 27"
"""Places of the 17 among the 32 recorded joints."""
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
    if len(shape) == 2 and shape[1] % 3 == 0 and shape[1] // 3 in JOINT_SETS:
        return _other_joints(shape[1] // 3)
    return "save one array of poses with the axes pose, joint, coordinate"


def _of_smpl(numbers: int) -> str:
    joints = numbers // 3
    or_joints = f", or like {JOINT_SETS[joints]}, three numbers each" if joints in JOINT_SETS else ""
    return (
        f"these look like SMPL's rotations, which are no joints{or_joints}: compute the joints of rotations with the "
        "body model (such as the package smplx), and save the 17 of Human3.6M's order"
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
    if axes == 3 and joints == 16:
        return f"{_looks_like(joints)}; where they are the former, {COMPLETED}; else bring them into Human3.6M's order"
    if axes == 3 and joints == 32:
        return f"these look like {JOINT_SETS[32]}; pick the 17: poses[:, [{RECORDED}]]"
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


def _other_joints(joints: int) -> str:
    if joints < N_JOINTS:
        return f"{_looks_like(joints)}; compute Human3.6M's 17 of them, with pelvis, spine, thorax, neck and head"
    return f"{_looks_like(joints)}; pick or compute Human3.6M's 17 of them, in their order"


def _looks_like(joints: int) -> str:
    known = JOINT_SETS.get(joints)
    return f"these look like {known}" if known else f"these have {joints} joints"

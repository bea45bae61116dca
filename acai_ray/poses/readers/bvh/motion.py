"""From a BVH clip to the 17 joints of every frame: first the bones at rest, then their rotations."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import JOINTS
from acai_ray.poses.derived_joints import head_along_neck
from acai_ray.poses.readers.bvh.joint_map import JointMap, ancestors
from acai_ray.poses.readers.bvh.measures import leg_length
from acai_ray.poses.readers.bvh.text import Array, Clip
from acai_ray.poses.readers.bvh.turning import columns_of, turned

AT_ONCE = 4_000
"""Frames turned at once, which bounds the memory."""
WHOLE_DEGREE = 0.01
"""Degrees by which a rotation may differ from a whole number of degrees and still count as it."""
RESTING = 0.75
"""Least share of rotations that are 0 in a rest pose; a T-pose takes a few more, of whole degrees."""
STRETCH = 0.02
"""How far position channels may move a joint in its parent's frame, as a share of a leg."""
SIDEWAYS = 0.35
"""Cosine between head and neck below which a head sticks out: 70°; in motion capture the angle is 3 to 29°."""
PELVIS, SPINE, THORAX, NECK, HEAD = (JOINTS.index(name) for name in ("pelvis", "spine", "thorax", "neck", "head"))


class _Between(NamedTuple):
    """A point on the line from one node to another, at this share of the way."""

    below: int
    above: int
    share: float


@dataclass(frozen=True, eq=False)
class Rig:
    """A clip and its bones.

    Attributes:
        clip: the file.
        joints: where the Human3.6M joints are in it.
        needed: the nodes of the map and all above them, parents first.
        offsets: `(N, 3)` each node in its parent's frame, in the file's unit.
        spine: where the spine is; None where it is halfway between pelvis and thorax.
    """

    clip: Clip
    joints: JointMap
    needed: tuple[int, ...]
    offsets: Array
    spine: _Between | None = None

    @property
    def leg(self) -> float:
        """Length of thigh and shin at rest, in the file's unit."""
        return leg_length(_seventeen(_at_rest(self)[None], self))


def rig(clip: Clip, joints: JointMap, origin: str) -> Rig:
    """The clip with its bones.

    Raises:
        UserError: a bone changes its length, or the legs have none.
    """
    mapped = {node for nodes in joints.points.values() for node in nodes}
    needed = tuple(sorted({above for node in mapped for above in ancestors(clip, node)}))
    shared = set.intersection(*(set(ancestors(clip, node)) for node in mapped))
    bones = Rig(clip, joints, needed, _offsets(clip, joints, set(needed) - shared, origin))
    if not bones.leg > 0:
        raise UserError(f"{origin}: legs must have a length, but thigh and shin have none; export the skeleton again")
    return Rig(clip, joints, needed, bones.offsets, _middle(bones))


def resting(bones: Rig) -> int:
    """How many frames at the start show the rest pose, or a T-pose that somebody set by hand.

    In such a frame every rotation below the root is a whole number of degrees and most are 0, which recorded rotations
    are not.
    """
    clip = bones.clip
    columns = [column for node in bones.needed[1:] for column in columns_of(clip, node, "rotation").values()]
    rotations = clip.motion[:, columns]
    whole = (np.abs(rotations - np.rint(rotations)) < WHOLE_DEGREE).all(axis=1)
    still = (np.abs(rotations) < WHOLE_DEGREE).sum(axis=1) >= RESTING * len(columns)
    moving = np.flatnonzero(~(whole & still))
    return int(moving[0]) if len(moving) else len(rotations)


def positions(bones: Rig, origin: str) -> NDArray[np.float32]:
    """`(F, 17, 3)` joints around the pelvis, in the file's unit and axes.

    Where the map does not say it, the pelvis is the middle of the hips, the spine is the point of the backbone halfway
    up to the thorax, and the top of the head lies on the line through thorax and neck.
    """
    poses = np.empty((len(bones.clip.motion), len(JOINTS), 3), dtype=np.float32)
    for start in range(0, len(poses), AT_ONCE):
        rows = slice(start, start + AT_ONCE)
        poses[rows] = _seventeen(turned(bones.clip, bones.needed, bones.offsets, rows, origin), bones)
    return poses


def straighten_heads(poses: NDArray[np.float32]) -> bool:
    """Continue heads along the neck, in place, where they stick out sideways from it in most poses.

    Some programs write the end of the head along a wrong axis.

    Args:
        poses: `(F, 17, 3)` joints.

    Returns:
        Whether they did.
    """
    neck, head = poses[:, NECK] - poses[:, THORAX], poses[:, HEAD] - poses[:, NECK]
    lengths = np.linalg.norm(neck, axis=-1, keepdims=True), np.linalg.norm(head, axis=-1, keepdims=True)
    along = (neck * head).sum(axis=-1) / np.maximum((lengths[0] * lengths[1])[:, 0], 1e-12)
    if not np.median(along) < SIDEWAYS:
        return False
    poses[:, HEAD] = poses[:, NECK] + neck * (lengths[1] / np.maximum(lengths[0], 1e-12))
    return True


def _offsets(clip: Clip, joints: JointMap, moving: set[int], origin: str) -> Array:
    """The offsets, corrected by position channels below the root and by bones that the file's conversion left out.

    Position channels take the place of the offset. Where they are 0 in all frames the offset stays, because some
    programs write positions relative to it.
    """
    offsets = clip.offsets.copy()
    for node in moving:
        columns = columns_of(clip, node, "position")
        moved = clip.motion[:, list(columns.values())]
        if moved.any():
            _refuse_stretch(moved, clip, node, joints, origin)
            offsets[node, ["XYZ".index(axis) for axis in columns]] = np.median(moved, axis=0)
    for node, share in joints.left_out.items():
        inside = [child for child, parent in enumerate(clip.parents) if parent == node and not offsets[child].any()]
        offsets[inside] = share * offsets[node]
    return offsets


def _refuse_stretch(moved: Array, clip: Clip, node: int, joints: JointMap, origin: str) -> None:
    hip, ankle = joints.points["left_hip"][0], joints.points["left_ankle"][0]
    leg = sum(float(np.linalg.norm(clip.offsets[below])) for below in ancestors(clip, ankle) if below > hip)
    change = float(np.ptp(moved, axis=0).max())
    if change > STRETCH * leg:
        raise UserError(
            f"{origin}: bones must keep their lengths, but position channels move {clip.names[node][:40]!r} by "
            f"{change:.4g} beside its parent; export rotations only"
        )


def _at_rest(bones: Rig) -> Array:
    """`(N, 3)` positions of all nodes where no joint is turned, the root at the origin."""
    placed = bones.offsets.copy()
    placed[0] = 0
    for node, parent in enumerate(bones.clip.parents[1:], start=1):
        placed[node] += placed[parent]
    return placed


def _middle(bones: Rig) -> _Between | None:
    """The point of the backbone at rest that is halfway up, measured along the line from the pelvis to the thorax."""
    nodes = _at_rest(bones)
    line = _seventeen(nodes[None], bones)[0, THORAX]
    if "spine" in bones.joints.points or len(bones.joints.points["thorax"]) > 1 or not line.any():
        return None
    backbone = ancestors(bones.clip, bones.joints.points["thorax"][0])
    done = (nodes[backbone] - _pelvis(nodes[None], bones.joints)[0]) @ line / (line @ line)
    above = int(np.argmax(done >= 0.5))
    if above == 0:
        return None
    share = (0.5 - done[above - 1]) / (done[above] - done[above - 1])
    return _Between(backbone[above - 1], backbone[above], float(share))


def _seventeen(nodes: Array, bones: Rig) -> Array:
    """The Human3.6M joints `(F, 17, 3)` of nodes `(F, N, 3)`, around the pelvis."""
    points = bones.joints.points
    poses = np.empty((len(nodes), len(JOINTS), 3))
    for joint, places in points.items():
        poses[:, JOINTS.index(joint)] = nodes[:, places].mean(axis=1)
    poses[:, PELVIS] = _pelvis(nodes, bones.joints)
    if "spine" not in points:
        poses[:, SPINE] = _spine(nodes, poses, bones)
    if "head" not in points:
        poses[:, HEAD] = head_along_neck(poses, leg_length(poses))
    return poses - poses[:, :1]


def _pelvis(nodes: Array, joints: JointMap) -> Array:
    places = joints.points.get("pelvis")
    sides = [places] if places else [joints.points["right_hip"], joints.points["left_hip"]]
    middle: Array = np.mean([nodes[:, side].mean(axis=1) for side in sides], axis=0)
    return middle


def _spine(nodes: Array, poses: Array, bones: Rig) -> Array:
    if bones.spine is None:
        middle: Array = (poses[:, PELVIS] + poses[:, THORAX]) / 2
        return middle
    spine = bones.spine
    point: Array = (1 - spine.share) * nodes[:, spine.below] + spine.share * nodes[:, spine.above]
    return point

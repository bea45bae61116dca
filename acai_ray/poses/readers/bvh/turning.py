"""From the rotations of a BVH clip to the positions of its nodes, with pybvh."""

from collections.abc import Mapping, Sequence

import numpy as np

from acai_ray.poses.readers.bvh.text import Array, Clip
from acai_ray.poses.untrusted import binary_files


def turned(clip: Clip, needed: Sequence[int], offsets: Array, rows: slice, origin: str) -> Array:
    """Forward kinematics: `(F, N, 3)` positions of the needed nodes, the root at the origin; other nodes have 0.

    Args:
        clip: the file.
        needed: the nodes whose positions are needed and all above them, parents first.
        offsets: `(N, 3)` each node in its parent's frame.
        rows: the frames.
        origin: the file, for messages.

    Raises:
        UserError: pybvh is not installed.
    """
    pybvh = binary_files.library("pybvh", "BVH", origin)
    motion = clip.motion[rows]
    joints = [node for node in needed if clip.names[node]]
    turns = [_turn(columns_of(clip, node, "rotation"), motion) for node in joints]
    places: Mapping[int, int] = {node: place for place, node in enumerate(needed)} | {-1: -1}
    columns: Mapping[int, int] = {node: column for column, node in enumerate(joints)}
    topology = pybvh.FkTopology(
        offsets[list(needed)],
        np.array([places[clip.parents[node]] for node in needed], dtype=np.intp),
        np.array([columns.get(node, -1) for node in needed], dtype=np.intp),
        [order for order, _ in turns],
    )
    angles = np.radians(np.stack([degrees for _, degrees in turns], axis=1))
    nodes = np.zeros((len(motion), len(clip.names), 3))
    nodes[:, needed] = pybvh.frames_to_node_positions(topology, np.zeros((len(motion), 3)), angles)
    return nodes


def columns_of(clip: Clip, node: int, kind: str) -> dict[str, int]:
    """The axes of a node's position or rotation channels in their order, each with its column in `motion`."""
    first = clip.column(node)
    return {
        channel[0].upper(): first + place for place, channel in enumerate(clip.channels[node]) if channel.endswith(kind)
    }


def _turn(columns: Mapping[str, int], motion: Array) -> tuple[str, Array]:
    """The order in which a node turns about the axes, and `(F, 3)` degrees; 0 about an axis without a channel."""
    order = "".join(columns) + "".join(axis for axis in "XYZ" if axis not in columns)
    degrees = np.zeros((len(motion), 3))
    degrees[:, : len(columns)] = motion[:, list(columns.values())]
    return order, degrees

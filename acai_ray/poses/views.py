"""From world axes to the axes of virtual cameras."""

import numpy as np
from numpy.typing import NDArray

from acai_ray.poses.recording import Up

TO_Y_UP: dict[Up, NDArray[np.float64]] = {"y": np.eye(3), "z": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])}
"""Rotation to axes with y up: x stays, and z up has the viewer at -y."""

Y_UP_TO_CAMERA = np.diag([1.0, -1.0, -1.0])
"""A camera on the +z axis that looks back at the origin: x stays, y points down, z away from the viewer."""


def camera_rotations(up: Up, views: int) -> NDArray[np.float64]:
    """World-to-camera rotations of level cameras around the subject.

    The first stands in front of a subject that faces +z (or -y where z is up); each next one has walked 360° / views
    towards that subject's left.

    Returns:
        `(views, 3, 3)` proper rotations, exact where views divides 4.
    """
    yaw = 2 * np.pi * np.arange(views) / views
    cos, sin, zero, one = np.cos(yaw), np.sin(yaw), np.zeros(views), np.ones(views)
    turned = np.array([[cos, zero, -sin], [zero, one, zero], [sin, zero, cos]]).transpose(2, 0, 1)
    rotations: NDArray[np.float64] = np.round(Y_UP_TO_CAMERA @ turned @ TO_Y_UP[up], 15)
    return rotations


def camera_names(views: int) -> list[str]:
    """Names of those cameras: yaw in degrees."""
    return [f"yaw{360 * view / views:03.0f}" for view in range(views)]

"""Virtual cameras: rotations from world axes to the axes of cameras around a person."""

import numpy as np
from numpy.typing import NDArray

from acai_ray.poses.recording import Up

TO_Y_UP: dict[Up, NDArray[np.float64]] = {"y": np.eye(3), "z": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])}
"""Rotations to axes with y up: x stays; in a world with z up, the first camera stands at -y."""

Y_UP_TO_CAMERA = np.diag([1.0, -1.0, -1.0])
"""A camera on the +z axis that looks back at the origin: x stays, y points down, z away from the viewer."""


def camera_rotations(up: Up, views: int) -> NDArray[np.float64]:
    """World-to-camera rotations of level cameras around the subject.

    The first camera stands in front of a subject that faces +z (-y where z is up); each further one stands 360° / views
    farther around, towards that subject's left.

    Returns:
        `(views, 3, 3)` proper rotations; exact where `views` is 1, 2 or 4.
    """
    yaw = 2 * np.pi * np.arange(views) / views
    cos, sin, zero, one = np.cos(yaw), np.sin(yaw), np.zeros(views), np.ones(views)
    turned = np.array([[cos, zero, -sin], [zero, one, zero], [sin, zero, cos]]).transpose(2, 0, 1)
    rotations: NDArray[np.float64] = np.round(Y_UP_TO_CAMERA @ turned @ TO_Y_UP[up], 15)
    return rotations


def camera_names(views: int) -> list[str]:
    """The names of those cameras: their yaw in degrees, such as `yaw090`."""
    return [f"yaw{360 * view / views:03.0f}" for view in range(views)]

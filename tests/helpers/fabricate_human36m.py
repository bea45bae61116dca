"""What fabricated Human3.6M folders share; nothing here was recorded."""

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.poses.readers.human36m.conventions import JOINTS_17

SUBJECTS = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
GARBAGE = 7777.0
"""What the 15 unused joints hold."""


def world_mm(crowd):
    """`(N, 32, 3)` millimetres in a room with z up, from poses in the axes of a camera that looks along +y."""
    standing_at = [1500, -2000, 900]
    return thirty_two(1000 * crowd[..., [0, 2, 1]] * np.float32([1, 1, -1]) + np.float32(standing_at))


def thirty_two(poses):
    recorded = np.full((len(poses), 32, 3), GARBAGE, dtype=np.float32)
    recorded[:, JOINTS_17] = poses
    return recorded


def refuse(path, message, **options):
    """Loading must end in one sentence."""
    with pytest.raises(UserError, match=message) as caught:
        poses.load(path, **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)

"""Fabricated people in every supported form; nothing here was recorded."""

from functools import partial

import numpy as np
import pytest

from acai_ray import poses
from tests.helpers import every_form


@pytest.fixture(scope="session")
def synthetic():
    return poses.load("synthetic")


@pytest.fixture(scope="session")
def people(synthetic):
    """Camera-frame poses `(8, 68, 17, 3)` of eight people, from the front camera."""
    rows = (synthetic.index["camera"] == "yaw000").to_numpy()
    return synthetic.poses[rows].reshape(8, -1, 17, 3)[:, ::16]


@pytest.fixture(scope="session")
def standing():
    """One pose that faces a camera: its left hand is at the viewer's right, its head on top."""
    pose = np.zeros((17, 3), dtype=np.float32)
    pose[[1, 4]] = [[-0.1, 0, 0], [0.1, 0, 0]]
    pose[[2, 5]] = pose[[1, 4]] + [0, 0.4, -0.09]
    pose[[3, 6]] = pose[[2, 5]] + [0, 0.4, 0.09]
    pose[[7, 8, 9, 10]] = [[0, -0.25, 0], [0, -0.5, 0], [0, -0.6, -0.05], [0, -0.7, 0]]
    pose[[11, 14]] = pose[8] + [[0.18, 0.03, 0], [-0.18, 0.03, 0]]
    pose[[12, 15]] = pose[[11, 14]] + [[0.1, 0.26, 0], [-0.1, 0.26, 0]]
    pose[[13, 16]] = pose[[12, 15]] + [[0.1, 0.1, -0.2], [-0.1, 0.1, -0.2]]
    return pose


@pytest.fixture(scope="session")
def crowd(standing):
    """`(60, 17, 3)`: that pose with the left hand moved a little each time."""
    crowd = np.repeat(standing[None], 60, axis=0)
    crowd[:, 13, 1] += np.linspace(-0.05, 0.05, 60, dtype=np.float32)
    return crowd


@pytest.fixture(scope="session")
def crowd_y_up(crowd):
    """The crowd in a world with y up: x stays, the viewer is at +z."""
    return every_form.y_up(crowd)


@pytest.fixture(scope="session")
def crowd_z_up(crowd):
    """The crowd in a world with z up: x stays, the viewer is at -y."""
    return every_form.z_up(crowd)


@pytest.fixture
def write_videopose(tmp_path, crowd):
    """Write VideoPose3D's file with these subjects, or with this content."""
    return partial(every_form.write_videopose, tmp_path, crowd)

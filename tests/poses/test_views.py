"""Virtual cameras stand around the person, level and to the right side."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acai_ray import poses
from acai_ray.poses.views import camera_names, camera_rotations


@given(st.sampled_from(["y", "z"]), st.integers(1, 12))
def test_every_view_is_a_proper_rotation_that_keeps_up_up(up, views):
    rotations = camera_rotations(up, views)
    np.testing.assert_allclose(
        rotations @ rotations.transpose(0, 2, 1), np.broadcast_to(np.eye(3), (views, 3, 3)), atol=1e-12
    )
    np.testing.assert_allclose(np.linalg.det(rotations), 1)
    np.testing.assert_allclose(
        rotations @ np.eye(3)["xyz".index(up)], np.broadcast_to([0, -1, 0], (views, 3)), atol=1e-12
    )


@pytest.mark.parametrize("up", ["y", "z"])
def test_four_views_are_exact(up):
    assert set(np.unique(camera_rotations(up, 4))) <= {-1.0, 0.0, 1.0}


def test_a_camera_in_front_sees_the_left_hand_at_its_right():
    left_hand, nose = np.array([0.5, 0.2, 0]), np.array([0, 0.7, 0.1])
    front, side, behind, other_side = camera_rotations("y", 4)
    np.testing.assert_allclose(front @ left_hand, [0.5, -0.2, 0])
    np.testing.assert_allclose(front @ nose, [0, -0.7, -0.1])
    np.testing.assert_allclose(side @ left_hand, [0, -0.2, -0.5])  # stands at the subject's left: the hand is near
    np.testing.assert_allclose(side @ nose, [-0.1, -0.7, 0])
    np.testing.assert_allclose(behind @ left_hand, [-0.5, -0.2, 0])
    np.testing.assert_allclose(other_side @ left_hand, [0, -0.2, 0.5])


def test_z_up_is_seen_from_minus_y():
    np.testing.assert_allclose(camera_rotations("z", 1)[0] @ [1, 2, 3], [1, -3, 2])


def test_views_come_camera_after_camera(tmp_path, crowd_y_up):
    np.savez(tmp_path / "a.npz", poses=crowd_y_up, subject=["a"] * 60, up_axis="y")
    seen = poses.load(tmp_path / "a.npz", train=["a"]).poses
    assert seen.dtype == np.float32
    for view, rotation in enumerate(camera_rotations("y", 4)):
        np.testing.assert_allclose(seen[60 * view + 5], crowd_y_up[5] @ rotation.T, atol=1e-7)
    assert camera_names(4) == ["yaw000", "yaw090", "yaw180", "yaw270"]

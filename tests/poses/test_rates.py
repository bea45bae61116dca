"""Frames per second of the poses that are taken."""

import numpy as np
import pytest

from acai_ray.poses.index import index_of
from acai_ray.poses.loading import open_data
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.rates import mean_steps, taken_rate
from acai_ray.poses.recording import Source

NAMES = np.repeat(["ann", "bob", "cyd", "dan", "eve", "fay"], 10)


def rate_of(path, **options):
    return open_data(path, LoadOptions(**options)).pose_set().fps


def saved(tmp_path, crowd, **arrays):
    frames = np.tile(np.arange(10) * 4 + 1, 6)
    np.savez(tmp_path / "a.npz", poses=crowd, subject=NAMES, sequence=NAMES, frame=frames, **arrays)
    return tmp_path / "a.npz"


def test_stored_poses_follow_at_the_rate_whatever_their_frame_numbers(tmp_path, crowd):
    path = saved(tmp_path, crowd, fps=30.0, keep10=np.tile(np.arange(10) % 3 == 0, 6))
    assert rate_of(path) == 10
    assert rate_of(path, every=1) == 30
    assert rate_of(path, every=2) == 15


def test_a_rate_that_is_unknown(tmp_path, crowd):
    assert rate_of(saved(tmp_path, crowd)) is None


def test_the_built_in_people_have_ten_a_second(synthetic):
    assert synthetic.fps == synthetic.split("test").fps == 10


def test_recordings_at_other_rates_have_none_in_common(tmp_path, crowd):
    one = open_data(saved(tmp_path, crowd, fps=30.0), LoadOptions())
    other = open_data(saved(tmp_path, crowd, fps=60.0), LoadOptions())
    both = Source([*one.source.recordings, *other.source.recordings])
    assert taken_rate(one.source, one.pose_set().index) == 30
    assert taken_rate(both, one.pose_set().index) is None


def test_mean_steps_leave_single_poses_out():
    index = index_of(4, subject="a", sequence="s", camera="c", frame=np.array([0, 2, 5, 9]))
    assert mean_steps(index).to_dict() == {("a", "s"): pytest.approx(3)}
    assert len(mean_steps(index.iloc[:1])) == 0

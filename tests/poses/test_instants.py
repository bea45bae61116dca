"""Poses of one recording a fixed time apart."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acai_ray.poses.index import concatenate, index_of
from acai_ray.poses.instants import before_and_after


def recording(frames, subject="ann", sequence="walk", camera="c"):
    return index_of(len(frames), frame=np.asarray(frames), subject=subject, sequence=sequence, camera=camera)


def frames_of(index, rows):
    return index["frame"].to_numpy()[rows].tolist()


def test_they_are_as_far_apart_as_asked():
    index = recording(np.arange(12))
    assert frames_of(index, before_and_after(index, 10, 0.5)) == [[0, 5, 10], [1, 6, 11]]
    assert len(before_and_after(index, 10, 1)) == 0
    assert frames_of(index, before_and_after(index, 5, 1)) == [[0, 5, 10], [1, 6, 11]]


def test_frame_numbers_may_count_at_another_rate():
    index = recording(np.floor(np.arange(12) * 2.5))  # 25 frames a second, of which 10 are taken
    assert before_and_after(index, 10, 0.5).tolist() == [[0, 5, 10], [1, 6, 11]]


def test_people_sequences_and_cameras_are_kept_apart():
    parts = [
        recording(np.arange(6), *names)
        for names in (("a", "s", "c"), ("a", "s", "d"), ("a", "t", "c"), ("b", "s", "c"))
    ]
    index = concatenate(parts)
    rows = before_and_after(index, 10, 0.2)
    assert len(rows) == 4 * 2
    for column in ("subject", "sequence", "camera"):
        assert (index[column].to_numpy()[rows] == index[column].to_numpy()[rows[:, :1]]).all()


def test_no_hole_lies_between_them():
    index = recording([*range(20), *range(30, 50)])
    found = frames_of(index, before_and_after(index, 10, 0.5))
    assert found == [[n, n + 5, n + 10] for n in (*range(10), *range(30, 40))]


@pytest.mark.parametrize(("fps", "seconds"), [(None, 0.5), (5, 0.5), (0.4, 1)])
def test_there_are_none_where_the_rate_is_unknown_or_no_pose_is_so_far_away(fps, seconds):
    assert before_and_after(recording(np.arange(100)), fps, seconds).shape == (0, 3)


def test_there_are_none_where_frame_numbers_occur_twice():
    """Two sequences that are not named apart: nobody knows which pose follows which."""
    index = concatenate([recording(np.arange(20)), recording(np.arange(20)), recording(np.arange(11), subject="bob")])
    assert before_and_after(index, 10, 0.5).tolist() == [[40, 45, 50]]


@given(st.randoms(use_true_random=False))
def test_the_order_of_people_and_poses_does_not_matter(random):
    index = concatenate([recording(np.arange(n) * 3, who) for n, who in ((12, "zoe"), (11, "ann"), (25, "max"))])
    order = list(range(len(index)))
    random.shuffle(order)
    mixed = index.iloc[order].reset_index(drop=True)
    mixed["subject"] = pd.Categorical(mixed["subject"], categories=["max", "zoe", "ann"])
    original = np.asarray(order)[before_and_after(mixed, 10, 0.5)]
    assert original.tolist() == before_and_after(index, 10, 0.5).tolist()

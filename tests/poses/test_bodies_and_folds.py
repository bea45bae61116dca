"""Who has one body, who can be tested, and how people are divided into folds."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import BONES, N_JOINTS
from acai_ray.poses import PoseSet
from acai_ray.poses.bodies import Bodies, bodies_of
from acai_ray.poses.folds import FEWEST, Fold, divide, fold_set
from acai_ray.poses.index import index_of
from acai_ray.poses.people import pose_counts, with_enough

LENGTHS = np.linspace(0.2, 0.5, len(BONES))
"""The bones of a person of the tests, metres."""


def person(name: str, lengths: np.ndarray, count: int, seed: int = 0) -> tuple[np.ndarray, pd.DataFrame]:
    """Poses whose bones point anywhere and have these lengths."""
    directions = np.random.default_rng([seed, len(name)]).normal(size=(count, len(BONES), 3))
    steps = directions / np.linalg.norm(directions, axis=-1, keepdims=True) * lengths[:, None]
    joints = np.zeros((count, N_JOINTS, 3))
    for bone, (child, parent) in enumerate(BONES):
        joints[:, child] = joints[:, parent] + steps[:, bone]
    return joints.astype(np.float32), index_of(count, subject=name, sequence="walk", camera="c")


def crowd(**people: tuple[np.ndarray, int]) -> PoseSet:
    """A set of people by name, each with bone lengths and a number of poses; all of them train."""
    made = [person(name, *what, seed=place) for place, (name, what) in enumerate(people.items())]
    subject = pd.Categorical(np.concatenate([index["subject"].astype(str) for _, index in made]))
    index = pd.concat([index for _, index in made], ignore_index=True).assign(subject=subject)
    index["sequence"] = pd.Categorical(["walk"] * len(index))
    index["camera"] = pd.Categorical(["c"] * len(index))
    index["split"] = pd.Categorical(["train"] * len(index), categories=["train", "valid", "test"])
    return PoseSet(np.concatenate([joints for joints, _ in made]), index, "crowd")


def test_people_with_the_same_limbs_are_one_body() -> None:
    other = LENGTHS * 1.02
    found = bodies_of(crowd(a=(LENGTHS, 30), b=(other, 30), c=(LENGTHS + 0.0015, 30), d=(LENGTHS, 1)))
    assert found.of == {"a": 0, "b": 1, "c": 0, "d": 0}
    assert found.shared == [("a", "c", "d")]
    assert found.count == 2
    assert 0.002 < found.gap < 0.02


def test_one_limb_on_one_side_is_enough_to_tell_people_apart() -> None:
    """Two people whose left sides agree are two: an injured leg is longer or shorter on its own side."""
    longer = LENGTHS.copy()
    longer[1] += 0.01  # the right thigh
    assert bodies_of(crowd(a=(LENGTHS, 30), b=(longer, 30))).count == 2


def test_a_child_of_the_same_proportions_is_another_body() -> None:
    assert bodies_of(crowd(adult=(LENGTHS, 30), child=(0.6 * LENGTHS, 30), sibling=(0.59 * LENGTHS, 30))).count == 3


def test_a_faulty_pose_does_not_part_a_body() -> None:
    both = crowd(a=(LENGTHS, 31), b=(LENGTHS, 31))
    both.poses[5, 3] += 1.0
    assert bodies_of(both).count == 1


def test_synthetic_people_have_bodies_of_their_own() -> None:
    found = bodies_of(poses.load("synthetic"))
    assert (found.count, found.shared) == (8, [])
    assert found.gap > 0.01


def test_the_shared_body_of_cmu17_is_found(cmu17: PoseSet) -> None:
    found = bodies_of(cmu17)
    shared = ("10", "13", "14", "43", "60", "61", "85", "88", "90", "94", "127", "139", "140")
    assert found.shared == [shared]
    assert (len(found.of), found.count) == (36, 24)
    assert found.gap == pytest.approx(0.0141, abs=5e-4)  # real people; those who share a body differ by 0.0 mm
    assert len(with_enough(cmu17, 150)) == 27


def test_a_pose_seen_by_several_cameras_counts_once() -> None:
    everyone = poses.load("synthetic")
    assert set(pose_counts(everyone).values()) == {1088}
    assert pose_counts(poses.load("synthetic", views=1)) == pose_counts(everyone)


def test_each_fold_of_cmu17_keeps_its_bodies_together(cmu17: PoseSet) -> None:
    bodies = bodies_of(cmu17)
    folds = divide(cmu17, bodies, None, least=150, seed=0)
    assert len(folds) == 12
    assert sorted(who for fold in folds for who in fold.tested) == sorted(with_enough(cmu17, 150))
    for fold in folds:
        seen = fold_set(cmu17, fold)
        mine = {bodies.of[who] for who in seen.subjects("test")}
        assert not mine & {bodies.of[who] for who in seen.subjects("train")}
    largest = max(folds, key=lambda fold: fold.poses)
    assert largest.tested == ("10", "13", "14", "60", "61", "85", "90", "94", "127", "140")
    assert largest.left_out == ("43", "88", "139")


def test_who_is_apart_validates_and_is_in_no_fold() -> None:
    everyone = poses.load("synthetic")
    folds = divide(everyone, bodies_of(everyone), None, least=150, seed=0, apart=["A06"])
    assert sorted(who for fold in folds for who in fold.tested) == [f"A0{i}" for i in (1, 2, 3, 4, 5, 7, 8)]
    seen = fold_set(everyone, folds[0], ["A06"])
    assert seen.subjects("valid") == ("A06",)
    assert len(seen) == len(everyone)
    assert seen.split("train").poses.base is not None, "parts must lie in one block, so that they share memory"


def test_the_poses_of_a_fold_are_those_of_its_people() -> None:
    everyone = poses.load("synthetic")
    fold = Fold(0, ("A02",), ("A03",), 1088)
    seen = fold_set(everyone, fold)
    assert "A03" not in seen.subjects()
    mine = everyone.poses[(everyone.index["subject"] == "A02").to_numpy()]
    assert np.array_equal(seen.split("test").poses, mine)


def test_too_many_folds_are_refused() -> None:
    everyone = poses.load("synthetic")
    with pytest.raises(UserError, match="9 are wanted and synthetic has 8 bodies with 150 poses or more; give 5 to 8"):
        divide(everyone, bodies_of(everyone), 9, least=150, seed=0)
    with pytest.raises(UserError, match="0 bodies with 2000 poses or more; give more people"):
        divide(everyone, bodies_of(everyone), None, least=2000, seed=0)


counts = st.lists(st.integers(1, 400), min_size=FEWEST, max_size=20)


@settings(max_examples=60)
@given(counts, st.integers(0, 3), st.data())
def test_folds_divide_everybody_once(sizes: list[int], seed: int, data: st.DataObject) -> None:
    least = 20
    body = data.draw(st.lists(st.integers(0, 8), min_size=len(sizes), max_size=len(sizes)))
    names = [f"p{place}" for place in range(len(sizes))]
    index = index_of(sum(sizes), subject=pd.Categorical(np.repeat(names, sizes)), sequence="s", camera="c")
    index["split"] = pd.Categorical(["train"] * len(index), categories=["train", "valid", "test"])
    flock = PoseSet(np.zeros((len(index), N_JOINTS, 3), dtype=np.float32), index, "flock")
    bodies = Bodies(dict(zip(names, body, strict=True)), 1.0, ())
    able = {body[place] for place, size in enumerate(sizes) if size >= least}
    if len(able) < FEWEST:
        with pytest.raises(UserError, match="bodies"):
            divide(flock, bodies, None, least=least, seed=seed)
        return
    folds = divide(flock, bodies, None, least=least, seed=seed)
    tested = [who for fold in folds for who in fold.tested]
    assert sorted(tested) == sorted(name for name, size in zip(names, sizes, strict=True) if size >= least)
    parts = [{bodies.of[who] for who in (*fold.tested, *fold.left_out)} for fold in folds]
    assert sum(map(len, parts)) == len(set().union(*parts)) == len(able)
    assert folds == divide(replace(flock, name="again"), bodies, None, least=least, seed=seed)

"""`PoseSet`: what it promises, its fingerprint, and who belongs to which part."""

import doctest
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.poses import PoseSet, loading
from acai_ray.poses.options import LoadOptions
from acai_ray.poses.splits import assign


def test_the_example_of_load_is_true():
    examples = doctest.DocTestFinder().find(loading.load, "load", globs=vars(loading))
    done = doctest.DocTestRunner().run(examples[0])
    assert (done.failed, done.attempted) == (0, 3)


def test_is_what_it_promises(synthetic):
    assert synthetic.poses.shape == (len(synthetic), 17, 3)
    assert synthetic.poses.dtype == np.float32
    assert (synthetic.poses[:, 0] == 0).all()
    assert list(synthetic.index.columns) == ["subject", "action", "sequence", "camera", "frame", "split"]
    assert len(synthetic.index) == len(synthetic)


def test_it_says_what_it_is_in_a_line(synthetic):
    train, *_ = (synthetic.split(part) for part in synthetic.splits)
    said = repr(synthetic)
    assert said.startswith(f"<PoseSet 'synthetic': {len(synthetic):,} poses of {len(synthetic.subjects())} people; ")
    assert f"train {len(train):,} of {len(train.subjects())}, " in said


def test_numpy_sees_the_poses(synthetic):
    np.testing.assert_array_equal(np.asarray(synthetic.split("valid")), synthetic.split("valid").poses)
    assert np.asarray(synthetic, dtype=np.float64).dtype == np.float64
    assert np.shares_memory(np.asarray(synthetic), synthetic.poses)
    assert not np.shares_memory(np.array(synthetic, copy=True), synthetic.poses)


def test_splits_share_nobody_and_lose_nobody(synthetic):
    parts = [synthetic.split(name) for name in ("train", "valid", "test")]
    people = [set(part.subjects()) for part in parts]
    assert len(set.union(*people)) == sum(map(len, people))
    assert sum(map(len, parts)) == len(synthetic)
    assert parts[0].splits == ("train",)
    assert set(synthetic.subjects("test")) == people[2]


def test_unknown_and_empty_splits_are_refused(synthetic):
    with pytest.raises(
        UserError, match="split must be one of train, valid, test for the data synthetic, but got 'all'"
    ):
        synthetic.split("all")
    with pytest.raises(UserError, match="split must be one of valid"):
        synthetic.split("valid").split("train")


def test_fingerprint_is_of_the_content_alone(synthetic):
    again = PoseSet(synthetic.poses.copy(), synthetic.index.copy(), "another name")
    assert again.fingerprint == synthetic.fingerprint
    shifted = synthetic.poses.copy()
    shifted[3, 4, 1] += 1e-6
    assert PoseSet(shifted, synthetic.index, "x").fingerprint != synthetic.fingerprint
    renamed = synthetic.index.assign(subject=synthetic.index["subject"].cat.rename_categories({"A01": "B"}))
    assert PoseSet(synthetic.poses, renamed, "x").fingerprint != synthetic.fingerprint
    assert poses.load(protocol="report").fingerprint != synthetic.fingerprint


def test_fingerprint_ignores_the_sign_of_zero_and_unused_names(synthetic):
    part = synthetic.split("valid")
    index = part.index.assign(subject=part.index["subject"].cat.remove_unused_categories())
    zeros = np.where(part.poses == 0, np.float32(-0.0), part.poses)
    assert PoseSet(zeros, index, "x").fingerprint == part.fingerprint


def test_pickles_its_arrays_out_of_band(synthetic):
    buffers = []
    content = pickle.dumps(synthetic, protocol=5, buffer_callback=buffers.append)
    assert len(content) < 10_000
    again = pickle.loads(content, buffers=buffers)
    assert again.fingerprint == synthetic.fingerprint
    assert again.index.equals(synthetic.index)


def split_of(subjects, own=None, **options):
    return assign([(subject, own) for subject in subjects], LoadOptions(**options), "data")


def test_human36m_has_its_own_split():
    everybody = ["S1", "S5", "S6", "S7", "S8", "S9", "S11"]
    default = split_of(everybody)
    assert [name for name in everybody if default[name] == "train"] == ["S1", "S5", "S6", "S7"]
    assert (default["S8"], default["S9"], default["S11"]) == ("valid", "test", "test")
    assert split_of(everybody, protocol="report")["S8"] == "train"


def test_lists_decide():
    assert split_of("abcd", valid=("b",), test=("c",)) == {"a": "train", "d": "train", "b": "valid", "c": "test"}
    assert split_of("abcd", train=("a",), test=("c",)) == {"a": "train", "c": "test"}


@given(st.sets(st.text(min_size=1, max_size=5), min_size=3, max_size=40))
def test_shares_depend_on_the_names_alone(names):
    split = split_of(sorted(names))
    assert split == split_of(sorted(names, reverse=True))
    assert set(split) == names
    assert set(split.values()) == {"train", "valid", "test"}
    if len(names) >= 10:
        assert abs(sum(part == "test" for part in split.values()) - 0.2 * len(names)) <= 1


@pytest.mark.parametrize(
    ("subjects", "options", "message"),
    [
        ("ab", {}, "needs at least 3 subjects, but has 2, a, b; give `subject`"),
        ("abc", {"test": ("x",)}, "subjects must be among a, b, c, but got 'x'"),
        ("abc", {"train": ("a",), "test": ("a",)}, "'a' is in train and test"),
        ("abc", {"train": ("a",), "test": ()}, "the part test must hold at least one subject"),
        (["S1", "S5"], {}, "the part valid must hold at least one subject, but of S1, S5 none is in it"),
    ],
)
def test_impossible_splits_are_refused(subjects, options, message):
    with pytest.raises(UserError, match=message):
        split_of(subjects, **options)


def test_one_person_in_two_files_is_refused():
    with pytest.raises(UserError, match="'a' is in train and test"):
        assign([("a", "train"), ("b", "valid"), ("a", "test")], LoadOptions(), "data")

"""Damage to valid files of every form: one sentence, or the right poses.

`ACAI_MUTATIONS` sets how many damaged files of each form are tried.
"""

import os
import shutil

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.errors import UserError
from acai_ray.common.skeleton import FLIP
from tests.helpers.every_form import FORMS, OPTIONS

COUNT = int(os.environ.get("ACAI_MUTATIONS", "100"))

CHECKSUMMED = {"npz", "compressed npz", "converted parquet", "videopose"}
"""Forms whose container notices any changed byte of the poses; elsewhere a changed digit is another pose."""

MOSTLY = {"parquet lists": 0.0}
"""Share of the loaded poses that must be those written, where nothing protects their digits; 0.8 unless given.

One damaged place is a pose or a run of them, but in the dictionary of somebody else's Parquet it is a number that any
number of poses share.
"""


def flip(content, place, rng):
    content[place] ^= int(rng.integers(1, 256))


def zero(content, place, rng):
    size = len(content[place : place + int(rng.integers(1, 200))])
    content[place : place + size] = bytes(size)


def cut(content, place, rng):
    del content[place : place + int(rng.integers(1, 200))]


def insert(content, place, rng):
    content[place:place] = rng.bytes(int(rng.integers(1, 50)))


def repeat(content, place, rng):
    content[place:place] = content[place : place + int(rng.integers(1, 200))]


def truncate(content, place, rng):
    del content[place:]


def spoil(content, place, rng):
    content[place : place + 8] = rng.bytes(len(content[place : place + 8]))


MUTATIONS = (flip, flip, flip, zero, cut, insert, repeat, truncate, spoil)


def damage(file, rng):
    """Change a file in one place, near its beginning or end as often as in between."""
    content = bytearray(file.read_bytes())
    near = min(len(content), int(rng.choice([64, 600, len(content)])))
    place = int(rng.integers(near))
    mutation = MUTATIONS[rng.integers(len(MUTATIONS))]
    mutation(content, len(content) - 1 - place if rng.random() < 0.3 else place, rng)
    file.write_bytes(content)


def loaded_or_refused(path, options):
    try:
        return poses.load(path, **options).poses
    except UserError as error:
        return str(error)


def rows(loaded):
    return {pose.tobytes() for pose in loaded}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_is_refused_in_a_sentence_or_read_rightly(form, tmp_path, people, capfd):
    options = OPTIONS.get(form, {}) | {"every": 1}
    (tmp_path / "whole").mkdir()
    written = FORMS[form](tmp_path / "whole", people[0, :60])
    truth = rows(poses.load(written, **options).poses)
    refused = 0
    for number in range(COUNT):
        rng = np.random.default_rng([number, *form.encode()])
        shutil.copytree(tmp_path / "whole", tmp_path / "damaged", dirs_exist_ok=True)
        files = sorted(path for path in (tmp_path / "damaged").rglob("*") if path.is_file())
        damage(files[rng.integers(len(files))], rng)
        loaded = loaded_or_refused(tmp_path / "damaged" / written.relative_to(tmp_path / "whole"), options)
        if isinstance(loaded, str):
            assert len(loaded.splitlines()) == 1
            refused += 1
            continue
        assert loaded.dtype == np.float32
        assert loaded.shape[1:] == (17, 3)
        assert np.isfinite(loaded).all()
        assert (loaded[:, 0] == 0).all()
        known = np.mean([pose.tobytes() in truth for pose in loaded])
        assert known >= (1 if form in CHECKSUMMED else MOSTLY.get(form, 0.8)), (
            f"mutation {number}: {known:.2f} are known"
        )
    assert capfd.readouterr() == ("", "")
    assert refused > COUNT / 10


def metres_as_millimetres(crowd):
    return crowd * np.float32(1000)


def with_nan(crowd):
    return np.where(np.arange(60)[:, None, None] % 10 == 0, np.float32(np.nan), crowd)


def with_infinity(crowd):
    return np.where(np.arange(60)[:, None, None] % 20 == 0, np.float32(np.inf), crowd)


def axes_in_another_order(crowd):
    return crowd[..., [1, 2, 0]]


def upside_down(crowd):
    return crowd * np.float32([1, -1, -1])


def left_and_right_exchanged(crowd):
    return crowd[:, list(FLIP)]


def mirrored(crowd):
    return crowd * np.float32([-1, 1, 1])


def joints_in_another_order(crowd):
    return crowd[:, [0, *np.random.default_rng(0).permutation(np.arange(1, 17))]]


def one_pose(crowd):
    return np.repeat(crowd[:1], 60, axis=0)


def in_a_point(crowd):
    return np.where(np.arange(60)[:, None, None] == 20, np.float32(0), crowd)


FAULTS = {
    metres_as_millimetres: "must be in metres, but the median bone is",
    with_nan: "coordinates must be finite",
    with_infinity: "coordinates must be finite",
    axes_in_another_order: "heads must lie above the pelvis|knees must bend",
    upside_down: "heads must lie above the pelvis",
    left_and_right_exchanged: "left and right are exchanged",
    mirrored: "one axis is mirrored",
    joints_in_another_order: "bones must keep|heads must lie|must be in metres|a bone must|shoulders must",
    one_pose: "poses must differ",
    in_a_point: "the bones of a body must be|all joints of one lie in a point",
}
OTHERWISE = {"asf and amc", "bvh", "converted parquet"}
"""The one's writer has a motion of its own, the other writes poses that were loaded, and so checked, before."""


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
@pytest.mark.parametrize("form", [form for form in FORMS if form not in OTHERWISE])
def test_impossible_people_are_refused_in_every_form(form, fault, tmp_path, people):
    crowd = people[0, :60]
    options = OPTIONS.get(form, {}) | {"every": 1}
    with np.errstate(invalid="ignore"):
        written = FORMS[form](tmp_path, fault(crowd))
    if (form, fault) == ("motionbert", metres_as_millimetres):  # scaled by its bones: the unit does not matter
        np.testing.assert_allclose(
            poses.load(written, **options).poses, poses.load(FORMS[form](tmp_path, crowd), **options).poses, atol=1e-4
        )
        return
    with pytest.raises(UserError, match=FAULTS[fault]) as caught:
        poses.load(written, **options)
    assert len(str(caught.value).splitlines()) == 1

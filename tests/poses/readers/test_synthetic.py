"""The synthetic people: reproducible, within what bodies can do, and like recorded people."""

import time

import numpy as np
import pytest

from acai_ray import poses
from acai_ray.common.skeleton import BONE_PAIRS, BONES, FLIP, JOINTS
from acai_ray.poses.readers.synthetic import BODY
from acai_ray.poses.readers.synthetic.activities import ACTIVITIES, complete
from acai_ray.poses.readers.synthetic.kinematics import LIMITS, SIDED_LIMITS, mirrored, positions, within_limits
from tests.helpers import people
from tests.helpers.pages import ROOT

J = {name: place for place, name in enumerate(JOINTS)}
REST = np.zeros((1, 17, 3))
for _joint, _offset in BODY.items():
    REST[0, J[_joint]] = _offset
    REST[0, J[_joint.replace("left", "right")]] = np.array(_offset) * ([-1, 1, 1] if "left" in _joint else [1, 1, 1])


def figure(facing=0.0, **degrees):
    angles = {name: np.deg2rad([float(degrees.get(name, 0))]) for name in LIMITS}
    return positions(angles, np.array([float(facing)]), REST)[0]


def bone_lengths(p):
    return np.stack([np.linalg.norm(p[:, child] - p[:, parent], axis=-1) for child, parent in BONES], axis=1)


def test_rest_pose_hangs_down_with_left_at_plus_x():
    rest = figure()
    assert rest[J["left_wrist"], 0] > 0.15 > -0.15 > rest[J["right_wrist"], 0]
    assert rest[J["head"], 1] > 0.7
    assert rest[J["left_ankle"], 1] < -0.8


@pytest.mark.parametrize("side", ["left", "right"])
def test_joints_bend_the_human_way(side):
    rest = figure()
    assert figure(**{f"{side}_knee": 90})[J[f"{side}_ankle"], 2] < -0.4
    assert figure(**{f"{side}_elbow": 90})[J[f"{side}_wrist"], 2] > 0.25
    assert figure(**{f"{side}_hip_flex": 90})[J[f"{side}_knee"], 2] > 0.39
    assert figure(**{f"{side}_shoulder_flex": 90})[J[f"{side}_wrist"], 2] > 0.5
    outwards = abs(figure(**{f"{side}_shoulder_abd": 90})[J[f"{side}_wrist"], 0])
    assert outwards > abs(rest[J[f"{side}_wrist"], 0]) + 0.4
    assert figure(spine_flex=60)[J["head"], 2] > 0.3


def test_facing_turns_to_the_figures_left():
    turned = figure(facing=np.pi / 2, left_shoulder_flex=90)
    assert turned[J["left_wrist"], 0] > 0.5


def test_mirrored_angles_give_the_mirror_image():
    rng = np.random.default_rng(1)
    angles = within_limits({name: np.deg2rad(rng.uniform(*limits, 1)) for name, limits in LIMITS.items()})
    image = positions(mirrored(angles), np.zeros(1), REST)[:, list(FLIP)] * [-1, 1, 1]
    np.testing.assert_allclose(image, positions(angles, np.zeros(1), REST), atol=1e-12)


def test_every_key_of_every_activity_names_angles_within_limits():
    for activity in ACTIVITIES.values():
        for key in activity.keys:
            assert {
                name.removeprefix("left_").removeprefix("right_") for name in key
            } <= SIDED_LIMITS.keys() | LIMITS.keys()
            for name, angle in complete(key).items():
                low, high = LIMITS[name]
                assert low <= np.min(angle) <= np.max(angle) <= high, (name, angle)


def test_same_seed_same_poses_and_another_seed_others(synthetic):
    assert poses.load().fingerprint == synthetic.fingerprint
    assert poses.load(seed=1).fingerprint != synthetic.fingerprint


def test_fingerprint_of_the_default_stays(synthetic):
    assert synthetic.fingerprint[:12] == "59f2868b2f48"


def test_is_quick():
    start = time.process_time()  # seconds of this process alone, whatever else the machine is doing
    poses.load(seed=3)
    assert time.process_time() - start < 30


def test_has_several_people_and_says_it_is_synthetic(synthetic):
    assert synthetic.synthetic
    assert "synthetic" in synthetic.acknowledgment.lower()
    assert [len(synthetic.subjects(split)) for split in synthetic.splits] == [5, 1, 2]
    assert len(synthetic.split("train")) == 5 * 17 * 2 * 32 * 4
    assert synthetic.index["action"].nunique() == len(ACTIVITIES)


def test_bones_are_rigid_symmetric_and_differ_between_people(synthetic):
    lengths = bone_lengths(synthetic.poses)
    medians = []
    for subject in synthetic.subjects():
        own = lengths[(synthetic.index["subject"] == subject).to_numpy()]
        assert np.ptp(own, axis=0).max() < 0.001
        for right, left in BONE_PAIRS:
            assert abs(own[:, right].mean() - own[:, left].mean()) < 1e-4
        medians.append(np.median(own, axis=0))
    assert np.ptp(medians, axis=0).min() > 0.002


def test_looks_like_people(synthetic):
    upright = synthetic.poses[(synthetic.index["action"] != "lie").to_numpy()]
    assert (upright[:, J["head"], 1] < 0).mean() > 0.99
    assert upright[:, [3, 6], 1].mean() > 0.6
    spread = ((synthetic.poses - synthetic.poses.mean(axis=0)) ** 2).sum(axis=-1).mean()
    assert 0.05 < spread < 0.15


def test_motion_is_smooth(synthetic):
    index = synthetic.index.reset_index()
    ordered = index.sort_values(["subject", "camera", "sequence", "frame"])["index"].to_numpy().reshape(-1, 32)
    steps = np.linalg.norm(np.diff(synthetic.poses[ordered], axis=1), axis=-1).mean(axis=-1)
    assert np.median(steps) < 0.05
    assert steps.max() < 0.4


def documented(column):
    """The rows of the table in docs/poses.md that sets the synthetic people beside recorded ones."""
    page = (ROOT / "docs" / "poses.md").read_text(encoding="utf-8")
    table = page[page.index("|  | synthetic | cmu17 |") :].split("\n\n")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines()[2:]]
    return {row[0]: row[column] for row in rows}


def test_the_manual_sets_them_beside_recorded_people():
    assert documented(1) == people.column(poses.load("synthetic"))


def test_the_manual_has_the_recorded_peoples_numbers(cmu17):
    assert documented(2) == people.column(cmu17)

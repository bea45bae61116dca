"""What all tests share: one CPU thread, and a small set of synthetic people."""

import os
from pathlib import Path

import pytest
import torch

from acai_ray import poses
from tests.helpers.small_poses import small_poses, without_split

torch.set_num_threads(1)  # the cores are shared; more threads than cores are far slower


@pytest.fixture(scope="session")
def pose_set() -> poses.PoseSet:
    return small_poses()


@pytest.fixture(scope="session")
def pose_set_without_valid(pose_set: poses.PoseSet) -> poses.PoseSet:
    return without_split(pose_set, "valid")


@pytest.fixture(scope="session")
def cmu17() -> poses.PoseSet:
    """Real poses, where `ACAI_CMU17` names their folder."""
    if "ACAI_CMU17" not in os.environ:
        pytest.skip("ACAI_CMU17 does not name the cmu17 folder")
    return poses.load(Path(os.environ["ACAI_CMU17"]))

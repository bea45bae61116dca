"""What all tests share: one CPU thread, and a small set of synthetic people."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from acai_ray import poses

torch.set_num_threads(1)  # the cores are shared; more threads than cores are far slower

SIZES = {"train": 600, "valid": 209, "test": 160}
"""Poses of each split of `small_poses`; the odd one keeps sizes honest that are no multiple of anything."""


def small_poses() -> poses.PoseSet:
    """A fixed random part of the synthetic people; a function, so that a fresh process can make the same."""
    everyone, rng = poses.load("synthetic"), np.random.default_rng(0)
    split = everyone.index["split"].to_numpy()
    chosen = [rng.choice(np.flatnonzero(split == name), size, replace=False) for name, size in SIZES.items()]
    rows = np.sort(np.concatenate(chosen))
    return replace(everyone, poses=everyone.poses[rows], index=everyone.index.iloc[rows].reset_index(drop=True))


def without_split(pose_set: poses.PoseSet, split: str) -> poses.PoseSet:
    rows = (pose_set.index["split"] != split).to_numpy()
    return replace(pose_set, poses=pose_set.poses[rows], index=pose_set.index[rows].reset_index(drop=True))


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

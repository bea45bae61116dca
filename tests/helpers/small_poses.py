"""A small set of synthetic people."""

from dataclasses import replace

import numpy as np

from acai_ray import poses

SIZES = {"train": 600, "valid": 209, "test": 160}
"""Poses of each split of `small_poses`; the odd one keeps sizes honest that are no multiple of anything."""


def small_poses() -> poses.PoseSet:
    """A fixed random part of the synthetic people; a function, so that a fresh process can make the same."""
    everyone, rng = poses.load("synthetic"), np.random.default_rng(0)
    split = everyone.index["split"].to_numpy()
    chosen = [rng.choice(np.flatnonzero(split == name), size, replace=False) for name, size in SIZES.items()]
    rows = np.sort(np.concatenate(chosen))
    index = everyone.index.iloc[rows].reset_index(drop=True)
    return replace(everyone, poses=everyone.poses[rows], index=index, fps=None)  # neighbours are no fixed time apart


def without_split(pose_set: poses.PoseSet, split: str) -> poses.PoseSet:
    rows = (pose_set.index["split"] != split).to_numpy()
    return replace(pose_set, poses=pose_set.poses[rows], index=pose_set.index[rows].reset_index(drop=True))

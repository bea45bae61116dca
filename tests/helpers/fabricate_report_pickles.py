"""The report's pickles with people and cameras that are made up; nothing here was recorded."""

import json
import pickle

import numpy as np

SUBJECTS = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")
CAMERAS = ("54138969", "55011271", "58860488", "60457274")
TO_CAMERA = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""A level camera that looks along +y of a world with z up."""


def rotation(subject, camera):
    """A real camera stands anywhere and is pitched: every subject and camera has a rotation of its own."""
    yaw, pitch = np.radians(80 * CAMERAS.index(camera) + 3 * SUBJECTS.index(subject)), np.radians(10)
    turned = np.array([[np.cos(yaw), -np.sin(yaw), 0], [np.sin(yaw), np.cos(yaw), 0], [0, 0, 1]])
    tipped = np.array([[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]])
    return tipped @ TO_CAMERA @ turned


def world_mm(crowd):
    """`(N, 17, 3)` millimetres, z up, somewhere in the room, from poses in the axes of `TO_CAMERA`."""
    return 1000.0 * crowd @ TO_CAMERA + [1500.0, -2000.0, 900.0]


def contents(crowd):
    """Two scenarios: 60 frames of one sequence, 25 of another; the last camera misses the first 20 frames."""
    frames = dict(enumerate(world_mm(crowd)))
    seen = {f"cam{number}": list(range(20 if number == 3 else 0, 60)) for number in range(4)}
    few = {number: frames[number] for number in range(25)}
    all_few = {key: list(range(25)) for key in seen}
    world = {s: {"Directions": {"Directions 1": frames}, "Walking": {1: few}} for s in SUBJECTS}
    return world, {s: {"Directions": {"Directions 1": seen}, "Walking": {1: all_few}} for s in SUBJECTS}


def camera_parameters():
    return {
        "intrinsics": {},
        "extrinsics": {
            subject: {name: {"R": rotation(subject, name).tolist(), "t": [[1.0], [2.0], [3.0]]} for name in CAMERAS}
            for subject in SUBJECTS
        },
    }


def save(folder, world, desc=None, cameras=None, protocol=4):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dict_h36m_keypoints_world.pkl").write_bytes(pickle.dumps(world, protocol))
    if desc is not None:
        (folder / "dict_h36m_desc.pkl").write_bytes(pickle.dumps(desc, protocol))
    if cameras is not None:
        (folder / "camera-parameters.json").write_text(json.dumps(cameras))
    return folder


def write(folder, crowd):
    """All three files; gives the folder to load."""
    return save(folder, *contents(crowd), camera_parameters())

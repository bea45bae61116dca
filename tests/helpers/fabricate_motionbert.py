"""MotionBERT's pickle with people that are made up; nothing here was recorded."""

import pickle

import numpy as np

TRAIN, TEST = ("s_01", "s_05", "s_06", "s_07", "s_08"), ("s_09", "s_11")
CAMERAS = ("54138969", "60457274")
MILLIMETRES_PER_PIXEL = 3.5
TURN = np.float32([[0, 0, 1], [0, 1, 0], [-1, 0, 0]])
"""The second camera stands a quarter turn further."""


def part(crowd, subjects, *, metric):
    """For each subject and camera 60 frames of Greeting 2, then 25 of Walking 1."""
    views = [(camera, crowd @ np.linalg.matrix_power(TURN, number).T) for number, camera in enumerate(CAMERAS)]
    seen = [
        (f"{subject}_act_{act}_subact_{sub}_ca_0{number}", camera, poses[:count])
        for subject in subjects
        for act, sub, count in (("05", "02", 60), ("14", "01", 25))
        for number, (camera, poses) in enumerate(views, start=1)
    ]
    millimetres = 1000 * np.concatenate([poses for _, _, poses in seen])
    depth = np.linspace(4.0, 5.0, len(millimetres))
    factor = (MILLIMETRES_PER_PIXEL * depth / 4).astype(np.float32)
    pixels = millimetres / factor[:, None, None] + np.float32([500, 480, 0])
    content = {
        "joint_2d": pixels[..., :2].astype(np.float32),
        "confidence": np.ones(pixels.shape[:2], np.float32),
        "joint3d_image": pixels.astype(np.float32),
        "camera_name": np.array([camera for _, camera, poses in seen for _ in poses]),
        "action": [source[5:11] for source, _, poses in seen for _ in poses],
        "source": [source for source, _, poses in seen for _ in poses],
    }
    if metric:
        content |= {"joints_2.5d_image": pixels * factor[:, None, None], "2.5d_factor": factor}
    return content


def contents(crowd):
    return {"train": part(crowd, TRAIN, metric=False), "test": part(crowd, TEST, metric=True)}


def save(path, content, protocol=4):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(content, protocol))
    return path


def write(folder, crowd):
    """Both parts, of which only test has a metric scale; gives the file to load, with scale=bones."""
    return save(folder / "h36m_sh_conf_cam_source_final.pkl", contents(crowd))

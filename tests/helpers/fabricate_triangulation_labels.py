"""Labels of learnable-triangulation with people and cameras that are made up; nothing here was recorded."""

import numpy as np

from tests.helpers.fabricate_report_pickles import CAMERAS, SUBJECTS, rotation, world_mm

THEIRS = [3, 2, 1, 4, 5, 6, 0, 7, 8, 10, 16, 15, 14, 11, 12, 13, 9]
"""The Human3.6M joint at each of the file's places: right ankle, knee, hip, left hip, knee, ankle, pelvis and so on."""
ACTIONS = ["Directions-1", "Walking-2"]
ROW = np.dtype(
    [
        ("subject_idx", np.int8),
        ("action_idx", np.int8),
        ("frame_idx", np.int16),
        ("keypoints", np.float32, (17, 3)),
        ("bbox_by_camera_tlbr", np.int16, (4, 4)),
    ]
)
CAMERA = np.dtype([("R", np.float32, (3, 3)), ("t", np.float32, (3, 1)), ("K", np.float32, (3, 3)), ("dist", "f4", 5)])


def contents(crowd):
    """For each subject 60 frames of one action, then every other frame of another."""
    cameras = np.zeros((len(SUBJECTS), 4), dtype=CAMERA)
    cameras["R"] = [[rotation(subject, camera) for camera in CAMERAS] for subject in SUBJECTS]
    segments = []
    for number in range(len(SUBJECTS)):
        for action, frames in enumerate((np.arange(60), np.arange(0, 50, 2))):
            rows = np.zeros(len(frames), dtype=ROW)
            rows["subject_idx"], rows["action_idx"], rows["frame_idx"] = number, action, frames
            rows["keypoints"] = world_mm(crowd)[frames][:, THEIRS]
            segments.append(rows)
    return {
        "subject_names": list(SUBJECTS),
        "camera_names": list(CAMERAS),
        "action_names": list(ACTIONS),
        "cameras": cameras,
        "table": np.concatenate(segments),
    }


def save(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.array(content, dtype=object), allow_pickle=True)
    return path


def write(folder, crowd):
    """Seven subjects, four cameras; gives the file to load."""
    return save(folder / "human36m-multiview-labels-GTbboxes.npy", contents(crowd))

"""What sets people apart in numbers: bone lengths, spread, bends."""

import numpy as np
from numpy.typing import NDArray

from acai_ray.common.skeleton import BONES, JOINTS
from acai_ray.metrics import apd
from acai_ray.poses import PoseSet
from acai_ray.poses.checks import bone_lengths

LIMBS = {
    "pelvis to hip": ("right_hip", "left_hip"),
    "thigh": ("right_knee", "left_knee"),
    "shin": ("right_ankle", "left_ankle"),
    "pelvis to spine": ("spine",),
    "spine to thorax": ("thorax",),
    "thorax to neck": ("neck",),
    "neck to head": ("head",),
    "thorax to shoulder": ("right_shoulder", "left_shoulder"),
    "upper arm": ("right_elbow", "left_elbow"),
    "forearm": ("right_wrist", "left_wrist"),
}
"""The joints at the far ends of the bones a row is about."""


BENDS = {"knee": ("hip", "knee", "ankle"), "elbow": ("shoulder", "elbow", "wrist")}


APD_POSES = 5_000


def bones(poses: PoseSet) -> dict[str, str]:
    """Mean over subjects ± standard deviation between them, mm; then how far left and right differ on average."""
    subject = poses.index["subject"].to_numpy()
    people = [bone_lengths(poses.poses[subject == name]) for name in poses.subjects()]
    medians = 1000 * np.array([np.median(lengths, axis=0) for lengths in people])
    place = {JOINTS[child]: bone for bone, (child, _) in enumerate(BONES)}
    limbs = {name: medians[:, [place[joint] for joint in joints]] for name, joints in LIMBS.items()}
    sides = [np.ptp(lengths, axis=1) for lengths in limbs.values() if lengths.shape[1] == 2]
    rows = {f"{name}, mm": lengths.mean(axis=1) for name, lengths in limbs.items()}
    means = {name: f"{lengths.mean():.0f} ± {lengths.std(ddof=1):.0f}" for name, lengths in rows.items()}
    return means | {"difference of left and right, mm": f"{np.mean(sides):.1f}"}


def spread(poses: NDArray[np.float32]) -> dict[str, str]:
    """How far poses lie from their mean and from each other, and how far limbs bend."""
    away = poses - poses.mean(axis=0)
    some = np.random.default_rng(0).permutation(len(poses))[:APD_POSES]
    angles = {name: bend(poses, *joints) for name, joints in BENDS.items()}
    return {
        "loss of the mean pose, m²": f"{np.square(away).sum(axis=(1, 2)).mean() / len(JOINTS):.3f}",
        f"average pairwise distance ({APD_POSES:,} poses), m": f"{float(apd(poses[some])):.2f}",
        **{
            f"{name} bent by, 5 % / median / 95 %, degrees": " / ".join(
                f"{q:.0f}" for q in np.percentile(v, [5, 50, 95])
            )
            for name, v in angles.items()
        },
        "wrist above the neck, % of poses": f"{100 * wrist_up(poses):.0f}",
        "trunk more than 45° from upright, % of poses": f"{100 * lying(poses):.0f}",
    }


def bend(poses: NDArray[np.float32], *names: str) -> NDArray[np.float32]:
    """Degrees by which both limbs of the kind are bent; 0 is straight."""
    found = []
    for side in ("left", "right"):
        a, b, c = (poses[:, JOINTS.index(f"{side}_{name}")] for name in names)
        first, second = (v / np.linalg.norm(v, axis=1, keepdims=True) for v in (b - a, c - b))
        found.append(np.degrees(np.arccos(np.clip((first * second).sum(axis=1), -1, 1))))
    return np.concatenate(found)


def wrist_up(poses: NDArray[np.float32]) -> float:
    wrists, neck = poses[:, [JOINTS.index(f"{side}_wrist") for side in ("left", "right")], 1], poses[:, 9, 1]
    return float((wrists < neck[:, None]).any(axis=1).mean())


def lying(poses: NDArray[np.float32]) -> float:
    trunk = poses[:, JOINTS.index("thorax")]
    return float((-trunk[:, 1] < np.cos(np.pi / 4) * np.linalg.norm(trunk, axis=1)).mean())


def column(poses: PoseSet) -> dict[str, str]:
    cameras = poses.index["camera"]
    once = poses.poses[(cameras == cameras.iloc[0]).to_numpy()]
    people = {"people": str(len(poses.subjects())), "poses (one view each)": f"{len(once):,}"}
    return people | bones(poses) | spread(once)

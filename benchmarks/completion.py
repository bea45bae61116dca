"""Models compared with simple priors: `python -m benchmarks.completion results/…/models/RUN … --data my_poses`.

Joints of test poses are taken away and filled in by each model and, from the same known joints, by two priors made
from the training poses: their mean pose, and the conditional mean of a Gaussian of all 51 coordinates, which is the
best answer that is linear in the known ones. The numbers are mean distances from the true joints in millimetres, at
the missing joints only. The last line is JSON.
"""

import argparse
import json
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

import acai_ray
from acai_ray.common.skeleton import JOINTS

Floats = NDArray[np.float64]
Prior = Callable[[Floats], Floats]
MISSING = {
    "left arm": ("left_shoulder", "left_elbow", "left_wrist"),
    "both knees and ankles": ("right_knee", "right_ankle", "left_knee", "left_ankle"),
    "left arm and leg": ("left_hip", "left_knee", "left_ankle", "left_shoulder", "left_elbow", "left_wrist"),
    "four joints at random": (),
    "eight joints at random": (),
}
AT_RANDOM = {"four joints at random": 4, "eight joints at random": 8}


def missing_joints(name: str, count: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which joints to take away, `(count, 17)`; the pelvis, the origin of all poses, is never missing."""
    mask = np.zeros((count, len(JOINTS)), dtype=bool)
    mask[:, [JOINTS.index(joint) for joint in MISSING[name]]] = True
    for row in mask:
        row[rng.choice(np.arange(1, len(JOINTS)), AT_RANDOM.get(name, 0), replace=False)] = True
    return mask


def by_model(model: acai_ray.PoseModel, poses: Floats) -> Floats:
    return acai_ray.complete(model, poses, torch.Generator().manual_seed(0)).poses.double().numpy()


def by_mean(train: Floats) -> Prior:
    mean = train.mean(0)
    return lambda poses: np.where(np.isnan(poses), mean, poses)


def by_gaussian(train: Floats) -> Prior:
    flat = train.reshape(len(train), -1)
    mean, covariance = flat.mean(0), np.cov(flat.T)

    def fill(pose: Floats) -> Floats:
        known = ~np.isnan(pose)
        weights = np.linalg.pinv(covariance[np.ix_(known, known)], hermitian=True) @ (pose[known] - mean[known])
        return np.where(known, pose, mean + covariance[:, known] @ weights)

    return lambda poses: np.stack([fill(pose.ravel()) for pose in poses]).reshape(poses.shape)


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.completion", description=__doc__)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--data", default="synthetic")
    parser.add_argument("--poses", type=int, default=1000)
    given = parser.parse_args()
    people = acai_ray.poses.load(given.data)
    train = people.split("train").poses.astype(np.float64)
    test, rng = people.split("test").poses.astype(np.float64), np.random.default_rng(0)
    test = test[rng.choice(len(test), min(given.poses, len(test)), replace=False)]
    models = [(path, acai_ray.load_model(path)) for path in given.models]
    priors: dict[str, Prior] = {"mean pose": by_mean(train), "Gaussian": by_gaussian(train)}
    for path, model in models:
        config = model.config
        name = f"{path}: d={config.latent_dim} λ={config.lam:g} γ={config.gamma:g}"
        priors[name] = lambda poses, model=model: by_model(model, poses)
    rows = {}
    for name in MISSING:
        mask = missing_joints(name, len(test), rng)
        holed = np.where(mask[..., None], np.nan, test)
        rows[name] = {
            prior: 1000 * float(np.linalg.norm(fill(holed) - test, axis=-1)[mask].mean())
            for prior, fill in priors.items()
        }
        print(name, *(f"  {error:6.1f} mm  {prior}" for prior, error in rows[name].items()), sep="\n", flush=True)
    print(json.dumps({"poses": len(test), "missing": rows}))


if __name__ == "__main__":
    main()

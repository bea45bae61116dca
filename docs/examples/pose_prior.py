"""A trained model as a prior of human poses: complete poses, go from one pose to another, draw new ones.

python docs/examples/pose_prior.py results/quick/models/e00000-0 --data synthetic --out prior
"""

import argparse
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import torch
from matplotlib.animation import FuncAnimation, PillowWriter

import acai_ray
from acai_ray.common.drawing import draw_pose, segments
from acai_ray.common.skeleton import JOINTS

MISSING = {
    "right arm": ("right_shoulder", "right_elbow", "right_wrist"),
    "legs": ("right_knee", "right_ankle", "left_knee", "left_ankle"),
    "left side": ("left_hip", "left_knee", "left_ankle", "left_shoulder", "left_elbow", "left_wrist"),
}


def stage(axes):
    """Views of equal scale without axes."""
    for ax in np.ravel(axes):
        ax.set(xlim=(-0.9, 0.9), ylim=(-1.1, 1.1), aspect="equal")
        ax.set_axis_off()


def completion(model, poses, generator, out):
    """Take joints away, and draw the pose, what is left of it, and the completed one."""
    figure, axes = plt.subplots(len(MISSING), 3, figsize=(6, 2.4 * len(MISSING)), layout="constrained")
    stage(axes)
    for row, (name, joints) in zip(axes, MISSING.items(), strict=True):
        which = [JOINTS.index(joint) for joint in joints]
        holed = poses.copy()
        holed[:, which] = np.nan
        completed = acai_ray.complete(model, holed, generator)
        wrong_mm = 1000 * np.linalg.norm(completed.poses.numpy() - poses, axis=-1)[:, which].mean()
        known_mm = completed.error_mm.mean()
        print(f"{name}: {wrong_mm:.0f} mm from the true joints where missing, {known_mm:.0f} mm where known")
        for ax, pose, title in zip(row, (poses[0], holed[0], completed.poses[0].numpy()), TITLES, strict=True):
            draw_pose(ax, pose)
            ax.set_title(title.format(name), fontsize=8)
    figure.savefig(out / "completion.png", dpi=120)


TITLES = ("true pose", "without {}", "completed")


def interpolation(model, first, second, out):
    """From one pose to another in equal steps on the sphere, there and back."""
    path = model.interpolate(first[None], second[None], steps=40)[0].numpy()
    np.savez(out / "path.npz", poses=path)
    figure, axes = plt.subplots(1, 2, figsize=(5, 2.8), layout="constrained")
    stage(axes)
    lines = [draw_pose(ax, path[0], view, 2.5) for ax, view in zip(axes, ("front", "side"), strict=True)]

    def show(frame):
        for line, view in zip(lines, ("front", "side"), strict=True):
            line.set_segments(list(segments(frame, view)))

    FuncAnimation(figure, show, frames=[*path, *path[::-1]]).save(out / "path.gif", PillowWriter(fps=20))


def samples(model, generator, out):
    """Poses decoded from codes that are uniform on the sphere."""
    figure, axes = plt.subplots(3, 8, figsize=(9, 4.2), layout="constrained")
    stage(axes)
    for ax, pose in zip(axes.flat, model.sample(axes.size, generator).numpy(), strict=True):
        draw_pose(ax, pose)
    figure.savefig(out / "samples.png", dpi=120)


def onnx(model, poses, out):
    """Write the model as ONNX, and run it without torch."""
    import onnxruntime

    encoder, decoder = (onnxruntime.InferenceSession(str(path)) for path in acai_ray.export_onnx(model, out))
    (codes,) = encoder.run(None, {"poses": poses})
    (decoded,) = decoder.run(None, {"codes": codes})
    apart_um = 1e6 * np.abs(decoded - model.decode(model.encode(poses)).numpy()).max()
    print(f"onnxruntime: {len(poses)} poses encoded and decoded, at most {apart_um:.2g} µm from torch")


def main():
    """Run the example."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", help="models/<run_id> of a study")
    parser.add_argument("--data", default="synthetic", help="poses; test poses are taken (default: synthetic)")
    parser.add_argument("--out", type=Path, default=Path("prior"), help="folder for what it makes (default: prior)")
    parser.add_argument("--poses", type=int, default=200, help="poses that are completed (default: 200)")
    options = parser.parse_args()
    if options.poses < 2:
        parser.error(f"--poses is at least 2, but got {options.poses}")
    try:
        run(options)
    except acai_ray.UserError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except ModuleNotFoundError as error:
        print(f"error: the example needs {error.name}; pip install -c constraints.txt '.[onnx]'", file=sys.stderr)
        return 2
    return 0


def run(options):
    """Do all four."""
    model, data = acai_ray.load_model(options.model), acai_ray.poses.load(options.data)
    people = data.split("test").poses
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = np.random.default_rng(0).choice(len(people), min(options.poses, len(people)), replace=False)
    poses, generator = people[chosen], torch.Generator().manual_seed(0)
    completion(model, poses, generator, options.out)
    interpolation(model, poses[0], poses[1], options.out)
    samples(model, generator, options.out)
    onnx(model, poses, options.out)
    print(f"\nwritten to {options.out}: completion.png, path.gif, path.npz, samples.png, encoder.onnx, decoder.onnx")


if __name__ == "__main__":
    sys.exit(main())

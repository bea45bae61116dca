"""The subcommand `animate`: what saved models make of two poses, or of codes of their prior, in motion."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from acai_ray.common.errors import UserError
from acai_ray.data.preview import scene
from acai_ray.data.preview.walk import Walk, movie
from acai_ray.data.printable import printable
from acai_ray.models.pose_model import PoseModel, load_model
from acai_ray.poses import PoseSet
from acai_ray.poses.reading import read_poses
from acai_ray.poses.writing import written

RATE, SAMPLES_RATE = 15.0, 2.0
"""Pictures per second of a path, and of new poses."""
MOST_MODELS, MOST_STEPS, MOST_SAMPLES = 6, 300, 100
PAIRS = 500
"""Random pairs of poses of which the farthest is shown unless the poses are named."""


@dataclass(frozen=True)
class Scene:
    """What is shown: numbers of test poses, steps of a path, or how many new poses; the seed of what is drawn."""

    first: int | None
    last: int | None
    steps: int
    samples: int | None
    seed: int


def animate(folders: Sequence[Path], source: str, given: Mapping[str, Any], wanted: Scene, out: Path) -> int:
    """Write the animation.

    Raises:
        UserError: there is no such model, `load` refuses the data, a number is out of range, or the file cannot be
            written.
    """
    _refuse(folders, wanted, out)
    models = [load_model(folder) for folder in folders]
    shown = _samples(models, wanted) if wanted.samples else _path(models, read_poses(source, given), wanted)
    with written(out) as temporary:
        temporary.write_bytes(movie(shown, out.suffix))
    print(f"wrote {out}: {printable(shown.title)}, {len(models)} model{'s' * (len(models) > 1)}")
    return 0


def _path(models: Sequence[PoseModel], poses: PoseSet, wanted: Scene) -> Walk:
    """The path of each model between the codes of two test poses, there and back."""
    real = poses.split(poses.splits[-1])
    first, last = _ends(real, wanted)
    ends = real.poses[[first, last]]
    with torch.no_grad():
        there = torch.stack([model.interpolate(ends[:1], ends[1:], wanted.steps)[0] for model in models]).numpy()
    t = np.linspace(0, 1, wanted.steps + 1)
    captions = [f"t = {place:.2f}" for place in (*t, *t[-2:0:-1])]
    title = f"{_label(real, first)} → {_label(real, last)}"
    there_and_back = np.concatenate([there, there[:, -2:0:-1]], axis=1)
    return Walk(title, [model.title for model in models], there_and_back, captions, ends, RATE)


def _samples(models: Sequence[PoseModel], wanted: Scene) -> Walk:
    n = wanted.samples or 0
    with torch.no_grad():
        drawn = [model.sample(n, torch.Generator().manual_seed(wanted.seed)) for model in models]
    captions = [f"new pose {number} of {n}" for number in range(1, n + 1)]
    return Walk(
        "new poses", [model.title for model in models], torch.stack(drawn).numpy(), captions, None, SAMPLES_RATE
    )


def _ends(real: PoseSet, wanted: Scene) -> tuple[int, int]:
    """The two poses: those that were named, or those farthest apart of some random pairs."""
    for option, number in (("--from", wanted.first), ("--to", wanted.last)):
        if number is not None and not 0 <= number < len(real.poses):
            raise UserError(
                f"{option} must be the number of a test pose, 0 to {len(real.poses) - 1}, but is {number}; correct it"
            )
    pairs = np.random.default_rng(wanted.seed).integers(len(real.poses), size=(PAIRS, 2))
    if wanted.first is not None:
        pairs[:, 0] = wanted.first
    if wanted.last is not None:
        pairs[:, 1] = wanted.last
    a, b = pairs[_apart(real.poses[pairs[:, 0]], real.poses[pairs[:, 1]]).argmax()]
    return int(a), int(b)


def _apart(a: NDArray[np.float32], b: NDArray[np.float32]) -> NDArray[np.float32]:
    distance: NDArray[np.float32] = np.linalg.norm(a - b, axis=-1).mean(axis=1)
    return distance


def _label(poses: PoseSet, row: int) -> str:
    of_pose = poses.index.iloc[row]
    return scene.label_of([str(of_pose["subject"]), str(of_pose["action"]) or str(of_pose["sequence"])], 30)


def _refuse(folders: Sequence[Path], wanted: Scene, out: Path) -> None:
    if len(folders) > MOST_MODELS:
        raise UserError(f"at most {MOST_MODELS} models fit beside each other, but there are {len(folders)}; name fewer")
    for option, number, most in (("--steps", wanted.steps, MOST_STEPS), ("--samples", wanted.samples, MOST_SAMPLES)):
        if number is not None and not 1 <= number <= most:
            raise UserError(f"{option} must be 1 to {most}, but is {number}")
    if wanted.seed < 0:
        raise UserError(f"--seed must be at least 0, but got {wanted.seed}")
    if out.suffix not in (".gif", ".mp4"):
        raise UserError(f"--out must end in .gif or .mp4, but is {out}; rename it")
    if out.suffix == ".mp4" and not shutil.which("ffmpeg"):
        raise UserError("an .mp4 needs FFmpeg, which is not installed; install it, or write a .gif")

"""Reading 2.1 million poses, as many as Human3.6M has at 50 fps and 4 cameras: `python -m benchmarks.reading`.

The poses are fabricated. Each form is read in a process of its own, and compared with a bare `numpy.load` of the same
numbers. The memory is the most that the process held, without what its imports take, as a multiple of the size of the
poses (51 float32 each). The last line is JSON.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from acai_ray.poses import load
from acai_ray.poses.readers.human36m.conventions import JOINTS_17, N_RECORDED
from acai_ray.poses.writing import write_parquet

SUBJECTS = ("S1", "S5", "S6", "S7", "S8", "S9", "S11")

READ = """
import json, re, time
import numpy as np
import acai_ray.poses.loading
import acai_ray.poses as poses
held = lambda: int(re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read())[1])
before = held()
start = time.perf_counter()
read = {action}
seconds = time.perf_counter() - start
size = read.nbytes if isinstance(read, np.ndarray) else read.poses.nbytes
print(json.dumps({{"seconds": seconds, "memory": (held() - before) * 1024 / size, "poses": size // 204}}))
"""


def fabricate(count: int) -> NDArray[np.float32]:
    """`(count, 17, 3)` world poses, z up: the synthetic people repeated, each time with other small random errors."""
    people = load("synthetic", views=1).poses[:, :, [0, 2, 1]] * np.float32([1, 1, -1])
    rng = np.random.default_rng(0)
    poses = np.resize(people, (count, 17, 3))
    poses += rng.normal(scale=0.002, size=(count, 1, 3)).astype(np.float32)
    return poses


def write_all(folder: Path, count: int) -> dict[str, tuple[Path, str]]:
    """Write every form; returns for each the file and the Python expression that reads it."""
    world = fabricate(count)
    subject = np.arange(count) * len(SUBJECTS) // count
    camera_axes = world[..., [0, 2, 1]] * np.float32([1, -1, 1])
    plain, bare, parquet = folder / "plain.npz", folder / "bare.npz", folder / "converted.parquet"
    np.savez(bare, poses=camera_axes)
    np.savez(plain, poses=camera_axes, subject=subject, subject_names=SUBJECTS)
    whole = load(plain)
    write_parquet(whole, parquet)
    videopose = folder / "data_3d_h36m.npz"
    write_videopose(videopose, world[: count // 4], subject[::4][: count // 4])
    return {
        "numpy.load": (bare, "np.load({path!r})['poses']"),
        "plain npz": (plain, "poses.load({path!r})"),
        "parquet": (parquet, "poses.load({path!r})"),
        "VideoPose3D npz, 4 views": (videopose, "poses.load({path!r}, every=1)"),
    }


def write_videopose(path: Path, world: NDArray[np.float32], subject: NDArray[np.int64]) -> None:
    recorded = np.zeros((len(world), N_RECORDED, 3), dtype=np.float32)
    recorded[:, JOINTS_17] = world
    parts = {
        name: {f"Walking {take}": part for take, part in enumerate(np.array_split(recorded[subject == code], 30))}
        for code, name in enumerate(SUBJECTS)
    }
    np.savez_compressed(path, positions_3d=np.array(parts, dtype=object))


def measured(path: Path, action: str) -> dict[str, float]:
    program = READ.format(action=action.format(path=str(path)))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    numbers: dict[str, float] = json.loads(done.stdout)
    return numbers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--poses", type=int, default=2_100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        forms = write_all(Path(folder), options.poses)
        by_form = {name: measured(*form) for name, form in forms.items()}
    print(pd.DataFrame(by_form).T.to_string(float_format="{:.2f}".format))
    print(json.dumps(by_form))


if __name__ == "__main__":
    main()

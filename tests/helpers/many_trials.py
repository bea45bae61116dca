"""A search of many very small trials, killed and gone on with."""

import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import yaml

from acai_ray.sweep.space import Space
from tests.helpers import kills

SEEDS = 2


MB = 1e6


SPACE = {
    "search": {
        "latent_dim": {"choice": [4, 8]},
        "lambda": {"log_uniform": [0.001, 1.0]},
        "gamma": {"uniform": [0.0, 0.5]},
    },
    "seeds": SEEDS,
    "trial": {"epochs": 1, "steps_per_epoch": 5, "width": 16, "norm": "none", "critic_norm": "none", "lr": 1e-3},
    "evaluation": {
        "pairs": 20,
        "transitions": 10,
        "distance_pairs": 4,
        "distance_points": 3,
        "generated": 100,
        "targets": 30,
        "critic_draws": 50,
        "person_poses": 10,
        "person_draws": 2,
        "gallery": 4,
    },
}


class Look(NamedTuple):
    """What a driver held when so many trials were done."""

    done: int
    memory_mb: float
    files: int


def session(folder: Path, space: Space, *, until: int | None = None) -> list[Look]:
    """Run the sweep in `folder`, or go on with it; kill its driver once `until` of its search's trials are done.

    Returns:
        What the driver held, once a second.

    Raises:
        RuntimeError: it ended otherwise than well, or before it could be killed.
    """
    file = folder / "space.yaml"
    changed = {"trials": space.trials, "objectives": space.objectives}
    file.write_text(yaml.safe_dump(SPACE | changed), encoding="utf-8")
    words = ["-m", "acai_ray.tune", "--space", str(file), "--results", str(folder), "--study", "study"]
    looks = []
    with (folder / "errors.txt").open("w+") as errors:
        driver = psutil.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=errors)
        while driver.poll() is None:
            done = len(list(folder.glob("study/metrics/s*.parquet")))
            with suppress(psutil.Error):  # it ended just now
                looks.append(Look(done, driver.memory_info().rss / MB, driver.num_fds()))
            if until is not None and done >= until and ended(folder) >= until:
                driver.kill()
                driver.wait()
                return looks
            time.sleep(1.0)
        errors.seek(0)
        if driver.returncode or until is not None:
            raise RuntimeError(f"the sweep ended with {driver.returncode}: {errors.read()[-2000:]}")
    return looks


def ended(folder: Path) -> int:
    """How many trials of the search have all their tables, `runs` being the last."""
    runs = kills.runs_of(folder)
    return int(runs.loc[(runs["phase"] == "search") & (runs["status"] != "running"), "trial_id"].nunique())


def lost(folder: Path, count: int, finished: dict[Path, bytes]) -> list[str]:
    """What is not as it should be after a kill: each trial of the search once and done, finished files unchanged."""
    runs, after = kills.runs_of(folder), kills.finished_files(folder)
    search = runs[(runs["phase"] == "search") & (runs["status"] == "done")]
    sizes = search.groupby("trial_id")["run_id"].nunique()
    wrong = {
        f"{len(sizes)} trials of {count}": list(sizes.index) != [f"s{number:05d}" for number in range(count)],
        "a run is missing or stands twice": len(search) != SEEDS * count or not runs["run_id"].is_unique,
        "a suggestion was repeated": len(search[["latent_dim", "lam", "gamma"]].drop_duplicates()) != count,
    }
    changed = [f"{path.name} changed" for path, content in finished.items() if after.get(path) != content]
    return [*changed, *(text for text, is_so in wrong.items() if is_so)]

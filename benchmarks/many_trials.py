"""A search of very many very small trials against a bare Python loop: `python -m benchmarks.many_trials`.

What grows with the number of trials shows in the last hundred beside the first: seconds a trial, the driver's memory
and open files (a look every second). The driver is the command a user types; with `--kill` it is killed with −9 when
half of the search is done, and the same command goes on. The report follows. The loop runs a hundred of the same trials
in this process, one by one, without Ray, before the sweep and after it: what else the machine does changes, so the
first hundred are set beside the first loop and the last beside the last. Optuna's TPE takes longer with each trial, and
most with three objectives, of which `--objectives 1` keeps the first. The last line is JSON, in seconds a trial.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import torch
import yaml

from acai_ray import poses
from acai_ray.checkpoint import Place
from acai_ray.plan import Plan
from acai_ray.poses import PoseSet
from acai_ray.run_trial import run_trial
from acai_ray.space import DEFAULT_OBJECTIVES, Space
from acai_ray.trial import Trial
from acai_ray.yardstick import Yardstick
from benchmarks import kills

SEEDS = 2
PART = 100
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
        "targets": 50,
        "critic_draws": 50,
        "gallery": 4,
    },
}


def bare_loop(space: Space, people: PoseSet, count: int) -> float:
    """Seconds a trial without Ray."""
    plan, yardstick = Plan(space), Yardstick(people, space.evaluation)
    config = space.trial_config({"latent_dim": 4, "lambda": 0.1})
    with tempfile.TemporaryDirectory() as folder:
        _train(plan.add("search", config, plan.seeds), people, yardstick, folder)  # makes the reference sets
        start = time.perf_counter()
        for _ in range(count):
            _train(plan.add("search", config, plan.seeds), people, yardstick, folder)
        return (time.perf_counter() - start) / count


def _train(trial: Trial, people: PoseSet, yardstick: Yardstick, folder: str) -> None:
    for _ in run_trial(trial, people, yardstick, Place.at(folder)):
        pass


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
            if until is not None and done >= until:
                driver.kill()
                driver.wait()
                return looks
            time.sleep(1.0)
        errors.seek(0)
        if driver.returncode or until is not None:
            raise RuntimeError(f"the sweep ended with {driver.returncode}: {errors.read()[-2000:]}")
    return looks


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


def paces(study_dir: Path) -> tuple[float, float]:
    """Seconds a trial among the first and among the last hundred, by when their last file was written."""
    times = sorted(path.stat().st_mtime for path in (study_dir / "runs").glob("*.parquet"))
    part = min(PART, len(times) - 1)
    return (times[part] - times[0]) / part, (times[-1] - times[-1 - part]) / part


def analysed(study_dir: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of the analysis, as a command."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "acai_ray.analysis", str(study_dir)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"the analysis ended with {os.waitstatus_to_exitcode(status)}")
    return time.perf_counter() - start, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / MB


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=1000, help="of the search; vanilla twins come on top")
    parser.add_argument("--keep", type=Path, help="a folder for the study, which else is deleted")
    parser.add_argument("--objectives", type=int, default=3, help="how many objectives to keep (default: all three)")
    parser.add_argument("--kill", action="store_true", help="kill the driver when half of the search is done")
    options = parser.parse_args()
    torch.set_num_threads(1)
    people = poses.load("synthetic")
    objectives = dict(list(DEFAULT_OBJECTIVES.items())[: options.objectives])
    space = Space(**SPACE, trials=options.trials, objectives=objectives)
    plain = bare_loop(space, people, PART)
    print(f"bare loop: {plain:.3f} s a trial")
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        study_dir = folder / "study"
        start = time.perf_counter()
        looks, finished = [], dict[Path, bytes]()
        if options.kill:
            looks += session(folder, space, until=options.trials // 2)
            finished = kills.finished_files(folder)
            print(
                f"killed after {time.perf_counter() - start:.0f} s; {len(finished)} files of ended trials", flush=True
            )
        looks += session(folder, space)
        session_s = time.perf_counter() - start
        print(f"lost: {'; '.join(lost(folder, options.trials, finished)) or 'nothing'}", flush=True)
        first, last = paces(study_dir)
        plain_after = bare_loop(space, people, PART)
        print(f"bare loop again: {plain_after:.3f} s a trial")
        print(f"sweep: {session_s:.0f} s, {first:.3f} s a trial among the first {PART}, {last:.3f} among the last")
        print(f"of the bare loop at that time: {first / plain:.2f} and {last / plain_after:.2f}")
        early = next(look for look in looks if look.done >= min(PART, options.trials // 2))
        memory, files = max(look.memory_mb for look in looks), max(look.files for look in looks)
        print(
            f"driver: {early.memory_mb:.0f} MB and {early.files} open files after {early.done} trials, "
            f"{memory:.0f} MB and {files} files at most"
        )
        seconds, peak = analysed(study_dir)
        page = (study_dir / "report" / "index.html").read_text(encoding="utf-8")
    print(f"analysis: {seconds:.1f} s, {peak:.0f} MB; page {len(page) / MB:.1f} MB, {page.count('<tr'):,} table rows")
    ours = session_s / options.trials
    found = {"plain": plain, "plain_after": plain_after, "ours": ours, "first": first, "last": last}
    print(json.dumps({**found, "driver_mb": memory, "files": files, "analysis_s": seconds}))


if __name__ == "__main__":
    main()

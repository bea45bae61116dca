"""A search of very many very small trials, compared with a bare Python loop: `python -m benchmarks.many_trials`.

Whatever grows with the number of trials shows when the last hundred are compared with the first: seconds of a trial,
the driver's memory and open files (looked at every second). The driver is the command that a user types; with `--kill`
it is killed with −9 when half of the search is done, and the same command goes on. Then the study is analysed.

The loop runs a hundred of the same trials in this process, one by one, without Ray, once before the sweep and once
after it. The first hundred trials are compared with the first loop and the last hundred with the last, because a
machine may be busier at the end. Optuna's TPE takes longer with each trial, most of all with three objectives, of which
`--objectives 1` keeps the first. The last line is JSON, in seconds of a trial.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from acai_ray import poses
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses import PoseSet
from acai_ray.protocol.phases import Phase
from acai_ray.sweep.plan import Plan
from acai_ray.sweep.space import DEFAULT_OBJECTIVES, Space
from acai_ray.training.checkpoint import Place
from acai_ray.trials.run_trial import run_trial
from acai_ray.trials.trial import Trial
from tests.helpers.kills import finished_files
from tests.helpers.many_trials import MB, SPACE, lost, session

PART = 100


def bare_loop(space: Space, people: PoseSet, count: int) -> float:
    """Seconds of a trial without Ray."""
    plan, yardstick = Plan(space), Yardstick(people, space.evaluation)
    config = space.trial_config({"latent_dim": 4, "lambda": 0.1})
    with tempfile.TemporaryDirectory() as folder:
        _train(plan.add(Phase.SEARCH, config, plan.seeds), people, yardstick, folder)  # prepares the reference sets
        start = time.perf_counter()
        for _ in range(count):
            _train(plan.add(Phase.SEARCH, config, plan.seeds), people, yardstick, folder)
        return (time.perf_counter() - start) / count


def _train(trial: Trial, people: PoseSet, yardstick: Yardstick, folder: str) -> None:
    for _ in run_trial(trial, people, yardstick, Place.at(folder)):
        pass


def paces(study_dir: Path) -> tuple[float, float]:
    """Seconds of a trial among the first and among the last hundred, from the times when their files were written."""
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
    parser.add_argument("--trials", type=int, default=1000, help="trials of the search; vanilla twins come in addition")
    parser.add_argument("--keep", type=Path, help="a folder to keep the study in (default: it is deleted)")
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
            finished = finished_files(folder)
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
    seconds_a_trial = {"plain": plain, "plain_after": plain_after, "ours": ours, "first": first, "last": last}
    print(json.dumps({**seconds_a_trial, "driver_mb": memory, "files": files, "analysis_s": seconds}))


if __name__ == "__main__":
    main()

"""All trainings of the self-test, in one process for each core."""

import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial

from acai_ray.common.status_line import StatusLine
from acai_ray.common.trial_config import TrialConfig
from acai_ray.lines.arms import TWINS
from acai_ray.lines.training import Trained, train_one


def train_all(seeds: Sequence[int], config: TrialConfig, arms: Sequence[str] = TWINS) -> list[Trained]:
    """Train every arm with every seed, and show on the status line how many are done.

    Args:
        seeds: those of weights and batches, which the arms share.
        config: the plain twin's settings.
        arms: those of `arms.ARMS` in the order in which they are started.
    """
    n, status = len(seeds) * len(arms), StatusLine()
    workers = min(n, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    status.tell(f"training {n} autoencoders on images of lines, {workers} at a time")
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        tasks = [pool.submit(train_one, seed, arm, config) for arm in arms for seed in seeds]
        try:
            for done, _ in enumerate(as_completed(tasks), start=1):
                status.show(partial("{} of {} autoencoders trained".format, done, n))
            return [task.result() for task in tasks]
        finally:
            status.close()
            pool.shutdown(cancel_futures=True)

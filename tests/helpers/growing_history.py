"""A search whose history grows until the process is killed: `python -m tests.helpers.growing_history FOLDER`."""

import sys
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import optuna
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from acai_ray import store
from acai_ray.sweep.live_history import LiveHistory
from acai_ray.sweep.optuna_db import write_history
from tests.helpers.study_factory import Trial, build

EPOCHS = 10


def grown(folder: Path, trials: Iterator[int]) -> Iterator[float]:
    """Seconds that each trial costs: it begins, reports its epochs, and ends.

    Args:
        folder: where the study is made.
        trials: their numbers, from 0.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    build(folder, [Trial("g00000", "grid", 0.1, range(2))], split="valid")
    study = optuna.create_study(directions=["minimize", "maximize"])
    write_history(study, store.load(folder), ["one", "other"])
    live = LiveHistory(folder, study, print)
    given = {"params": {"lam": 0.1}, "distributions": {"lam": FloatDistribution(1e-3, 1.0, log=True)}}
    for number in trials:
        name = f"s{number:05d}"
        study.add_trial(create_trial(state=TrialState.RUNNING, user_attrs={"trial_id": name}, **given))
        started = time.perf_counter()
        live.catch_up()
        rows = [{"epoch": epoch, "valid_mpjpe_mm": 50.0 - epoch} for epoch in range(1, EPOCHS + 1)]
        for epoch in range(EPOCHS):
            live.add_epochs(name, rows[: epoch + 1])
        passed = time.perf_counter() - started
        study.tell(number, [0.5, 0.5])
        started = time.perf_counter()
        live.catch_up()
        yield passed + time.perf_counter() - started
    live.close()


if __name__ == "__main__":
    for _ in grown(Path(sys.argv[1]), count()):
        pass

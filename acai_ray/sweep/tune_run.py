"""The Tune run of a session: it hands the planner's trials to workers and their reports to the callback."""

import shutil
import tempfile
from pathlib import Path

from ray import tune as ray_tune

from acai_ray.sweep.planner import Planner
from acai_ray.sweep.ray_cluster import Resources
from acai_ray.sweep.rung_scheduler import RungScheduler
from acai_ray.sweep.space import Space
from acai_ray.sweep.trainable import PoseTrial
from acai_ray.sweep.writing_callback import WritingCallback
from acai_ray.training.compiled import Wanted
from acai_ray.trials.measured_data import MeasuredData

PROCESS_FAILURES = 10
"""How often a trial goes on after its process or node was lost: spot machines leave, and a trial may be long."""


def run_trials(
    space: Space,
    data: MeasuredData,
    storage: str,
    compiling: Wanted,
    resources: Resources,
    planner: Planner,
    callback: WritingCallback,
) -> None:
    """Run what the planner suggests, until it has nothing more.

    Args:
        space: the resolved search space.
        data: what the trials learn and are measured on; Ray keeps its poses once on each node, in shared memory.
        storage: where the trials' checkpoints go.
        compiling: whether training steps are compiled.
        resources: what a trial takes, and how many run at once.
        planner: suggests the trials.
        callback: writes what they report.

    Raises:
        OSError: a table, a model or a checkpoint cannot be written.
    """
    trainable = ray_tune.with_parameters(
        PoseTrial,
        data=data,
        storage=storage,
        objectives=space.judged,
        compiling=compiling,
        plugins=tuple(space.plugins),
        rungs=tuple(space.stop.at) if space.stop is not None else (),
        compared=tuple(space.objectives),
    )
    trainable = ray_tune.with_resources(trainable, {"cpu": resources.cpu, "gpu": resources.gpu})
    scratch = Path(tempfile.mkdtemp(prefix="acai-ray-tune-"))  # for Tune's own state, which is never used again
    try:
        ray_tune.Tuner(
            trainable,
            tune_config=ray_tune.TuneConfig(
                search_alg=planner,
                scheduler=RungScheduler(planner.rungs),
                num_samples=-1,  # the planner says when there is nothing more
                max_concurrent_trials=resources.concurrent,
                reuse_actors=True,
                trial_name_creator=lambda trial: trial.config["trial_id"],
                trial_dirname_creator=lambda trial: trial.config["trial_id"],
            ),
            run_config=ray_tune.RunConfig(
                name="study",
                storage_path=str(scratch),
                callbacks=[callback],
                failure_config=ray_tune.FailureConfig(max_failures=PROCESS_FAILURES),
                checkpoint_config=ray_tune.CheckpointConfig(checkpoint_at_end=False),
                verbose=0,
            ),
        ).fit()
        callback.check()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)

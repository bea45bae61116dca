"""One trial without Ray: what it goes on from."""

from pathlib import Path

import pytest

from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.poses import PoseSet
from acai_ray.training.checkpoint import Place
from acai_ray.training.state import TrainState
from acai_ray.trials.run_trial import run_trial
from acai_ray.trials.trial import Trial
from tests.helpers.training import small

SIZES = EvaluationConfig(pairs=10, transitions=5, distance_pairs=4, generated=50, targets=20, critic_draws=10)


@pytest.mark.parametrize("kept", ["checkpoint", "start"])
@pytest.mark.parametrize(("settings", "seed"), [({"gamma": 0.5}, 0), ({}, 1)])
def test_another_trials_state_is_refused(
    settings: dict[str, float], seed: int, kept: str, pose_set: PoseSet, tmp_path: Path
) -> None:
    state, place = TrainState.start(small(**settings), [seed]), Place.at(str(tmp_path))
    if kept == "checkpoint":
        place.save("s00000", state)
    trial = Trial("s00000", "search", small(), (0,))
    with pytest.raises(ValueError, match="settings and seeds it was started with, but these are another trial's"):
        next(run_trial(trial, pose_set, Yardstick(pose_set, SIZES), place, start=state if kept == "start" else None))

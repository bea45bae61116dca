"""One experiment from a YAML file, without Ray: the same trainer, tables and models as a study's trials."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from acai_ray.common.errors import UserError
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import Settings, parse
from acai_ray.common.trial_config import TrialConfig
from acai_ray.common.yaml_files import read_settings
from acai_ray.evaluation.yardstick import Yardstick, refuse_small_splits
from acai_ray.models.pose_model import load_model
from acai_ray.poses import PoseSet
from acai_ray.poses.description import describe
from acai_ray.store import lock, study_file
from acai_ray.training import compiled
from acai_ray.training.checkpoint import Place
from acai_ray.training.compiled import Wanted
from acai_ray.training.state import TrainState
from acai_ray.trials.records import Recorder, TrialEnd
from acai_ray.trials.run_trial import EpochEnd, run_trial
from acai_ray.trials.trial import Trial

TRIAL_ID = "e00000"

SHAPE = ("latent_dim", "width", "depth", "norm", "critic_norm", "critic", "optimizer")
"""Settings that must agree for a run to go on from another one's checkpoint."""


class Experiment(Settings):
    """An experiment file."""

    question: str = ""
    data: str = "synthetic"
    data_options: dict[str, Any] = Field(default_factory=dict)
    seeds: Annotated[int, Field(ge=1)] = 1
    start: str | None = Field(None, description="a saved model or a checkpoint folder to begin with")
    trial: TrialConfig
    evaluation: EvaluationConfig = EvaluationConfig()

    @field_validator("trial", mode="before")
    @classmethod
    def _given(cls, value: Any) -> Any:
        if isinstance(value, dict):
            missing = [
                name
                for name in ("latent_dim", "lambda", "gamma")
                if name not in value and (name != "lambda" or "lam" not in value)
            ]
            if missing:
                raise ValueError(
                    f"an experiment gives latent_dim, lambda and gamma, but this one lacks {', '.join(missing)}"
                )
        return value


def load_experiment(path: Path, **overrides: Any) -> Experiment:
    """Read an experiment file.

    Args:
        path: the YAML file.
        overrides: fields that replace the file's, as `config.read_settings` has them.

    Raises:
        UserError: the file, a key or a value is wrong.
    """
    return parse(Experiment, read_settings(path, **overrides), path.name)


def run(
    experiment: Experiment,
    poses: PoseSet,
    study_dir: Path,
    *,
    threads: int,
    device: str,
    compiling: Wanted = "auto",
    heard: Callable[[Trial, EpochEnd], None] | None = None,
) -> list[str]:
    """Run an experiment, or go on with it.

    Args:
        experiment: the settings.
        poses: the data.
        study_dir: `results/<study>`.
        threads: CPU threads of a new run.
        device: `cpu` or `cuda`.
        compiling: whether the training steps of a new run are compiled.
        heard: called after each epoch.

    Returns:
        How each member ended: `done`, `diverged` or `failed`.

    Raises:
        UserError: another experiment already has this study's name, or what to start from does not fit.
    """
    trial = Trial(TRIAL_ID, "single", experiment.trial, tuple(range(experiment.seeds)))
    refuse_small_splits(poses, experiment.evaluation)
    with lock(study_dir):
        place = Place.at(str((study_dir / "checkpoints").resolve()))
        start = None if place.newest(TRIAL_ID) else begin_with(experiment, trial, threads, device, compiling)
        before = study_file.begin(study_dir, experiment.model_dump(mode="json"), describe(poses, experiment.data))
        if len(before.runs) and (before.runs["status"] != "running").all():
            study_file.end(study_dir, "finished")
            return before.runs["status"].tolist()
        recorder = Recorder(study_dir, poses.fingerprint, place)
        recorder.created(trial)
        end: TrialEnd | None = None
        try:
            yardstick = Yardstick(poses, experiment.evaluation)
            for progress in run_trial(
                trial, poses, yardstick, place, threads=threads, device=device, compiling=compiling, start=start
            ):
                recorder.progressed(trial, progress.history)
                if heard is not None:
                    heard(trial, progress)
                end = progress.end or end
            assert end is not None
            recorder.ended(trial, end, keep_checkpoints=True)
        except BaseException:
            with suppress(OSError):  # what went wrong first is told
                study_file.end(study_dir, "interrupted")
            raise
        study_file.end(study_dir, "finished")
    return [member.status for member in end.members]


def begin_with(experiment: Experiment, trial: Trial, threads: int, device: str, compiling: Wanted) -> TrainState | None:
    """The state an experiment's `start` asks for: a model's weights in every member, or another run's checkpoint.

    Raises:
        UserError: it cannot be opened or has another shape.
    """
    if experiment.start is None:
        return None
    path = Path(experiment.start)
    if (path / "state.json").is_file():
        return _from_checkpoint(path, trial, device)
    model = load_model(path)
    _same_shape(path, model.config, trial.config, SHAPE[:-1])
    mode = compiled.mode(trial.config, compiling)
    state = TrainState.start(trial.config, trial.seeds, threads=threads, mode=mode, device=device)
    state.begin_with(model.networks.state_dict())
    return state


def _from_checkpoint(path: Path, trial: Trial, device: str) -> TrainState:
    state = Place.at(str(path.parent)).load(path.name, device)
    if state is None:
        raise UserError(f"a checkpoint must be whole, but {path} is damaged; take the one before it")
    _same_shape(path, state.config, trial.config, SHAPE)
    if state.seeds != trial.seeds:
        raise UserError(f"seeds must be those of the checkpoint, {len(state.seeds)}, but got {len(trial.seeds)}")
    state.change_settings(trial.config)
    return state


def _same_shape(path: Path, found: TrialConfig, wanted: TrialConfig, names: tuple[str, ...]) -> None:
    for name in names:
        if getattr(found, name) != getattr(wanted, name):
            raise UserError(
                f"{name} must be that of the start {path}, {getattr(found, name)}, but is {getattr(wanted, name)}"
            )

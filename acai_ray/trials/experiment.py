"""One experiment from a YAML file, without Ray, by the same trainer and into the same tables as a study's trials."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any

import torch
from pydantic import Field, field_validator

from acai_ray.common.errors import UserError
from acai_ray.common.evaluation_config import EvaluationConfig
from acai_ray.common.settings import Settings, parse
from acai_ray.common.trial_config import SHAPE, TrialConfig
from acai_ray.common.yaml_files import read_settings
from acai_ray.evaluation.yardstick import Yardstick, refuse_small_splits
from acai_ray.models.networks import network_of
from acai_ray.models.pose_model import load_model
from acai_ray.poses import PoseSet
from acai_ray.poses.description import describe
from acai_ray.protocol.arms import Arm
from acai_ray.protocol.phases import Phase
from acai_ray.protocol.statuses import RunStatus
from acai_ray.store import Session
from acai_ray.training import compiled
from acai_ray.training.checkpoint import Place
from acai_ray.training.compiled import Wanted
from acai_ray.training.regularizers import described, refuse_unfit, with_defaults
from acai_ray.training.state import TrainState
from acai_ray.trials.out_of_memory import why
from acai_ray.trials.plugins import with_plugins
from acai_ray.trials.run_trial import EpochEnd, run_trial
from acai_ray.trials.trial import Trial, trial_name
from acai_ray.trials.trial_end import TrialEnd
from acai_ray.trials.trial_writer import TrialWriter

TRIAL_ID = trial_name(Phase.SINGLE, 0)

OnEpoch = Callable[[EpochEnd], None]


class Experiment(Settings):
    """An experiment file.

    Attributes:
        question: what the experiment shall answer.
        data: where the poses come from.
        data_options: fields of `poses.LoadOptions`.
        plugins: modules that bring regularizers or networks of a user's own. A file lists their names; here stands the
            hash of each one's source.
        seeds: how many seeds are trained together.
        start: a saved model or a checkpoint folder to begin with; none for fresh weights.
        trial: the settings.
        evaluation: sizes of the evaluation.
    """

    question: str = ""
    data: str = "synthetic"
    data_options: dict[str, Any] = Field(default_factory=dict)
    plugins: dict[str, str] = Field(default_factory=dict)
    seeds: Annotated[int, Field(ge=1)] = 1
    start: str | None = Field(None, description="a saved model or a checkpoint folder to begin with")
    trial: TrialConfig
    evaluation: EvaluationConfig = EvaluationConfig()

    @property
    def as_trial(self) -> Trial:
        """The one trial it is."""
        return Trial(TRIAL_ID, Phase.SINGLE, self.trial, tuple(range(self.seeds)))

    @field_validator("trial", mode="before")
    @classmethod
    def _given(cls, value: Any) -> Any:
        if isinstance(value, dict):
            needed = ["latent_dim", "lambda", *(["gamma"] if value.get("regularizer", Arm.ACAI) == Arm.ACAI else [])]
            missing = [name for name in needed if name not in value and (name != "lambda" or "lam" not in value)]
            if missing:
                wanted = f"{', '.join(needed[:-1])} and {needed[-1]}"
                raise ValueError(f"an experiment gives {wanted}, but this one lacks {', '.join(missing)}")
            return with_defaults(value)
        return value

    @field_validator("trial")
    @classmethod
    def _fitting(cls, config: TrialConfig) -> TrialConfig:
        refuse_unfit(config)
        network_of(config)
        return config


def load_experiment(path: Path, **overrides: Any) -> Experiment:
    """Read an experiment file.

    Args:
        path: the YAML file.
        overrides: fields that replace the file's, as `yaml_files.read_settings` has them.

    Raises:
        UserError: the file, a key or a value is wrong.
    """
    settings = read_settings(path, **overrides)
    return parse(Experiment, with_plugins(settings, path.parent), path.name)


def run(
    experiment: Experiment,
    poses: PoseSet,
    study_dir: Path,
    *,
    threads: int,
    device: str,
    compiling: Wanted = "auto",
    on_epoch: OnEpoch | None = None,
) -> list[str]:
    """Run an experiment, or go on with it.

    Args:
        experiment: the settings.
        poses: the data.
        study_dir: `results/<study>`.
        threads: CPU threads of a new run.
        device: `cpu` or `cuda`; models are measured there, too.
        compiling: whether the training steps of a new run are compiled.
        on_epoch: called with what the trial says, once its history is written.

    Returns:
        How each member ended: `done`, `diverged` or `failed`.

    Raises:
        UserError: another experiment already has this study's name, what to start from does not fit, or the GPU's
            memory is too small.
    """
    trial = experiment.as_trial
    refuse_small_splits(poses, experiment.evaluation)
    with Session.open(study_dir) as session:
        place = Place.at(str((study_dir / "checkpoints").resolve()))
        start = None if place.newest(TRIAL_ID) else begin_with(experiment, trial, threads, device, compiling)
        settings, data = experiment.model_dump(mode="json"), describe(poses, experiment.data)
        parts = described([experiment.trial.regularizer])
        with session.begin(settings, data, regularizers=parts) as before:
            if len(before.runs) and (before.runs["status"] != RunStatus.RUNNING).all():
                return before.runs["status"].tolist()
            writer = TrialWriter(study_dir, poses.fingerprint, place)
            writer.write_begin(trial)
            yardstick = Yardstick(poses, experiment.evaluation, device)
            epochs = run_trial(
                trial, poses, yardstick, place, threads=threads, device=device, compiling=compiling, start=start
            )
            end = _write_epochs(writer, trial, epochs, on_epoch)
            writer.write_end(trial, end, keep_checkpoints=True)
    return [str(member.status) for member in end.members]


def _write_epochs(writer: TrialWriter, trial: Trial, epochs: Iterator[EpochEnd], on_epoch: OnEpoch | None) -> TrialEnd:
    """Write the history after each epoch; returns how the trial ended."""
    end: TrialEnd | None = None
    try:
        for epoch_end in epochs:
            writer.write_history(trial, epoch_end.history)
            if on_epoch is not None:
                on_epoch(epoch_end)
            end = epoch_end.end or end
    except torch.OutOfMemoryError as error:
        raise UserError(why(error)) from None
    assert end is not None, "the last epoch brings the end"
    return end


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
    _same_shape(path, model.config, trial.config, SHAPE)
    mode = compiled.mode(trial.config, compiling)
    state = TrainState.start(trial.config, trial.seeds, threads=threads, mode=mode, device=device)
    state.begin_with({name: value[None] for name, value in model.weights.items()})
    return state


def _from_checkpoint(path: Path, trial: Trial, device: str) -> TrainState:
    state = Place.at(str(path.parent)).load(path.name, device)
    if state is None:
        raise UserError(f"a checkpoint must be whole, but {path} is damaged; take the one before it")
    _same_shape(path, state.config, trial.config, (*SHAPE, "optimizer"))
    if state.seeds != trial.seeds:
        raise UserError(f"seeds must be those of the checkpoint, {len(state.seeds)}, but got {len(trial.seeds)}")
    state.change_settings(trial.config)
    return state


def _same_shape(path: Path, of_start: TrialConfig, wanted: TrialConfig, names: tuple[str, ...]) -> None:
    for name in names:
        if getattr(of_start, name) != getattr(wanted, name):
            raise UserError(
                f"{name} must be that of the start {path}, {getattr(of_start, name)}, but is {getattr(wanted, name)}"
            )

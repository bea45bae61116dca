"""Running one trial, epoch by epoch: from its newest checkpoint to its measured end; without Ray."""

import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import torch

from acai_ray.common.frames import Row
from acai_ray.evaluation import Evaluation
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.poses import PoseSet
from acai_ray.protocol.statuses import RunStatus
from acai_ray.training import compiled
from acai_ray.training.checkpoint import Place
from acai_ray.training.state import TrainState
from acai_ray.training.trainer import train
from acai_ray.trials.measurement import Measurement, measure
from acai_ray.trials.rung_measurement import RungMeasurement
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import MemberEnd, TrialEnd, Where


@dataclass(frozen=True)
class EpochEnd:
    """What a trial says after each epoch, and once more when it is measured.

    Attributes:
        epoch: epochs trained so far; 0 for a control that needs no training.
        history: all rows of the `history` table so far.
        end: how the trial ended; only the measurement, which is said last, brings it.
        objectives: with the end, means over the seeds by metric; none where a seed diverged or failed.
        note: what the user should know, else empty: the first epoch after a resumption says which checkpoints were
            damaged.
        if_stopped: how the trial ends if the search stops it here; only where it has reached a rung.
    """

    epoch: int
    history: list[Row]
    end: TrialEnd | None = None
    objectives: dict[str, float] | None = None
    note: str = ""
    if_stopped: TrialEnd | None = None


def run_trial(
    trial: Trial,
    poses: PoseSet,
    yardstick: Yardstick,
    place: Place,
    *,
    threads: int = 1,
    device: str = "cpu",
    compiling: compiled.Wanted = "auto",
    objectives: tuple[str, ...] = (),
    start: TrainState | None = None,
    rungs: RungMeasurement | None = None,
) -> Iterator[EpochEnd]:
    """Train a trial, from its newest checkpoint if there is one, then evaluate its last epoch.

    The last epoch is said before its evaluation, which may take long, and again with what the evaluation gave.
    A control that needs no training is only measured. A trial whose newest checkpoint stands at a rung or at the end
    says so again before it goes on, because what was decided or shown there may have been lost.

    Args:
        trial: settings and seeds.
        poses: the data.
        yardstick: what to measure on, and where.
        place: where a checkpoint is written after each epoch.
        threads: CPU threads, unless a checkpoint says otherwise.
        device: where to train.
        compiling: whether the steps are compiled, unless a checkpoint says otherwise.
        objectives: names of metrics to bring along, each the mean over seeds.
        start: the state to begin with where there is no checkpoint; a fresh one unless given.
        rungs: what is measured after some epochs, in a trial that the search may stop there.

    Raises:
        ValueError: the checkpoint or `start` is of other settings or seeds than the trial's.
    """
    if not trial.trained:
        yield _measured_control(trial, yardstick)
        return
    state = place.newest(trial.trial_id, device)
    note = _passed_over(trial, place, state)
    state = state or start
    mode = compiled.mode(trial.config, compiling)
    state = state or TrainState.start(trial.config, trial.seeds, threads=threads, mode=mode, device=device)
    if (state.config, state.seeds) != (trial.config, trial.seeds):
        raise ValueError(
            "a state goes on with the settings and seeds it was started with, but these are another trial's; start a "
            "new one, or give the study a storage of its own"
        )
    if state.finished or (rungs is not None and rungs.due(state)):
        yield _epoch_end(trial, state, rungs, note)
        note = ""
    for _ in train(poses, state):
        if rungs is not None and rungs.due(state):
            rungs.add(state)
        place.save(trial.trial_id, state)
        yield _epoch_end(trial, state, rungs, note)
        note = ""
    started = time.perf_counter()
    models = {
        member: PoseModel.of_member(state.networks, member, trial.config).to(yardstick.device)
        for member, reason in enumerate(state.diverged)
        if not reason
    }
    measured = measure(trial, models, yardstick)
    state.took(time.perf_counter() - started)
    yield EpochEnd(
        state.epoch,
        history_rows(trial, state),
        end=_end(trial, state, measured),
        objectives=_objectives(state, measured.evaluations, objectives),
        note=note,
    )


def _epoch_end(trial: Trial, state: TrainState, rungs: RungMeasurement | None, note: str) -> EpochEnd:
    """What a trial says after an epoch."""
    at_rung = rungs is not None and rungs.due(state)
    return EpochEnd(
        state.epoch, history_rows(trial, state), note=note, if_stopped=_if_stopped(state) if at_rung else None
    )


def _if_stopped(state: TrainState) -> TrialEnd:
    """How a trial ends if it is stopped where it stands; who stops it gives the reason."""
    members = [
        MemberEnd(RunStatus.DIVERGED if reason else RunStatus.STOPPED, reason, epochs)
        for reason, epochs in zip(state.diverged, state.member_epochs, strict=True)
    ]
    return TrialEnd(members, state.wall_s, _where(state))


def _where(state: TrainState) -> Where:
    return Where(_device_name(state.device), socket.gethostname(), state.threads, state.mode)


def _passed_over(trial: Trial, place: Place, state: TrainState | None) -> str:
    """A sentence on checkpoints newer than the one the trial goes on from, which are half-written or damaged."""
    reached = state.epoch if state is not None else 0
    lost = [str(epoch) for epoch in place.epochs(trial.trial_id) if epoch > reached]
    goes_on = f"goes on from epoch {reached}" if reached else "begins anew"
    return f"{trial.trial_id} {goes_on}: no whole checkpoint of epoch {', '.join(lost)}" if lost else ""


def _measured_control(trial: Trial, yardstick: Yardstick) -> EpochEnd:
    """The only report of a control that needs no training: it is measured at once."""
    started = time.perf_counter()
    tables = measure(trial, {}, yardstick).tables(trial)
    where = Where(_device_name(yardstick.device), socket.gethostname(), torch.get_num_threads(), "eager")
    return EpochEnd(0, [], TrialEnd([MemberEnd(RunStatus.DONE)], time.perf_counter() - started, where, tables))


def history_rows(trial: Trial, state: TrainState) -> list[Row]:
    """The trial's rows of `history` so far."""
    return [
        {"run_id": trial.run_id(seed), **row}
        for seed, rows in zip(trial.seeds, state.history, strict=True)
        for row in rows
    ]


def _end(trial: Trial, state: TrainState, measured: Measurement) -> TrialEnd:
    members = []
    for member, epochs in enumerate(state.member_epochs):
        reason = measured.failures.get(member, state.diverged[member])
        members.append(MemberEnd(_status(member, measured), reason, epochs))
    tables = {**measured.tables(trial), "history": history_rows(trial, state)}
    return TrialEnd(members, state.wall_s, _where(state), tables)


def _status(member: int, measured: Measurement) -> RunStatus:
    """What became of a member: one that was not even measured has diverged."""
    if member in measured.evaluations:
        return RunStatus.DONE
    return RunStatus.FAILED if member in measured.failures else RunStatus.DIVERGED


def _objectives(
    state: TrainState, evaluations: dict[int, Evaluation], names: tuple[str, ...]
) -> dict[str, float] | None:
    """Means over the seeds; none where a seed diverged or failed, so that such a trial never looks good."""
    if len(evaluations) < len(state.seeds):
        return None
    means = {}
    for name in names:
        values = [evaluation.objective(name) for evaluation in evaluations.values()]
        known = [value for value in values if value is not None]
        if len(known) < len(values):
            return None
        means[name] = sum(known) / len(known)
    return means


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type

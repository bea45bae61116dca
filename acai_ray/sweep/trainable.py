"""The Tune trainable: one epoch a step; to go on after a loss it needs only its own checkpoints."""

from collections.abc import Iterator
from copy import copy
from typing import Any

import torch
from ray import tune as ray_tune

from acai_ray.common.errors import describe
from acai_ray.common.files import WriteError
from acai_ray.sweep.reports import Report, pack
from acai_ray.training.checkpoint import Place
from acai_ray.training.compiled import Wanted
from acai_ray.trials.measured_data import MeasuredData, Prepared
from acai_ray.trials.out_of_memory import why
from acai_ray.trials.plugins import import_plugins
from acai_ray.trials.run_trial import EpochEnd, run_trial
from acai_ray.trials.rung_measurement import RungMeasurement
from acai_ray.trials.trial import Trial
from acai_ray.trials.trial_end import TrialEnd


class PoseTrial(ray_tune.Trainable):  # type: ignore[misc]
    """Trains and measures one trial of a study; the same process then takes the next trial.

    Tune's own checkpoints are not used: whatever ends the process, a new one finds the trial's newest valid checkpoint.
    """

    def setup(
        self,
        config: dict[str, Any],
        data: MeasuredData | None = None,
        storage: str = "",
        objectives: tuple[str, ...] = (),
        compiling: Wanted = "auto",
        plugins: tuple[str, ...] = (),
        rungs: tuple[int, ...] = (),
        compared: tuple[str, ...] = (),
    ) -> None:
        """Prepare what the trials of this process share, then begin with the first."""
        assert data is not None
        self._data, self._checkpoints = copy(data), storage
        self._objectives, self._compiling, self._plugins = objectives, compiling, plugins
        self._rungs, self._compared = rungs, compared
        self._begin(config)

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Begin with another trial."""
        self._begin(new_config)
        return True

    def _begin(self, config: dict[str, Any]) -> None:
        self._setup_error = ""
        try:
            self._prepare(config)
        except Exception as error:  # raised here, it would make Tune start one process after the other
            self._setup_error = describe(error)

    def _prepare(self, config: dict[str, Any]) -> None:
        resources = self.trial_resources
        gpu = float(resources.required_resources.get("GPU", 0)) if resources else 0.0
        cpu = float(resources.required_resources.get("CPU", 1)) if resources else 1.0
        import_plugins(self._plugins)
        self._trial = Trial.of_config(config)
        device = device_of(gpu)
        prepared = self._data.of(self._trial.fold, device)
        self._epochs: Iterator[EpochEnd] = run_trial(
            self._trial,
            prepared.poses,
            prepared.yardstick,
            Place.at(self._checkpoints),
            threads=max(1, int(cpu)),
            device=device,
            compiling=self._compiling,
            objectives=self._objectives,
            rungs=self._rung_measurement(prepared),
        )

    def _rung_measurement(self, prepared: Prepared) -> RungMeasurement | None:
        """What the trial is compared by at the rungs; none where it is never stopped."""
        if not self._rungs or not self._trial.may_be_stopped:
            return None
        return RungMeasurement(self._rungs, self._compared, prepared.rung_yardstick)

    def step(self) -> dict[str, Any]:
        """One epoch, the last with the evaluation; a packed `Report`.

        An exception ends the trial and is reported, not raised, which would make Tune repeat the trial: only the loss
        of a process deserves that. What would befall every trial (`setup`, writing a checkpoint) stops the session.

        Raises:
            RuntimeError: a CUDA error, after which this process can no longer use its GPU; another process goes on.
        """
        return pack(self._next_report())

    def _next_report(self) -> Report:
        if self._setup_error:
            return Report(stop=f"a trial could not be prepared ({self._setup_error})")
        try:
            return Report.of_epoch(next(self._epochs))
        except WriteError as error:
            return Report(stop=str(error))
        except OSError as error:
            return Report(stop=f"a checkpoint is out of reach ({describe(error)})")
        except Exception as error:
            if isinstance(error, RuntimeError) and "CUDA error" in str(error):
                raise
            return Report(end=TrialEnd.failed(self._trial, why(error)))


def device_of(gpu: float) -> str:
    """The CPU, or the GPU that Ray assigned, limited to the assigned share of its memory."""
    if gpu == 0 or not torch.cuda.is_available():
        return "cpu"
    torch.cuda.set_per_process_memory_fraction(min(1.0, gpu))
    return "cuda"

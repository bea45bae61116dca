"""Measuring the models of one trial: its rows of the store's tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acai_ray.common.frames import Row
from acai_ray.evaluation import Evaluation, at_smaller_sizes, evaluate, evaluate_control, shrunk
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.trials.out_of_memory import why
from acai_ray.trials.trial import CHAOS, SHRUNK, Trial

TABLES = ("metrics", "curves", "subjects", "gallery")
"""The tables that an `Evaluation` has rows of; its attributes have the same names."""


@dataclass
class Measurement:
    """What measuring a trial gave.

    Attributes:
        evaluations: by member, of those that could be measured.
        failures: by member, why the others could not.
        sensitivity: rows of that table, with `run_id`: one member's metrics at smaller sample sizes.
    """

    evaluations: dict[int, Evaluation] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    sensitivity: list[Row] = field(default_factory=list)

    def tables(self, trial: Trial) -> dict[str, list[Row]]:
        """Rows by table, with `run_id`."""
        tables = {
            table: [
                {"run_id": trial.run_id(trial.seeds[member]), **row}
                for member, evaluation in self.evaluations.items()
                for row in getattr(evaluation, table)
            ]
            for table in TABLES
        }
        return {**tables, "sensitivity": self.sensitivity}


def measure(trial: Trial, models: Mapping[int, PoseModel], yardstick: Yardstick) -> Measurement:
    """Measure a trial.

    Args:
        trial: a trained one, or a control.
        models: by member, those that were trained to the end.
        yardstick: what to measure on.
    """
    measurement = Measurement()
    if not trial.trained:
        measurement.evaluations[0] = evaluate_control(trial.control, trial.config, yardstick)
    for member, model in models.items():
        try:
            _measure_member(measurement, trial, member, model, yardstick)
        except Exception as error:  # one member's failure must not cost the others' results
            measurement.evaluations.pop(member, None)
            measurement.failures[member] = why(error)
    return measurement


def _measure_member(
    measurement: Measurement, trial: Trial, member: int, model: PoseModel, yardstick: Yardstick
) -> None:
    measured = shrunk(model, yardstick) if trial.control == SHRUNK else model
    evaluation = measurement.evaluations[member] = evaluate(measured, yardstick)
    if trial.control == CHAOS and member == 0:
        run_id = trial.run_id(trial.seeds[0])
        rows = at_smaller_sizes(model, yardstick, evaluation)
        measurement.sensitivity = [{"run_id": run_id, **row} for row in rows]

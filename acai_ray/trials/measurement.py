"""Measuring the models of one trial: its rows of the store's tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from acai_ray.common.errors import describe
from acai_ray.evaluation import Evaluation, at_smaller_sizes, evaluate, evaluate_control, shrunk
from acai_ray.evaluation.metric_rows import Row
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.trials.trial import CHAOS, SHRUNK, Trial

TABLES = ("metrics", "curves", "subjects", "gallery")


@dataclass
class Measurement:
    """Members' evaluations, why those that failed did, and one member's metrics by sample size."""

    evaluations: dict[int, Evaluation] = field(default_factory=dict)
    failures: dict[int, str] = field(default_factory=dict)
    sensitivity: list[Row] = field(default_factory=list)

    def tables(self, trial: Trial) -> dict[str, list[Row]]:
        """Rows by table, with `run_id`."""
        found = {
            table: [
                {"run_id": trial.run_id(trial.seeds[member]), **row}
                for member, evaluation in self.evaluations.items()
                for row in getattr(evaluation, table)
            ]
            for table in TABLES
        }
        return {**found, "sensitivity": self.sensitivity}


def measure(trial: Trial, models: Mapping[int, PoseModel], yardstick: Yardstick) -> Measurement:
    """Measure a trial.

    Args:
        trial: a trained one, or a control.
        models: by member, those that were trained to the end.
        yardstick: on what.
    """
    found = Measurement()
    if not trial.trained:
        found.evaluations[0] = evaluate_control(trial.control, trial.config, yardstick)
    for member, model in models.items():
        measured = shrunk(model, yardstick) if trial.control == SHRUNK else model
        try:
            found.evaluations[member] = evaluate(measured, yardstick)
            if trial.control == CHAOS and member == 0:
                run_id, whole = trial.run_id(trial.seeds[0]), found.evaluations[0]
                found.sensitivity = [{"run_id": run_id, **row} for row in at_smaller_sizes(model, yardstick, whole)]
        except Exception as error:  # one member's end must not cost the others' results
            found.evaluations.pop(member, None)
            found.failures[member] = describe(error)
    return found

"""What a search compares at its rungs, measured of a trial in training and kept in its history."""

import time
from dataclasses import dataclass

from acai_ray.evaluation.rung_sample import quick_values
from acai_ray.evaluation.yardstick import Yardstick
from acai_ray.models.pose_model import PoseModel
from acai_ray.training.state import TrainState


@dataclass(frozen=True)
class RungMeasurement:
    """What is measured of a trial, and when.

    Attributes:
        epochs: after which.
        names: the metrics.
        yardstick: the small sample on which.
    """

    epochs: tuple[int, ...]
    names: tuple[str, ...]
    yardstick: Yardstick

    def due(self, state: TrainState) -> bool:
        """Whether a trial stands at a rung, and still has epochs to train."""
        return state.epoch in self.epochs and not state.finished

    def add(self, state: TrainState) -> None:
        """Measure each member that is left, into its newest row of the history; nothing else of the state changes.

        What cannot be measured is left out, since it shall not cost the trial: it is then behind all that was measured.
        """
        started = time.perf_counter()
        for member in state.members_left:
            state.add_to_newest(member, self._of_member(state, member))
        state.took(time.perf_counter() - started)

    def _of_member(self, state: TrainState, member: int) -> dict[str, float]:
        model = PoseModel.of_member(state.networks, member, state.config).to(self.yardstick.device)
        try:
            values = quick_values(model, self.yardstick, self.names)
        except Exception:  # a decoder in training may give what some metric refuses
            values = {}
        return {column_of(name): value for name, value in values.items()}


def column_of(name: str) -> str:
    """The column of `history` for a metric at the rungs."""
    return f"rung_{name}"
